"""The Nodes of a fleet: each is enrolled unless it is already, and then lives at its own pace.

A new Node's agent starts once all are enrolled. Otherwise each of N enrolments would have all agents before it pull
their snapshots once more.
"""

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count, islice
from typing import NamedTuple

from plexctl.local.fleet import bodies
from plexctl.local.fleet.agent import Agent
from plexctl.local.fleet.api import Api, Refused
from plexctl.local.fleet.enrolment import Enrolment
from plexctl.local.fleet.secrets import Secrets

_GONE = frozenset({"nsk_revoked", "node_deregistered", "endpoint_peer_gone"})
_ENROLMENTS = 8  # concurrent: the plane hashes four tokens, and heartbeats go on meanwhile


@dataclass
class Counts:
    """How many Nodes are enrolled, have joined the mesh, and were deregistered; and the code of the last refusal."""

    enrolled: int = 0
    joined: int = 0
    gone: int = 0
    refusal: str = ""


class Order(NamedTuple):
    """What a fleet is to be: of its Nodes, the first are silent and the last are behind NAT."""

    project_id: str
    nodes: int
    behind_nat: int
    silent: int
    interval_seconds: float

    def numbers(self, known: Iterable[int]) -> list[int]:
        """Choose the numbers: first those of existing Nodes, then the lowest free ones."""
        taken = sorted(known)
        free = (number for number in count(1) if number not in taken)
        return sorted([*taken[: self.nodes], *islice(free, max(0, self.nodes - len(taken)))])

    def is_silent(self, place: int) -> bool:
        """Tell whether the Node at a place, counted from 1, sends nothing after its enrolment."""
        return place <= self.silent

    def nat_type(self, place: int) -> str:
        """Return the type of NAT that the Node at a place reports."""
        return bodies.SYMMETRIC if place > self.nodes - self.behind_nat else bodies.FULL_CONE

    def is_complete(self, counts: Counts) -> bool:
        """Tell whether all Nodes are enrolled, and all that are not silent have joined the mesh or left it again."""
        present = counts.joined + counts.gone + self.silent
        return counts.enrolled == self.nodes and present == self.nodes


class Members:
    """Runs the Nodes of an order; `known` are those that are enrolled already, by number."""

    def __init__(self, order: Order, api: Api, enrolment: Enrolment, known: dict[int, Secrets], counts: Counts) -> None:
        self._order = order
        self._api = api
        self._enrolment = enrolment
        self._known = known
        self._counts = counts
        self._complete = asyncio.Event()
        self._turns = asyncio.Semaphore(_ENROLMENTS)

    async def run(self) -> None:
        """Run all Nodes until each is deregistered.

        Raises: ExceptionGroup of PlaneError and OSError.
        """
        async with asyncio.TaskGroup() as tasks:
            for place, number in enumerate(self._order.numbers(self._known), 1):
                tasks.create_task(self._live(place, number))

    async def _live(self, place: int, number: int) -> None:
        node = self._known.get(number) or await self._enrol(number)
        self._counts.enrolled += 1
        if self._counts.enrolled == self._order.nodes:
            await self._enrolment.finish()
            self._complete.set()
        if self._order.is_silent(place):
            await asyncio.Event().wait()
        if number not in self._known:
            await self._complete.wait()
        agent = Agent(self._api, node, self._order.nat_type(place), self._enrolment.keep)
        await self._until_gone(agent, place)
        self._enrolment.drop(agent.node)
        self._counts.gone += 1

    async def _enrol(self, number: int) -> Secrets:
        async with self._turns:
            return await self._enrolment.enrol(number)

    async def _until_gone(self, agent: Agent, place: int) -> None:
        """Have the Node join and send heartbeats; it tries again after a refusal, unless it was deregistered."""
        interval, loop = self._order.interval_seconds, asyncio.get_running_loop()
        due = loop.time() + interval * place / self._order.nodes
        has_joined = False
        while True:
            try:
                await (agent.beat() if has_joined else agent.join())
                self._counts.joined += not has_joined
                has_joined = True
            except Refused as refusal:
                if refusal.code in _GONE:
                    self._counts.joined -= has_joined
                    return
                self._counts.refusal = refusal.code
            await asyncio.sleep(max(0.0, due - loop.time()))
            due += interval * max(1, math.ceil((loop.time() - due) / interval))
