"""The transaction that a rule works in, and the control plane that begins one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from plexctl.identifiers import uuid7
from plexctl.local.control.base import relations
from plexctl.local.control.base.events import Event
from plexctl.local.control.base.pending import PendingResponse, PendingResponses
from plexctl.local.control.base.relations import Object, Principal, Relation
from plexctl.local.control.base.wire_time import MICROSECONDS_PER_SECOND
from plexctl.local.store import Connection, Cursor, Parameters, Store
from plexctl.local.vault import Vault


@dataclass(frozen=True)
class Settings:
    """How a plane was started."""

    overlap_window_us: int = 24 * 3600 * MICROSECONDS_PER_SECOND
    deployment_profile: str = "selfhosted-single"
    anchor_delay_us: int = 0
    grant_delay_us: int = 0
    cheap_hashes: bool = False  # tests trade Argon2id's strength for speed


class Transaction:
    """What one rule reads and writes; all of it happens, or nothing.

    `now` is the instant at which the transaction began, in Unix microseconds; a rule has no other clock.
    `vault` wraps secrets and is the source of random bytes.
    """

    def __init__(
        self, connection: Connection, vault: Vault, now: int, caller: Principal | None, promised: set[int] | None
    ) -> None:
        """Begin; `promised` collects the outbox rows that are written, and is None where nothing is."""
        self.now = now
        self.vault = vault
        self._connection = connection
        self._caller = caller
        self._promised = promised

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run one SQL statement."""
        return self._connection.execute(sql, parameters)

    def new_id(self) -> str:
        """Make a UUIDv7 of this transaction's instant."""
        return uuid7(self.now // 1000, self.vault.random_bytes)

    def require(self, relation: Relation, on: Object) -> None:
        """Refuse a caller who does not hold the relation on the object.

        Call it before looking whether the object exists: a denial reads the same either way, so that no id can be
        probed.

        Raises: Refusal(permission_denied); TypeError where the caller is no operator.
        """
        if self._caller is None:
            raise TypeError("only an operator holds relations")
        found = relations.held(self, self._caller, on)
        if found is None or not found.includes(relation):
            raise relations.denial(self._caller, found, relation, on)

    def promise(self, event: Event, after_us: int = 0) -> None:
        """Write an event to the outbox, due `after_us` microseconds after this transaction's instant.

        Raises: TypeError in a transaction that only reads.
        """
        if self._promised is None:
            raise TypeError(f"a transaction that only reads cannot promise {event.kind}")
        ((row,),) = self.execute(
            "INSERT INTO outbox (kind, payload, created_at, due_at) VALUES (?, ?, ?, ?) RETURNING id",
            (event.kind, event.to_json(), self.now, self.now + after_us),
        )
        self._promised.add(row)


@dataclass(frozen=True)
class Control:
    """What the entry points of the rules take: where a plane keeps its data, and how it was started.

    `clock` reads Unix microseconds; `responses` are those that are not out yet.
    """

    store: Store
    vault: Vault
    clock: Callable[[], int]
    settings: Settings = field(default_factory=Settings)
    problems: Callable[[], list[str]] = list  # what the plane finds wrong with its files and threads
    responses: PendingResponses = field(default_factory=PendingResponses)

    @contextmanager
    def read(self, caller: Principal | None) -> Iterator[Transaction]:
        """Begin a transaction that sees one snapshot; the caller is None unless an operator asks."""
        with self.store.read() as connection:
            yield Transaction(connection, self.vault, self.clock(), caller, None)

    @contextmanager
    def write(self, caller: Principal | None, response: PendingResponse | None = None) -> Iterator[Transaction]:
        """Begin a transaction that writes alone and is undone by any exception.

        The events that it promises are held back until `response` is out.
        """
        with self.store.write() as connection:
            promised = set() if response is None else response.rows
            yield Transaction(connection, self.vault, self.clock(), caller, promised)
