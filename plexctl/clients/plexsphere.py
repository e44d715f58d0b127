"""The plexsphere HTTP API: one method per operation, which returns the response's bytes and a typed view of them."""

from collections.abc import Iterable, Mapping

from plexctl import wire
from plexctl.clients.body import DESCRIPTION_BYTES, ERROR_BYTES, SUCCESS_BYTES, TOPOLOGY_BYTES
from plexctl.clients.pages import LARGEST_PAGE, each_page
from plexctl.clients.transport import Success, Transport
from plexctl.codec import parts
from plexctl.codec.decoding import MalformedError, Message, decode
from plexctl.failures import Failure, Kind
from plexctl.payload import Payload, own_payload

_PROBLEM_TYPE = "https://plexsphere.com/errors/"  # how a server's own begin


class Plexsphere:
    """The operations that plexctl uses.

    Raises: Failure, in every method, where the server does not answer with success.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def request(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> bytes | None:
        """Send a request to any operation; return its JSON, or None where a success has no body."""
        response = self._transport.send(method, path, query=query, body=body)
        if not response.body:
            return None
        _decode(response._replace(body=bytearray(b'{"any":' + response.body + b"}")), wire.AnyObject)
        return bytes(response.body)

    def whoami(self) -> Payload[wire.Whoami]:
        """Read who the bearer token belongs to."""
        return self._call("GET", "/v1/auth/whoami", wire.Whoami)

    def server_version(self) -> Payload[wire.AnyObject]:
        """Read which build the server is."""
        return self._call("GET", "/v1/version", wire.AnyObject, limit_bytes=ERROR_BYTES)

    def health(self) -> Payload[wire.AnyObject]:
        """Read how the server and its parts are."""
        return self._call("GET", "/v1/health", wire.AnyObject, limit_bytes=ERROR_BYTES)

    def api_description(self) -> Payload[wire.AnyObject]:
        """Read the description of the server's API."""
        return self._call("GET", "/v1/openapi.json", wire.AnyObject, limit_bytes=DESCRIPTION_BYTES)

    def idp_bindings(self, domain_id: str) -> list[wire.IdpBinding]:
        """List the identity providers of a Domain."""
        response = self._transport.send("GET", "/v1/auth/idp-bindings", query={"domain_id": domain_id})
        listed = response._replace(body=bytearray(b'{"items":' + response.body + b"}"))
        return _decode(listed, wire.IdpBindings).items

    def start_device_grant(self, domain_id: str, idp_binding_id: str) -> Payload[wire.DeviceGrant]:
        """Ask to be signed in (RFC 8628)."""
        body = {"domain_id": domain_id, "idp_binding_id": idp_binding_id}
        return self._call("POST", "/v1/auth/device-code", wire.DeviceGrant, body=body)

    def poll_device_grant(self, device_code: str) -> Payload[wire.AccessToken]:
        """Fetch the token of a request to be signed in; one that is not approved yet fails."""
        return self._call("POST", "/v1/auth/device-token", wire.AccessToken, body={"device_code": device_code})

    def revoke_api_token(self, token_id: str) -> None:
        """Revoke an API token of the caller; one that the server does not accept or know any more is gone, too."""
        try:
            self._transport.send("DELETE", f"/v1/auth/tokens/{token_id}")
        except Failure as failure:
            if failure.status not in (401, 404):
                raise

    def create_domain(self, domain: Mapping[str, object]) -> Payload[wire.Domain]:
        """Create a Domain."""
        return self._call("POST", "/v1/domains", wire.Domain, body=domain)

    def update_domain(self, domain_id: str, changes: Mapping[str, object]) -> Payload[wire.Domain]:
        """Change the fields of a Domain that `changes` names."""
        return self._call("PATCH", f"/v1/domains/{domain_id}", wire.Domain, body=changes)

    def delete_domain(self, domain_id: str) -> None:
        """Delete a Domain."""
        self._transport.send("DELETE", f"/v1/domains/{domain_id}")

    def create_resource(self, project_id: str, resource: Mapping[str, str]) -> Payload[wire.Resource]:
        """Create a Resource of a Project."""
        return self._call("POST", f"/v1/projects/{project_id}/resources", wire.Resource, body=resource)

    def resources(self, project_id: str, query: Mapping[str, str]) -> Payload[wire.ResourcePage]:
        """List one page of a Project's Resources."""
        return self._call("GET", f"/v1/projects/{project_id}/resources", wire.ResourcePage, query=query)

    def resource(self, resource_id: str) -> Payload[wire.Resource]:
        """Read one Resource."""
        return self._call("GET", f"/v1/resources/{resource_id}", wire.Resource)

    def delete_resource(self, resource_id: str) -> None:
        """Delete a Resource."""
        self._transport.send("DELETE", f"/v1/resources/{resource_id}")

    def nodes(self, query: Mapping[str, str]) -> Payload[wire.NodePage]:
        """List one page of the Nodes."""
        return self._call("GET", "/v1/nodes", wire.NodePage, query=query)

    def each_node(self, domain_id: str) -> list[wire.Node]:
        """Return every Node that has enrolled in a Domain."""
        query = {"domain_id": domain_id, "limit": str(LARGEST_PAGE)}
        return [node for page in each_page(self.nodes, query) for node in page.view.items]

    def node(self, node_id: str) -> Payload[wire.Node]:
        """Find a Node in the list; an unknown one fails as it would on a server that has such an operation.

        Its reachability is read too, where the list has none and the caller may.
        """
        for page in each_page(self.nodes, {"limit": str(LARGEST_PAGE)}):
            texts = parts.items(parts.members(page.document)["items"])
            for node, text in zip(page.view.items, texts, strict=True):
                if node.id.lower() == node_id:
                    return self._with_reachability(Payload(bytes(text), node))
        raise not_found("Node", f"there is no Node {node_id}", "/v1/nodes", page.request_id)

    def node_state(self, node_id: str) -> Payload[wire.NodeState]:
        """Read a Node's snapshot."""
        return self._call("GET", f"/v1/nodes/{node_id}/state", wire.NodeState)

    def create_project(self, project: Mapping[str, str]) -> Payload[wire.Project]:
        """Create a Project."""
        return self._call("POST", "/v1/projects", wire.Project, body=project)

    def projects(self, query: Mapping[str, str]) -> Payload[wire.ProjectPage]:
        """List one page of Projects."""
        return self._call("GET", "/v1/projects", wire.ProjectPage, query=query)

    def project(self, project_id: str) -> Payload[wire.Project]:
        """Read one Project."""
        return self._call("GET", f"/v1/projects/{project_id}", wire.Project)

    def project_once_readable(self, project_id: str) -> Payload[wire.Project] | None:
        """Read a Project of the caller's own, or return None while its grants have not arrived."""
        try:
            return self.project(project_id)
        except Failure as failure:
            if failure.kind in {Kind.DENIED, Kind.NOT_FOUND}:
                return None
            raise

    def update_project(self, project_id: str, changes: Mapping[str, object]) -> Payload[wire.Project]:
        """Change the fields of a Project that `changes` names."""
        return self._call("PATCH", f"/v1/projects/{project_id}", wire.Project, body=changes)

    def delete_project(self, project_id: str) -> None:
        """Delete a Project."""
        self._transport.send("DELETE", f"/v1/projects/{project_id}")

    def domains(self, query: Mapping[str, str]) -> Payload[wire.DomainPage]:
        """List one page of Domains."""
        return self._call("GET", "/v1/domains", wire.DomainPage, query=query)

    def domain(self, domain_id: str) -> Payload[wire.Domain]:
        """Read one Domain by its UUID."""
        return self._call("GET", f"/v1/domains/{domain_id}", wire.Domain)

    def issue_token(self, project_id: str, token: Mapping[str, object]) -> Payload[wire.IssuedToken]:
        """Issue a bootstrap token; its plaintext is in this response only."""
        return self._call("POST", f"/v1/projects/{project_id}/bootstrap-tokens", wire.IssuedToken, body=token)

    def tokens(self, project_id: str, query: Mapping[str, str]) -> Payload[wire.TokenPage]:
        """List one page of a Project's bootstrap tokens."""
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens", wire.TokenPage, query=query)

    def token(self, project_id: str, token_id: str) -> Payload[wire.Token]:
        """Read one bootstrap token, without its plaintext."""
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}", wire.Token)

    def revoke_token(self, project_id: str, token_id: str) -> None:
        """Revoke a bootstrap token."""
        self._transport.send("DELETE", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}")

    def topology(self, domain_id: str) -> Payload[wire.Topology]:
        """Read the snapshot of a Domain's mesh: its Nodes and edges."""
        response = self._topology(domain_id)
        return Payload(response.body, _decode(response, wire.Topology))

    def peers(self, domain_id: str) -> Payload[wire.PeerList]:
        """List the Nodes of the mesh, each once; if the snapshot contains a Node twice, the last entry counts."""
        return peer_list(self.each_peer(domain_id))

    def each_peer(self, domain_id: str) -> list[Payload[wire.Peer]]:
        """Return the Nodes of the mesh as `peers` lists them, each with its own part of the snapshot."""
        return _nodes(self._topology(domain_id))

    def peer(self, domain_id: str, node_id: str) -> Payload[wire.Peer]:
        """Find one Node in the mesh; an unknown Node fails as it would on a server that has such an operation."""
        response = self._topology(domain_id)
        for node in _nodes(response):
            if node.view.node_id.lower() == node_id:
                return node
        detail = f"no Node with id {node_id} is anchored in the mesh of Domain {domain_id}"
        raise not_found("Node", detail, _topology_path(domain_id), response.request_id)

    def rotate_key(self, node_id: str) -> Payload[wire.KeyRotation]:
        """Request a key rotation; `409 already_pending` means that one is pending, and is a success too."""
        try:
            response = self._transport.send("POST", f"/v1/nodes/{node_id}/keys/rotate")
        except Failure as failure:
            if (failure.status, failure.code) != (409, "already_pending"):
                raise
            pending = wire.KeyRotation(node_id=node_id, already_pending=True)
            return own_payload({"node_id": node_id, "already_pending": True}, pending)
        view = _decode(response, wire.Rotation)
        shown = wire.KeyRotation(
            node_id=node_id,
            peer_id=view.peer_id,
            rotation_id=view.rotation_id,
            already_pending=view.already_pending,
        )
        return Payload(parts.with_first(response.body, "node_id", node_id), shown)

    def preview_key_rotation(self, node_id: str) -> Payload[wire.RotationPreview]:
        """Read which edges a key rotation would change, without recording anything."""
        response = self._transport.send("GET", f"/v1/nodes/{node_id}/keys/rotate/preview")
        view = _decode(response, wire.RotationPreview)
        if view.node_id is None:
            view.node_id = node_id
            return Payload(parts.with_first(response.body, "node_id", node_id), view)
        return Payload(response.body, view)

    def _with_reachability(self, node: Payload[wire.Node]) -> Payload[wire.Node]:
        if node.view.reachability is not None:
            return node
        try:
            read = self._call("GET", f"/v1/nodes/{node.view.id}/reachability", wire.Reachability)
        except Failure as failure:
            if failure.kind in {Kind.DENIED, Kind.NOT_FOUND}:
                return node
            raise
        state = parts.members(read.document)["state"]
        node.view.reachability = read.view.state
        return Payload(parts.object_of({**parts.members(node.document), "reachability": state}), node.view)

    def _topology(self, domain_id: str) -> Success:
        return self._transport.send("GET", _topology_path(domain_id), limit_bytes=TOPOLOGY_BYTES)

    def _call(
        self,
        method: str,
        path: str,
        message: type[Message],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        limit_bytes: int = SUCCESS_BYTES,
    ) -> Payload[Message]:
        response = self._transport.send(method, path, query=query, body=body, limit_bytes=limit_bytes)
        return Payload(response.body, _decode(response, message), response.status, response.request_id)


def _topology_path(domain_id: str) -> str:
    return f"/v1/domains/{domain_id}/mesh/topology"


def _nodes(topology: Success) -> list[Payload[wire.Peer]]:
    nodes = _decode(topology, wire.Topology).nodes
    texts = parts.items(parts.members(topology.body)["nodes"])
    once = {node.node_id: Payload(bytes(text), node) for node, text in zip(nodes, texts, strict=True)}
    return list(once.values())


def peer_list(nodes: Iterable[Payload[wire.Peer]]) -> Payload[wire.PeerList]:
    """Make the document that lists these Nodes of a mesh."""
    nodes = list(nodes)
    items = b"[" + b",".join(node.document for node in nodes) + b"]"
    return Payload(parts.object_of({"items": items}), wire.PeerList(items=[node.view for node in nodes]))


def not_found(noun: str, detail: str, path: str, request_id: str | None) -> Failure:
    """Make the failure with which a server would answer that has an operation for what was looked for in a list."""
    code = f"{noun.lower()}_not_found"
    return Failure(
        Kind.NOT_FOUND,
        f"{noun} Not Found",
        detail,
        status=404,
        code=code,
        instance=path,
        request_id=request_id,
        extensions=[("type", f'"{_PROBLEM_TYPE}{code.replace("_", "-")}"'.encode())],
    )


def _decode(response: Success, message: type[Message]) -> Message:
    """Decode the body of a success.

    Raises: Failure(malformed) where it is not JSON of the message's shape.
    """
    try:
        return decode(response.body, message)
    except MalformedError as error:
        detail = f"the server reported success, but its response does not match the API description: {error}"
        raise Failure(
            Kind.MALFORMED, "Malformed Response", detail, status=response.status, request_id=response.request_id
        ) from error
