"""What a new plane holds: three Domains, three principals with their bearers, and one signing key per scope."""

import base64
import contextlib
import json
from pathlib import Path

from plexctl import private_files
from plexctl.local.bearers import BEARERS_FILE, read_bearers
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.signing import keys
from plexctl.local.control.tenancy import domains, reachability_policy
from plexctl.local.data_directory import ROOT_KEY
from plexctl.local.plane_error import PUT_BACK, PlaneError
from plexctl.local.vault import Vault

BEARER_LENGTH = 32  # random bytes

GRANTS = {"admin": "admin", "viewer": "viewer", "outsider": None}  # principal → relation on the platform
DOMAINS = (
    ("acme-corp", "Acme Corp", "10.50.0.0/24"),
    ("beta-llc", "Beta LLC", "10.51.0.0/24"),
    ("gamma-cooperative", "Gamma Cooperative", "10.52.0.0/24"),
)


def ensure(control: Control, data_dir: Path) -> None:
    """Seed a new plane; leave a seeded one as its operator has changed it since.

    The bearers' file is written first, then the database in one transaction, so that the next start completes what a
    kill in between has left.

    Raises: PlaneError if the bearers' file is damaged or the root key is another plane's; StoreError; OSError.
    """
    if not (data_dir / BEARERS_FILE).exists():
        with contextlib.suppress(FileExistsError):
            private_files.create(data_dir / BEARERS_FILE, _new_bearers(control.vault))
    bearers = read_bearers(data_dir)
    with control.write(None) as tx:
        if tx.execute("SELECT 1 FROM principals").fetchone() is None:
            _insert_all(tx, bearers)
        _check_root_key(tx, data_dir / ROOT_KEY)
        for name, bearer in bearers.items():  # the file decides: it may be newer than the database
            tx.execute(
                "UPDATE principals SET bearer_fingerprint = ? WHERE name = ?",
                (tx.vault.fingerprint("bearer", bearer), name),
            )


def _new_bearers(vault: Vault) -> bytes:
    bearers = {name: _new_bearer(vault, name) for name in GRANTS}
    return json.dumps(bearers, indent=2).encode() + b"\n"


def _new_bearer(vault: Vault, name: str) -> str:
    secret = base64.urlsafe_b64encode(vault.random_bytes(BEARER_LENGTH)).rstrip(b"=").decode()
    return f"plexlocal_{name}_{secret}"


def _insert_all(tx: Transaction, bearers: dict[str, str]) -> None:
    for name, relation in GRANTS.items():
        _add_principal(tx, name, relation, bearers[name])
    keys.create_key(tx, "platform", domains.FIRST_KEY_ID)
    for slug, name, mesh_cidr in DOMAINS:
        columns = {"slug": slug, "name": name, "description": "", "region": None, "mesh_cidr": mesh_cidr}
        domains.insert(tx, columns | reachability_policy.DEFAULT)


def _check_root_key(tx: Transaction, path: Path) -> None:
    """Refuse a root key that does not open this plane's secrets now, rather than when the first one is needed."""
    try:
        keys.private_key(tx.vault, keys.current_key(tx, "platform"))
    except Refusal:
        detail = f"{path} is not the key that this plane's secrets are wrapped with"
        raise PlaneError("Damaged Plane", detail, PUT_BACK) from None


def _add_principal(tx: Transaction, name: str, relation: str | None, bearer: str) -> None:
    principal_id = tx.new_id()
    tx.execute(
        "INSERT INTO principals (id, name, email, bearer_fingerprint) VALUES (?, ?, ?, ?)",
        (principal_id, name, f"{name}@plexsphere.localhost", tx.vault.fingerprint("bearer", bearer)),
    )
    if relation is not None:
        tx.execute(
            "INSERT INTO grants (principal_id, object_kind, object_id, relation) VALUES (?, 'platform', '', ?)",
            (principal_id, relation),
        )
