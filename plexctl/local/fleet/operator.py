"""What a fleet does as the plane's admin: issues its bootstrap tokens, and cleans up after a lost answer."""

from collections.abc import AsyncIterator
from typing import Any

from plexctl.local.fleet.api import Api, Refused

ENV_PREFIX = "fleet"  # by which a fleet knows the tokens that one has issued
_TOKEN = {"kind": "node", "env_prefix": ENV_PREFIX, "ttl_seconds": 300}
_ENDED = frozenset({"token_already_consumed", "token_already_revoked", "token_not_found"})
_PAGE = 200


class Operator:
    """The admin of the plane, in one Project."""

    def __init__(self, api: Api, bearer: str, project_id: str) -> None:
        self._api = api
        self._bearer = bearer
        self._project = f"/v1/projects/{project_id}"

    async def issue_token(self) -> str:
        """Issue a token for one Node and return its plaintext.

        Raises: Refused; PlaneError.
        """
        response = await self._api.call("POST", f"{self._project}/bootstrap-tokens", self._bearer, _TOKEN)
        return str(response.json()["token"])

    async def revoke_tokens(self) -> None:
        """Revoke the tokens of fleets that have not been redeemed, such as one whose answer was lost.

        Raises: Refused; PlaneError.
        """
        async for token in self._items("bootstrap-tokens"):
            if token["env_prefix"] == ENV_PREFIX and not token.keys() & {"consumed_at", "revoked_at"}:
                await self._delete(f"{self._project}/bootstrap-tokens/{token['id']}", _ENDED)

    async def remove_resources(self, handles: set[str]) -> None:
        """Delete the Resources with these external_refs as far as they exist, each with its Node.

        Raises: Refused; PlaneError.
        """
        if not handles:
            return
        async for resource in self._items("resources"):
            if resource.get("external_ref") in handles:
                await self._delete(f"/v1/resources/{resource['id']}", frozenset({"resource_not_found"}))

    async def _delete(self, path: str, gone: frozenset[str]) -> None:
        try:
            await self._api.call("DELETE", path, self._bearer)
        except Refused as refusal:
            if refusal.code not in gone:
                raise

    async def _items(self, collection: str) -> AsyncIterator[dict[str, Any]]:
        """Yield what a list of the Project has, page by page."""
        query = f"limit={_PAGE}"
        while query:
            page = (await self._api.call("GET", f"{self._project}/{collection}?{query}", self._bearer)).json()
            for item in page["items"]:
                yield item
            query = f"limit={_PAGE}&cursor={page['next_cursor']}" if "next_cursor" in page else ""
