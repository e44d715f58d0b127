"""A small Domain to try mesh rules on: principals, one Project, and Nodes put into the database directly."""

import base64
import os
from ipaddress import ip_address
from uuid import UUID

from plexctl.identifiers import uuid7
from plexctl.local.control.base.relations import Principal
from plexctl.local.control.base.transaction import Control, Transaction
from plexctl.local.control.mesh import node_secret
from plexctl.local.control.mesh.deliveries import NodeRegistered
from plexctl.local.control.signing import keys
from plexctl.local.control.worker import deliver_due
from tests.local import database
from tests.plane import public_key

MINUTE = 60 * 1_000_000


class World:
    """`admin` manages Domain and Project, `viewer` reads them, `outsider` holds nothing."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.domain_id, self.project_id, self.other_domain_id = uuid7(), uuid7(), uuid7()
        self.admin, self.viewer, self.outsider = (self._principal(name) for name in ("admin", "viewer", "outsider"))
        self.bearers = {name: f"{name}-bearer" for name in ("admin", "viewer", "outsider")}
        with control.write(None) as tx:
            self._tenancy(tx)
            for kind, object_id in (("platform", ""), ("domain", self.domain_id), ("project", self.project_id)):
                self._grant(tx, self.admin, "admin", kind, object_id)
                self._grant(tx, self.viewer, "viewer", kind, object_id)
            for scope in ("platform", f"domain:{self.domain_id}", f"domain:{self.other_domain_id}"):
                keys.create_key(tx, scope, "k1")

    @property
    def scope(self) -> str:
        return f"domain:{self.domain_id}"

    def node(
        self, mesh_ip: str, *, anchored: bool = True, domain_id: str | None = None, kind: str = "vm", **columns
    ) -> str:
        """Register a Node as of now; its NSK is 32 times the last octet of its address, `kind` its Resource's."""
        domain_id, node_id = domain_id or self.domain_id, uuid7()
        with self.control.write(None) as tx:
            row = {
                "id": node_id,
                "domain_id": domain_id,
                "project_id": self.project_id,
                "public_key": public_key(),
                "mesh_ip": mesh_ip,
                "mesh_ip_number": int(ip_address(mesh_ip)).to_bytes(16),
                "nsk_wrapped": tx.vault.wrap(domain_id, node_secret.label(node_id), self.secret(mesh_ip)),
                "registered_at": tx.now,
                "last_contact_at": tx.now,
                **columns,
            }
            row["token_id"] = self._row(
                tx, "bootstrap_tokens", project_id=self.project_id, kind="node", env_prefix="dev",
                fingerprint=os.urandom(32), hash="-", issued_at=0, expires_at=0, issued_by=self.admin.id,
            )  # fmt: skip
            row["resource_id"] = self._row(
                tx, "resources", project_id=self.project_id, external_ref=f"edge-{mesh_ip}", kind=kind, created_at=0
            )
            self._row(tx, "nodes", **row)
            tx.promise(NodeRegistered(node_id))
        if anchored:
            deliver_due(self.control)
        return node_id

    def relay(self, node_id: str, listen_port: int = 51821, *, enabled: bool = True) -> None:
        """Configure the relay of a bridge."""
        self.execute(
            "INSERT INTO bridge_relays SELECT resource_id, ?, ?, 0, 0 FROM nodes WHERE id = ?",
            enabled, listen_port, node_id,
        )  # fmt: skip

    @staticmethod
    def secret(mesh_ip: str) -> bytes:
        return bytes([int(mesh_ip.rsplit(".", 1)[1])]) * 32

    def bearer(self, node_id: str, secret: bytes | None = None) -> str:
        """Assemble the Node's bearer as the lesson does."""
        secret = secret or self.secret(self.one("SELECT mesh_ip FROM nodes WHERE id = ?", node_id)[0])
        return "nsk_dev_" + base64.urlsafe_b64encode(UUID(node_id).bytes + secret).rstrip(b"=").decode()

    def all(self, sql: str, *arguments: object) -> list[tuple]:
        return database.rows(self.control, sql, *arguments)

    def one(self, sql: str, *arguments: object) -> tuple:
        (row,) = self.all(sql, *arguments)
        return row

    def execute(self, sql: str, *arguments: object) -> None:
        with self.control.write(None) as tx:
            tx.execute(sql, arguments)

    def content(self) -> dict[str, list[tuple]]:
        """Read every table, to see that a refusal has left all as it was."""
        return database.content(self.control)

    def content_but_contact(self) -> dict[str, list[tuple]]:
        """Read every table but the instants of contact, which a refused request of a Node moves as well."""
        columns = [name for (name,) in self.all("SELECT name FROM pragma_table_info('nodes')")]
        kept = ", ".join(name for name in columns if name not in {"last_contact_at", "recovered_at"})
        return self.content() | {"nodes": self.all(f"SELECT {kept} FROM nodes")}

    def _principal(self, name: str) -> Principal:
        principal = Principal(uuid7(), name, f"{name}@plexsphere.local")
        self.execute(
            "INSERT INTO principals VALUES (?, ?, ?, ?)",
            *principal,
            self.control.vault.fingerprint("bearer", f"{name}-bearer"),
        )
        return principal

    def _tenancy(self, tx: Transaction) -> None:
        domains = (("acme", self.domain_id, "10.50.0.0/16"), ("beta", self.other_domain_id, "10.60.0.0/16"))
        for slug, domain_id, mesh_cidr in domains:
            self._row(
                tx, "domains", id=domain_id, slug=slug, name=slug, mesh_cidr=mesh_cidr,
                heartbeat_interval="10m", stale_after="30m", unreachable_after="1h", created_at=0, updated_at=0,
            )  # fmt: skip
        self._row(
            tx, "projects", id=self.project_id, domain_id=self.domain_id, slug="edge", name="Edge",
            created_at=0, updated_at=0,
        )  # fmt: skip

    @staticmethod
    def _grant(tx: Transaction, principal: Principal, relation: str, kind: str, object_id: str) -> None:
        tx.execute("INSERT INTO grants VALUES (?, ?, ?, ?, NULL)", (principal.id, kind, object_id, relation))

    @staticmethod
    def _row(tx: Transaction, table: str, **columns) -> str:
        columns = {"id": uuid7(), **columns}
        names = ", ".join(columns)
        marks = ", ".join("?" * len(columns))
        tx.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))
        return columns["id"]
