"""The transaction that a rule works in, and the control plane that begins one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from plexctl.identifiers import uuid7
from plexctl.local.control.base import health, relations
from plexctl.local.control.base.events import Event
from plexctl.local.control.base.health import Check, Health
from plexctl.local.control.base.listeners import Listeners
from plexctl.local.control.base.pending import PendingResponse, PendingResponses
from plexctl.local.control.base.relations import Object, Principal, Relation
from plexctl.local.control.base.schedule import Schedule
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
    events: bool = False  # whether Nodes can follow the signed event bus
    cheap_hashes: bool = False  # tests trade Argon2id's strength for speed


class Transaction:
    """The database transaction of one rule: all of its changes are made, or none.

    `now` is the instant at which the transaction began, in Unix microseconds; a rule has no other clock.
    `vault` wraps secrets and is the source of random bytes.
    """

    def __init__(
        self, connection: Connection, vault: Vault, now: int, caller: Principal | None, promised: set[int] | None
    ) -> None:
        """Wrap an open connection; `promised` collects the outbox rows written, None if the transaction only reads."""
        self.now = now
        self.vault = vault
        self._connection = connection
        self._caller = caller
        self._promised = promised

    def execute(self, sql: str, parameters: Parameters = ()) -> Cursor:
        """Run one SQL statement."""
        return self._connection.execute(sql, parameters)

    def new_id(self) -> str:
        """Generate a UUIDv7 of this transaction's instant."""
        return uuid7(self.now // 1000, self.vault.random_bytes)

    def require(self, relation: Relation, on: Object) -> None:
        """Refuse a caller who does not have the relation on the object.

        Call it before checking whether the object exists: a denial reads the same either way, so ids cannot be
        probed.

        Raises: Refusal(permission_denied); TypeError if the caller is not an operator.
        """
        if self._caller is None:
            raise TypeError("only an operator has relations")
        found = relations.held(self, self._caller, on)
        if found is None or not found.includes(relation):
            raise relations.denial(self._caller, found, relation, on)

    def promise(self, event: Event, after_us: int = 0) -> None:
        """Write an event to the outbox, to be delivered at once or `after_us` microseconds from now.

        Raises: TypeError if the transaction only reads.
        """
        if self._promised is None:
            raise TypeError(f"a transaction that only reads cannot promise {event.kind}")
        ((row,),) = self.execute(
            "INSERT INTO outbox (kind, payload, created_at, due_at) VALUES (?, ?, ?, ?) RETURNING id",
            (event.kind, event.to_json(), self.now, self.now + after_us if after_us else None),
        )
        self._promised.add(row)


@dataclass(frozen=True)
class Control:
    """What every entry point of the rules takes: the plane's data, its clock and its settings.

    `clock` returns Unix microseconds; `responses` are those not sent yet; `schedule` knows when outbox rows may be
    delivered; `health` asks the parts of the plane; `listeners` learn of delivered events.
    """

    store: Store
    vault: Vault
    clock: Callable[[], int]
    settings: Settings = field(default_factory=Settings)
    responses: PendingResponses = field(default_factory=PendingResponses)
    schedule: Schedule = field(default_factory=Schedule)
    health: Health = field(default_factory=Health)
    listeners: Listeners = field(default_factory=Listeners)

    def check_health(self) -> list[Check]:
        """Check the database with a write, then ask the sources of health."""
        return [health.ask("database", self._probe), *self.health.check()]

    def _probe(self) -> str:
        self.store.probe()
        return "the database can be read and written"

    @contextmanager
    def read(self, caller: Principal | None) -> Iterator[Transaction]:
        """Begin a transaction on one snapshot; `caller` is None unless an operator asks.

        Raises: StoreError.
        """
        with self.store.read() as connection:
            yield Transaction(connection, self.vault, self.clock(), caller, None)

    @contextmanager
    def write(self, caller: Principal | None, response: PendingResponse | None = None) -> Iterator[Transaction]:
        """Begin a transaction that no other writer overlaps; any exception rolls it back.

        The events that it promises are held back until `response` is sent.

        Raises: StoreError.
        """
        with self.store.write() as connection:
            promised = set() if response is None else response.rows
            yield Transaction(connection, self.vault, self.clock(), caller, promised)
