"""The API's messages: the fields that plexctl reads, their types, and the meaning of each.

Decoding checks each declared field; a member that is not declared here stays in the response's bytes.
"""

from typing import Annotated

from plexctl.codec.decoding import Struct

_INSTANT = "RFC 3339"
_NEXT_CURSOR = "where the next page starts; absent on the last"


class AnyObject(Struct):
    """An object that is passed on as it is."""


class Project(Struct, kw_only=True):
    """A Project."""

    id: Annotated[str, "the Project's UUID"]
    domain_id: Annotated[str, "the Domain it belongs to"]
    slug: Annotated[str, "its handle, unique in the Domain; never changes"]
    name: Annotated[str, "its display name"]
    description: Annotated[str | None, "free text"] = None
    sub_range_cidr: Annotated[str | None, "the part of the Domain's mesh CIDR kept for it"] = None
    created_at: Annotated[str, _INSTANT]
    updated_at: Annotated[str | None, _INSTANT] = None


class ProjectPage(Struct, kw_only=True):
    """One page of the Projects."""

    items: Annotated[list[Project], "the Projects, ordered by slug"]
    next_cursor: Annotated[str | None, _NEXT_CURSOR] = None


class Domain(Struct, kw_only=True):
    """A Domain."""

    id: Annotated[str, "the Domain's UUID"]
    slug: Annotated[str, "its handle; never changes"]
    name: Annotated[str, "its display name"]
    description: Annotated[str | None, "free text"] = None
    region: Annotated[str | None, "its region, such as eu-central"] = None
    mesh_cidr: Annotated[str, "the pool its mesh addresses come from"]
    reachability: Annotated[dict[str, object] | None, "heartbeat_interval, stale_after, unreachable_after"] = None
    created_at: Annotated[str, _INSTANT]
    updated_at: Annotated[str | None, _INSTANT] = None


class DomainPage(Struct, kw_only=True):
    """One page of the Domains."""

    items: Annotated[list[Domain], "the Domains, ordered by slug"]
    next_cursor: Annotated[str | None, _NEXT_CURSOR] = None


class Resource(Struct, kw_only=True):
    """A machine that a Project knows."""

    id: Annotated[str, "the Resource's UUID"]
    project_id: Annotated[str, "the Project it belongs to"]
    domain_id: Annotated[str | None, "that Project's Domain"] = None
    kind: Annotated[str, "such as vm, worker or bridge"]
    origin: Annotated[str | None, "adopted or provisioned"] = None
    external_ref: Annotated[str | None, "the handle that its Node registers with"] = None
    created_at: Annotated[str, _INSTANT]
    updated_at: Annotated[str | None, _INSTANT] = None


class ResourcePage(Struct, kw_only=True):
    """One page of a Project's Resources."""

    items: Annotated[list[Resource], "the Resources, oldest first"]
    next_cursor: Annotated[str | None, _NEXT_CURSOR] = None


class Node(Struct, kw_only=True):
    """A machine that has enrolled; a server may leave out its optional fields."""

    id: Annotated[str, "the Node's UUID"]
    name: Annotated[str | None, "the external_ref of its Resource"] = None
    domain_id: Annotated[str, "the Domain it belongs to"]
    project_id: Annotated[str | None, "the Project it belongs to; the local plane sends it"] = None
    resource_id: Annotated[str | None, "its Resource; deleting that removes the Node; the local plane sends it"] = None
    kind: Annotated[str | None, "the kind of its Resource"] = None
    mesh_ip: Annotated[str | None, "its mesh address; the local plane sends it"] = None
    reachability: Annotated[str | None, "healthy, stale or unreachable; node get always asks for it"] = None
    created_at: Annotated[str, _INSTANT]


class NodePage(Struct, kw_only=True):
    """One page of the Nodes."""

    items: Annotated[list[Node], "the Nodes, ordered by name"]
    next_cursor: Annotated[str | None, _NEXT_CURSOR] = None


class Reachability(Struct, kw_only=True):
    """The reachability of a Node."""

    state: Annotated[str, "healthy, stale, unreachable or never_reported"]


class Whoami(Struct, kw_only=True):
    """Who a bearer token belongs to; a server may leave out its optional fields."""

    principal_type: Annotated[str, "user or service"]
    principal_scope: Annotated[str | None, "domain or platform"] = None
    subject: Annotated[str, "the principal's id"]
    domain_id: Annotated[str | None, "the Domain it belongs to; absent for the platform's"] = None
    email: Annotated[str | None, "the person's address"] = None
    acr: Annotated[str | None, "how strongly it was authenticated"] = None
    amr: Annotated[list[str] | None, "by which methods it was authenticated"] = None


class IdpBinding(Struct, kw_only=True):
    """An identity provider that a Domain's people sign in with."""

    id: Annotated[str, "the binding's UUID"]
    label: Annotated[str, "its name"]


class IdpBindings(Struct, kw_only=True):
    """The identity providers of a Domain."""

    items: Annotated[list[IdpBinding], "each of them"]


class DeviceGrant(Struct, kw_only=True):
    """A request to be signed in (RFC 8628)."""

    device_code: Annotated[str, "what its device polls with"]
    user_code: Annotated[str, "what a person compares"]
    verification_uri_complete: Annotated[str, "where a person approves"]
    expires_in: Annotated[int, "in seconds"]
    interval: Annotated[int, "between two polls, in seconds"]


class AccessToken(Struct, kw_only=True):
    """The token of an approved request."""

    access_token: Annotated[str, "the bearer token"]
    token_type: Annotated[str, "Bearer"]
    expires_in: Annotated[int, "in seconds"]


class LoggedIn(Struct, kw_only=True):
    """What `login` has stored."""

    profile: Annotated[str, "the profile that holds server and token"]
    expires_in: Annotated[int, "how long the token is valid, in seconds"]


class LoggedOut(Struct, kw_only=True):
    """What `logout` has removed."""

    profile: Annotated[str, "the profile that held the token"]
    revoked: Annotated[bool, "whether the token is gone on the server, too"]


class StateEntry(Struct, kw_only=True):
    """An entry of a Node's state."""

    key: Annotated[str, "unique in its bucket"]
    value: Annotated[str, "free text"]
    workload_tag: Annotated[str | None, "which workload it is from"] = None


class NodeState(Struct, kw_only=True):
    """A Node's snapshot: all that its agent needs to know."""

    peers: Annotated[list[dict[str, object]], "the other Peers of its Domain"]
    reachability: Annotated[dict[str, object], "its state, and since when"]
    policy: Annotated[dict[str, object] | None, "its rules"] = None
    bridge: Annotated[dict[str, object] | None, "what it relays, if it is a bridge"] = None
    state: Annotated[dict[str, list[StateEntry]] | None, "its entries, by bucket: metadata, data, reports"] = None
    reports: Annotated[dict[str, list[StateEntry]] | None, "the same as state"] = None
    executions: Annotated[list[dict[str, object]], "the actions that it is to run"]
    sessions: Annotated[list[dict[str, object]], "the sessions that it mediates"]


class IssuedToken(Struct, kw_only=True):
    """A bootstrap token with its plaintext, as the server issued it."""

    token_id: Annotated[str, "the token's UUID"]
    token: Annotated[str, "the plaintext, in this response only"]
    issued_at: Annotated[str, _INSTANT]
    expires_at: Annotated[str, _INSTANT]


class Token(Struct, kw_only=True):
    """A bootstrap token without its plaintext."""

    id: Annotated[str, "the token's UUID"]
    project_id: Annotated[str, "the Project it enrols into"]
    kind: Annotated[str, "node or bridge"]
    env_prefix: Annotated[str, "the environment named in its plaintext"]
    issued_at: Annotated[str, _INSTANT]
    expires_at: Annotated[str, _INSTANT]
    consumed_at: Annotated[str | None, "RFC 3339; absent until it is redeemed"] = None
    revoked_at: Annotated[str | None, "RFC 3339; absent unless it was revoked"] = None
    issued_by_user_id: Annotated[str | None, "who issued it"] = None


class TokenPage(Struct, kw_only=True):
    """One page of a Project's bootstrap tokens."""

    items: Annotated[list[Token], "the tokens' metadata; never a plaintext"]
    next_cursor: Annotated[str | None, _NEXT_CURSOR] = None


class Peer(Struct, kw_only=True):
    """An anchored Node."""

    node_id: Annotated[str, "the Node's UUID"]
    mesh_ip: Annotated[str, "its mesh address"]
    reachability: Annotated[str, "healthy, stale or unreachable"]


class PeerList(Struct, kw_only=True):
    """The Peers of a Domain."""

    items: Annotated[list[Peer], "the Peers, each Node once"]


class Edge(Struct, kw_only=True, gc=False):
    """A directed edge between two Nodes."""

    source_node_id: Annotated[str, "the Node the edge starts from"]
    target_node_id: Annotated[str, "the Node it leads to"]
    mode: Annotated[str | None, "direct or relayed"] = None
    relay_node_id: Annotated[str | None, "the bridge that relays; null when direct"] = None
    status: Annotated[str | None, "the edge's own reachability"] = None


class Topology(Struct, kw_only=True):
    """A snapshot of a Domain's mesh."""

    domain_id: Annotated[str | None, "the Domain's UUID"] = None
    generated_at: Annotated[str | None, "when the snapshot was taken, RFC 3339"] = None
    nodes: Annotated[list[Peer], "every anchored Node"]
    edges: Annotated[list[Edge], "every directed edge"]


class MeshCheck(Struct, kw_only=True):
    """A check of a mesh."""

    check: Annotated[str, "what is counted, such as nodes stale"]
    count: Annotated[int, "how many there are"]
    worst: Annotated[str | None, "the Nodes that it concerns most"] = None


class MeshStatus(Struct, kw_only=True):
    """The checks of a Domain's mesh."""

    domain_id: Annotated[str, "the Domain's UUID"]
    healthy: Annotated[bool, "whether nothing is wrong, which is exit code 0"]
    checks: Annotated[list[MeshCheck], "the Nodes by state, then the edges"]


class MappedNode(Struct, kw_only=True):
    """A Node of a map."""

    node_id: Annotated[str, "the Node's UUID"]
    name: Annotated[str, "its name; empty where the server sends none"]
    mesh_ip: Annotated[str, "its mesh address"]
    reachability: Annotated[str, "healthy, stale or unreachable"]


class MappedEdge(Struct, kw_only=True):
    """An edge of a map."""

    source_node_id: Annotated[str, "the Node the edge starts from"]
    target_node_id: Annotated[str, "the Node it leads to"]
    kind: Annotated[str, "direct, relayed, stale, unreachable or other"]


class MeshMap(Struct, kw_only=True):
    """Who reaches whom in a Domain's mesh."""

    domain_id: Annotated[str, "the Domain's UUID"]
    left_out: Annotated[int, "how many Nodes are not shown"]
    nodes: Annotated[list[MappedNode], "the Nodes shown"]
    edges: Annotated[list[MappedEdge], "the edges between them"]


class Rotation(Struct, kw_only=True):
    """A key rotation, as the server reports it."""

    peer_id: Annotated[str, "the Peer whose key will change"]
    rotation_id: Annotated[str, "the pending rotation's UUID"]
    already_pending: Annotated[bool, "whether it was pending before this call"]


class KeyRotation(Struct, kw_only=True):
    """A key rotation, as `key rotate` shows it; a server that answers 409 names neither Peer nor rotation."""

    node_id: Annotated[str, "the Node's UUID"]
    peer_id: Annotated[str | None, "the Peer whose key will change"] = None
    rotation_id: Annotated[str | None, "the pending rotation's UUID"] = None
    already_pending: Annotated[bool, "whether it was pending before this call"]


class AffectedEdge(Struct, kw_only=True):
    """An edge that a key rotation would change."""

    peer_node_id: Annotated[str, "the Node at the other end"]
    current_kid: Annotated[str | None, "the pre-shared key's id"] = None
    current_wrap_key_version: Annotated[int | None, "the version of the key that wraps it"] = None


class RotationPreview(Struct, kw_only=True):
    """What a key rotation would change."""

    node_id: Annotated[str | None, "the Node's UUID"] = None
    peer_id: Annotated[str, "the Peer whose key would change"]
    affected_peer_count: Annotated[int, "how many edges get a new pre-shared key"]
    affected_edges: Annotated[list[AffectedEdge], "those edges, with the key in force on each"]
    already_pending: Annotated[bool, "whether a rotation is pending now"]
    estimated_duration_seconds: Annotated[int, "an estimate, in whole seconds"]


class ClosedRotation(Struct, kw_only=True):
    """A closed rotation of a signing key."""

    scope: Annotated[str, "platform or domain:<uuid>"]
    old_key_id: Annotated[str, "the key that is, or will be, retired"]
    new_key_id: Annotated[str, "the key that takes over"]


class OpenedRotation(ClosedRotation, kw_only=True):
    """An open rotation of a signing key."""

    opened_at: Annotated[str, "RFC 3339, UTC"]
    closes_at: Annotated[str, "until when Nodes shall accept the old key, RFC 3339, UTC"]
