"""The profiles of config.json, as `config list-profiles` shows them."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, TypedDict


class ListedProfile(NamedTuple):
    """A profile."""

    name: Annotated[str, "its name"]
    default: Annotated[bool, "whether it is the one that default_profile names"]
    server: Annotated[str | None, "its HTTP API"]
    signer_endpoint: Annotated[str | None, "its signer's HOST:PORT"]
    token: Annotated[str | None, "*** if it has one"]


class ProfileList(TypedDict):
    """The document of `config list-profiles`."""

    items: Annotated[list[ListedProfile], "the profiles, by name"]


def listed(profiles: Mapping[str, Mapping[str, Any]], default: str, mask: str) -> list[ListedProfile]:
    """Describe the profiles, with `mask` in place of their tokens."""
    return [
        ListedProfile(
            name,
            name == default,
            values.get("server"),
            values.get("signer_endpoint"),
            mask if values.get("token") else None,
        )
        for name, values in sorted(profiles.items())
    ]
