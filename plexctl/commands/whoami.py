"""whoami: the principal behind a bearer token."""

from typing import TYPE_CHECKING

from plexctl.command import Contract, make_leaf
from plexctl.invocation import Invocation
from plexctl.render.table import Column
from plexctl.tree import TREE

if TYPE_CHECKING:
    from plexctl.wire import Whoami


def _methods(who: "Whoami") -> str | None:
    return ",".join(who.amr or ()) or None


COLUMNS = (
    Column("PRINCIPAL", "principal_type"),
    Column("SUBJECT", "subject"),
    Column("DOMAIN", "domain_id"),
    Column("ACR", "acr"),
    Column("AMR", _methods),
)


def whoami(run: Invocation) -> None:
    run.show(run.api.whoami(), COLUMNS)


command = make_leaf(
    "whoami",
    TREE["whoami"].summary,
    Contract(
        columns=COLUMNS,
        document="wire:Whoami",
        id_field="subject",
        examples=("plexctl whoami", "plexctl whoami -o json"),
    ),
    whoami,
)
