"""The local family itself, and what its leaves have in common."""

from plexctl.command import Family
from plexctl.render.table import Column, time_cell

family = Family(
    "local",
    "A control plane and a signer on this machine, with the rules of the real ones and nothing to set up. "
    "For development: it listens on loopback only, and its operators' tokens are in its data directory.",
)

COLUMNS = (
    Column("URL", "url"),
    Column("SIGNER_ENDPOINT", "signer_endpoint"),
    Column("PID", "pid"),
    Column("STARTED_AT", "started_at", time_cell),
    Column("DATA_DIR", "data_dir"),
)
STATUS_COLUMNS = (*COLUMNS, Column("IDP_BINDING_ID", "idp_binding_id"))
PLANE = "local.running:Running"
EXIT_CODES = (0, 1, 2)
