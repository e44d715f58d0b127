"""The enrolment of a fleet's Nodes, so that a lost answer or a kill leaves no Node without its agent.

A Node's file is written before its registration, and the NSK into it as soon as that is answered. Where no answer came,
nobody has the NSK of a Node that may exist: the fleet deletes its Resource, which nobody else has, and registers anew.
"""

import asyncio
import os
from dataclasses import replace

from plexctl.local import node_keys
from plexctl.local.fleet.api import Api, Refused
from plexctl.local.fleet.folder import Folder
from plexctl.local.fleet.operator import Operator
from plexctl.local.fleet.secrets import Secrets

_LOST = frozenset({"token_consumed", "resource_in_use"})  # an earlier attempt had been accepted
_REPEATABLE = frozenset({"token_expired", "token_revoked", "nonce_collision"})


async def resume(operator: Operator, folder: Folder, project_id: str) -> dict[int, Secrets]:
    """Clean up after the run before, and return the secrets of the Nodes that are enrolled, by number.

    Its tokens are revoked first, so that no registration which it has sent can succeed after the look at Resources.

    Raises: Refused; PlaneError; OSError.
    """
    await operator.revoke_tokens()
    known = folder.read(project_id)
    unanswered = [node for node in known if not node.node_id]
    await operator.remove_resources({node.handle for node in unanswered})
    for node in unanswered:
        folder.drop(project_id, node)
    return {node.number: node for node in known if node.node_id}


class Enrolment:
    """Enrols the Nodes of a Project."""

    def __init__(self, api: Api, operator: Operator, folder: Folder, project_id: str) -> None:
        self._api = api
        self._operator = operator
        self._folder = folder
        self._project_id = project_id

    async def enrol(self, number: int) -> Secrets:
        """Enrol a new Node and return its secrets, which are in its file by then.

        Raises: Refused; PlaneError; OSError.
        """
        node = Secrets.new(number)
        await self.keep(node)
        while True:
            try:
                answer = await self._register(node)
            except Refused as refusal:
                await self._prepare_another(node, refusal)
                continue
            node = replace(node, node_id=answer["node_id"], nsk=answer["nsk"])
            await self.keep(node)
            return node

    async def finish(self) -> None:
        """Revoke what is left of the tokens once all are enrolled, such as one whose answer was lost.

        Raises: Refused; PlaneError.
        """
        await self._operator.revoke_tokens()

    async def keep(self, node: Secrets) -> None:
        """Write a Node's file, on a thread, since it waits for the disk.

        Raises: OSError.
        """
        await asyncio.to_thread(self._folder.write, self._project_id, node)

    def drop(self, node: Secrets) -> None:
        """Delete the file of a Node that was deregistered.

        Raises: OSError.
        """
        self._folder.drop(self._project_id, node)

    async def _register(self, node: Secrets) -> dict[str, str]:
        body = {
            "project_id": self._project_id,
            "resource_handle": node.handle,
            "requested_resource_id": node.handle,
            "bootstrap_token": await self._operator.issue_token(),
            "nonce": os.urandom(16).hex(),
            "public_key": node_keys.public_key(node.private_key),
        }
        answer: dict[str, str] = (await self._api.call("POST", "/v1/register", None, body)).json()
        return answer

    async def _prepare_another(self, node: Secrets, refusal: Refused) -> None:
        """Make way for another attempt.

        Raises: Refused where none would help.
        """
        if refusal.code in _LOST:
            await self._operator.remove_resources({node.handle})
        elif refusal.code not in _REPEATABLE:
            self.drop(node)
            raise refusal
