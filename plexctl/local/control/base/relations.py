"""Relations between operators and objects, and the look-up of a grant."""

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, NamedTuple, Protocol

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.store import Cursor, Parameters


class Relation(Enum):
    """What a grant allows: a viewer reads, an admin reads and changes."""

    VIEWER = "viewer"
    ADMIN = "admin"

    def includes(self, other: "Relation") -> bool:
        """Tell whether this relation allows all that the other allows; admin includes viewer."""
        return self in {other, Relation.ADMIN}


VIEWER, ADMIN = Relation.VIEWER, Relation.ADMIN


@dataclass(frozen=True)
class Platform:
    """The whole deployment, as the object of a grant."""

    kind: ClassVar[str] = "platform"
    id: ClassVar[str] = ""

    def __str__(self) -> str:
        return "the platform"


@dataclass(frozen=True)
class Domain:
    """A Domain as the object of a grant; it need not exist."""

    kind: ClassVar[str] = "domain"
    id: str

    def __str__(self) -> str:
        return f"Domain {self.id}"


@dataclass(frozen=True)
class Project:
    """A Project as the object of a grant; it need not exist."""

    kind: ClassVar[str] = "project"
    id: str

    def __str__(self) -> str:
        return f"Project {self.id}"


Object = Platform | Domain | Project

_EXISTS = {
    "domain": "SELECT 1 FROM domains WHERE id = ?",
    "project": "SELECT 1 FROM projects WHERE id = ?",
}


class Principal(NamedTuple):
    """An operator."""

    id: str
    name: str
    email: str


class Reader(Protocol):
    """The part of a transaction that the look-up of a grant needs."""

    @property
    def now(self) -> int:
        """The transaction's instant in Unix microseconds."""

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run one SQL statement."""


def held(tx: Reader, caller: Principal, on: Object) -> Relation | None:
    """Find the relation that a caller has on an object.

    The object's own grants decide; for an object that does not exist, those on the platform do.
    """
    if on.kind in _EXISTS and not tx.execute(_EXISTS[on.kind], (on.id,)).fetchone():
        on = Platform()
    row = tx.execute(
        "SELECT relation FROM grants WHERE object_kind = ? AND object_id = ? AND principal_id = ?"
        " AND (effective_at IS NULL OR effective_at <= ?)",
        (on.kind, on.id, caller.id, tx.now),
    ).fetchone()
    return None if row is None else Relation(row["relation"])


def denial(caller: Principal, found: Relation | None, needed: Relation, on: Object) -> Refusal:
    """Make the refusal of a caller who lacks a relation; it reads the same whether the object exists or not."""
    has = f"the relation {found.value}" if found else "no relation"
    path = f"{on.kind}:{on.id}".rstrip(":")
    return Refusal(
        reasons.PERMISSION_DENIED,
        f"{caller.name} has {has} on {on}; {needed.value} is required",
        reason="insufficient_relation" if found else "out_of_scope",
        relation_path=[f"{path}#{found.value}"] if found else [],
    )
