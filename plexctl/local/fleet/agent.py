"""The agent on one machine of a fleet, once its Node is enrolled."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from plexctl.local import node_keys
from plexctl.local.fleet import bodies, edges
from plexctl.local.fleet.api import Api, Refused, pauses
from plexctl.local.fleet.secrets import Secrets

if TYPE_CHECKING:
    import httpx

_REPORT_SECONDS = 240  # an endpoint report is fresh for 300


class Agent:
    """Acts for one Node; `keep` writes the Node's file."""

    def __init__(self, api: Api, node: Secrets, nat_type: str, keep: Callable[[Secrets], Awaitable[None]]) -> None:
        self.node = node
        self._api = api
        self._nat_type = nat_type
        self._keep = keep
        self._peers: dict[str, str] = {}  # the public key of each Peer to which an edge is used
        self._keys: dict[str, bytes] = {}  # the pre-shared key of each of these edges, once it is fetched
        self._reported_at = -math.inf

    async def join(self) -> None:
        """Report what the machine is, wait until the Node is a Peer, and learn of the others.

        Raises: Refused; PlaneError; OSError.
        """
        await self._call("PUT", "capabilities", bodies.CAPABILITIES)
        for pause in pauses():
            try:
                await self._report_endpoint()
                break
            except Refused as refusal:
                if refusal.code != "endpoint_peer_not_found":
                    raise
            await asyncio.sleep(pause)
        if self.node.next_private_key:
            await self._rotate()
        await self._pull()
        await self._fetch_keys()

    async def beat(self) -> None:
        """Send a heartbeat, and do what its answer asks for.

        Raises: Refused; PlaneError; OSError.
        """
        hints = (await self._call("POST", "heartbeat", bodies.heartbeat(self._nat_type))).json()
        if hints["rotate_keys"]:
            await self._rotate()
        if hints["reconcile"]:
            await self._pull()
        await self._fetch_keys()
        if asyncio.get_running_loop().time() - self._reported_at > _REPORT_SECONDS:
            await self._report_endpoint()

    async def _report_endpoint(self) -> None:
        await self._call("PUT", "endpoint", bodies.endpoint(self.node.number, self._nat_type))
        self._reported_at = asyncio.get_running_loop().time()

    async def _pull(self) -> None:
        """Read the Node's snapshot, and forget the keys of edges whose other end has another mesh key."""
        snapshot = (await self._call("GET", "state")).json()
        found = {peer["node_id"]: peer["public_key"] for peer in snapshot["peers"]}
        before, used = self._peers, edges.neighbours(self.node.node_id, found)
        self._peers = {peer: found[peer] for peer in used}
        self._keys = {peer: key for peer, key in self._keys.items() if self._peers.get(peer) == before[peer]}

    async def _fetch_keys(self) -> None:
        """Fetch the keys of edges that are missing; the next snapshot tells of Peers that are gone."""
        for peer in self._peers.keys() - self._keys.keys():
            try:
                response = await self._call("GET", f"peers/{peer}/psk")
            except Refused as refusal:
                if refusal.code not in {"peer_not_found", "psk_not_ready"}:
                    raise
                continue
            epoch = response.headers["X-Plexsphere-PSK-Epoch"]
            self._keys[peer] = edges.open_key(response.content, epoch, self.node.nsk)

    async def _rotate(self) -> None:
        """Complete a rotation; the new key is in the Node's file before, so that each attempt sends the same one."""
        if not self.node.next_private_key:
            await self._change(replace(self.node, next_private_key=node_keys.new_private_key()))
        body = {"new_public_key": node_keys.public_key(self.node.next_private_key)}
        try:
            await self._api.call("POST", "/v1/keys/rotate", self.node.bearer, body)
        except Refused as refusal:
            if refusal.code == "keys_rotate_no_pending_rotation":
                await self._change(replace(self.node, next_private_key=""))
                return
            if refusal.code != "keys_rotate_public_key_unchanged":  # an earlier attempt was accepted, its response lost
                raise
        await self._change(replace(self.node, private_key=self.node.next_private_key, next_private_key=""))
        self._keys.clear()

    async def _change(self, node: Secrets) -> None:
        await self._keep(node)
        self.node = node

    async def _call(self, method: str, path: str, body: object = None) -> "httpx.Response":
        return await self._api.call(method, f"/v1/nodes/{self.node.node_id}/{path}", self.node.bearer, body)
