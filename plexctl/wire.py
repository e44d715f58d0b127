"""The API's messages: which fields plexctl relies on, checked over the raw document and never re-encoded."""

from collections.abc import Mapping
from typing import Any, NamedTuple

Document = dict[str, Any]


class Malformed(Exception):  # noqa: N818  it names what the answer is
    """An answer is not of the shape the API describes; the text names the place and what was expected there."""


class Field(NamedTuple):
    """One field of a message. `of` is the message that a list's items, or an object, must be."""

    name: str
    type: type
    meaning: str
    required: bool = True
    of: "tuple[Field, ...]" = ()


Message = tuple[Field, ...]

_TYPE_NAMES: Mapping[type, str] = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    list: "a list",
    dict: "an object",
}


def check(document: object, message: Message, place: str = "the answer") -> Document:
    """Return the document, untouched, once every field that plexctl relies on is there and of its type.

    Raises Malformed.
    """
    if not isinstance(document, dict):
        raise Malformed(f"{place} is not an object")
    for field in message:
        value = document.get(field.name)
        if value is None:
            if field.required:
                raise Malformed(f"{place} has no {field.name}")
            continue
        _check_value(value, field, place)
    return document


def _check_value(value: object, field: Field, place: str) -> None:
    # bool is a subclass of int, and JSON's true is no integer
    if not isinstance(value, field.type) or (field.type is int and isinstance(value, bool)):
        raise Malformed(f"{field.name} in {place} is not {_TYPE_NAMES[field.type]}")
    if field.of and isinstance(value, list):
        for index, item in enumerate(value):
            check(item, field.of, f"{field.name}[{index}]")


def page_of(message: Message, meaning: str) -> Message:
    """Describe a page of a keyset listing."""
    return (
        Field("items", list, meaning, of=message),
        Field("next_cursor", str, "where the next page starts; absent on the last", required=False),
    )


PROJECT: Message = (
    Field("id", str, "the Project's UUID"),
    Field("domain_id", str, "the Domain it belongs to"),
    Field("slug", str, "its handle, unique in the Domain; never changes"),
    Field("name", str, "its display name"),
    Field("description", str, "free text", required=False),
    Field("sub_range_cidr", str, "the part of the Domain's mesh CIDR kept for it", required=False),
    Field("created_at", str, "RFC 3339"),
    Field("updated_at", str, "RFC 3339", required=False),
)
PROJECT_PAGE = page_of(PROJECT, "the Projects, ordered by slug")

DOMAIN: Message = (
    Field("id", str, "the Domain's UUID"),
    Field("slug", str, "its handle; never changes"),
    Field("name", str, "its display name"),
    Field("description", str, "free text", required=False),
    Field("region", str, "where it is pinned", required=False),
    Field("mesh_cidr", str, "the pool its mesh addresses come from"),
    Field("reachability", dict, "heartbeat_interval, stale_after, unreachable_after", required=False),
    Field("created_at", str, "RFC 3339"),
    Field("updated_at", str, "RFC 3339", required=False),
)
DOMAIN_PAGE = page_of(DOMAIN, "the Domains, ordered by slug")

ISSUED_TOKEN: Message = (
    Field("token_id", str, "the token's UUID"),
    Field("token", str, "the plaintext, in this answer only"),
    Field("issued_at", str, "RFC 3339"),
    Field("expires_at", str, "RFC 3339"),
)
TOKEN: Message = (
    Field("id", str, "the token's UUID"),
    Field("project_id", str, "the Project it enrols into"),
    Field("kind", str, "node or bridge"),
    Field("env_prefix", str, "the environment named in its plaintext"),
    Field("issued_at", str, "RFC 3339"),
    Field("expires_at", str, "RFC 3339"),
    Field("consumed_at", str, "RFC 3339; absent until it is redeemed", required=False),
    Field("revoked_at", str, "RFC 3339; absent unless it was revoked", required=False),
    Field("issued_by_user_id", str, "who issued it", required=False),
)
TOKEN_PAGE = page_of(TOKEN, "the tokens' metadata; never a plaintext")

PEER: Message = (
    Field("node_id", str, "the Node's UUID"),
    Field("mesh_ip", str, "its mesh address"),
    Field("reachability", str, "healthy, stale or unreachable"),
)
PEER_LIST: Message = (Field("items", list, "the Peers, each Node once", of=PEER),)
EDGE: Message = (
    Field("source_node_id", str, "the Node the edge starts from"),
    Field("target_node_id", str, "the Node it leads to"),
    Field("mode", str, "direct or relayed", required=False),
    Field("relay_node_id", str, "the bridge that relays; null when direct", required=False),
    Field("status", str, "the edge's own reachability", required=False),
)
TOPOLOGY: Message = (
    Field("domain_id", str, "the Domain's UUID", required=False),
    Field("generated_at", str, "when the snapshot was taken, RFC 3339", required=False),
    Field("nodes", list, "every anchored Node", of=PEER),
    Field("edges", list, "every directed edge", of=EDGE),
)

ROTATION: Message = (
    Field("peer_id", str, "the Peer whose key will change"),
    Field("rotation_id", str, "the pending rotation's UUID"),
    Field("already_pending", bool, "whether it was pending before this call"),
)
ROTATION_PREVIEW: Message = (
    Field("node_id", str, "the Node's UUID", required=False),
    Field("peer_id", str, "the Peer whose key would change"),
    Field("affected_peer_count", int, "how many edges get a new pre-shared key"),
    Field(
        "affected_edges",
        list,
        "those edges, with the key in force on each",
        of=(
            Field("peer_node_id", str, "the Node at the other end"),
            Field("current_kid", str, "the pre-shared key's id", required=False),
            Field("current_wrap_key_version", int, "the version of the key that wraps it", required=False),
        ),
    ),
    Field("already_pending", bool, "whether a rotation is pending now"),
    Field("estimated_duration_seconds", int, "an estimate, in whole seconds"),
)

CLOSED_ROTATION: Message = (
    Field("scope", str, "platform or domain:<uuid>"),
    Field("old_key_id", str, "the key that is, or will be, retired"),
    Field("new_key_id", str, "the key that takes over"),
)
OPENED_ROTATION: Message = (
    *CLOSED_ROTATION,
    Field("opened_at", str, "RFC 3339, UTC"),
    Field("closes_at", str, "when the overlap ends, RFC 3339, UTC"),
)
