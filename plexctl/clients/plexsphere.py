"""The plexsphere HTTP API: a method an operation, each answer's bytes with a checked view of them."""

from collections.abc import Mapping

from plexctl import wire
from plexctl.clients.body import TOPOLOGY_BYTES
from plexctl.clients.pages import Cursors
from plexctl.clients.transport import Answer, Transport
from plexctl.codec import parts
from plexctl.codec.decoding import Malformed, Message, decode
from plexctl.failures import Failure, Kind
from plexctl.payload import Payload, own_payload


class Plexsphere:
    """The operations that plexctl uses. Raises: Failure, in every method."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_project(self, project: Mapping[str, str]) -> Payload[wire.Project]:
        return self._call("POST", "/v1/projects", wire.Project, body=project)

    def projects(self, query: Mapping[str, str]) -> Payload[wire.ProjectPage]:
        return self._call("GET", "/v1/projects", wire.ProjectPage, query=query)

    def project(self, project_id: str) -> Payload[wire.Project]:
        return self._call("GET", f"/v1/projects/{project_id}", wire.Project)

    def update_project(self, project_id: str, changes: Mapping[str, object]) -> Payload[wire.Project]:
        return self._call("PATCH", f"/v1/projects/{project_id}", wire.Project, body=changes)

    def delete_project(self, project_id: str) -> None:
        self._transport.send("DELETE", f"/v1/projects/{project_id}")

    def domains(self, query: Mapping[str, str]) -> Payload[wire.DomainPage]:
        return self._call("GET", "/v1/domains", wire.DomainPage, query=query)

    def domain(self, domain_id: str) -> Payload[wire.Domain]:
        return self._call("GET", f"/v1/domains/{domain_id}", wire.Domain)

    def domain_by_slug(self, slug: str) -> Payload[wire.Domain]:
        """Find a Domain in the listing; a miss is the problem that a server would answer for an unknown id."""
        query: dict[str, str] = {}
        cursors = Cursors()
        while True:
            answer = self._transport.send("GET", "/v1/domains", query=query)
            page = _decode(answer, wire.DomainPage)
            for domain, text in zip(page.items, parts.items(parts.members(answer.body)["items"]), strict=True):
                if domain.slug == slug:
                    return Payload(bytes(text), domain)
            cursor = cursors.after(page)
            if not cursor:
                raise _not_found("Domain", f"no Domain has the slug {slug}", "/v1/domains", answer.request_id)
            query = {"cursor": cursor}

    def issue_token(self, project_id: str, token: Mapping[str, object]) -> Payload[wire.IssuedToken]:
        return self._call("POST", f"/v1/projects/{project_id}/bootstrap-tokens", wire.IssuedToken, body=token)

    def tokens(self, project_id: str, query: Mapping[str, str]) -> Payload[wire.TokenPage]:
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens", wire.TokenPage, query=query)

    def token(self, project_id: str, token_id: str) -> Payload[wire.Token]:
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}", wire.Token)

    def revoke_token(self, project_id: str, token_id: str) -> None:
        self._transport.send("DELETE", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}")

    def topology(self, domain_id: str) -> Payload[wire.Topology]:
        answer = self._topology(domain_id)
        return Payload(answer.body, _decode(answer, wire.Topology))

    def peers(self, domain_id: str) -> Payload[wire.PeerList]:
        """List the Nodes of the mesh, each once; of one that a snapshot holds twice the last state counts."""
        nodes = _nodes(self._topology(domain_id))
        items = b"[" + b",".join(node.document for node in nodes) + b"]"
        return Payload(parts.object_of({"items": items}), wire.PeerList(items=[node.view for node in nodes]))

    def peer(self, domain_id: str, node_id: str) -> Payload[wire.Peer]:
        """Find one Node in the mesh; a miss is the problem that a server would answer for it."""
        answer = self._topology(domain_id)
        for node in _nodes(answer):
            if node.view.node_id.lower() == node_id:
                return node
        detail = f"no Node with id {node_id} is anchored in the mesh of Domain {domain_id}"
        raise _not_found("Node", detail, _topology_path(domain_id), answer.request_id)

    def rotate_key(self, node_id: str) -> Payload[wire.KeyRotation]:
        """Trigger a rotation; a server that answers `409 already_pending` has one, which is success too."""
        try:
            answer = self._transport.send("POST", f"/v1/nodes/{node_id}/keys/rotate")
        except Failure as failure:
            if (failure.status, failure.code) != (409, "already_pending"):
                raise
            pending = wire.KeyRotation(node_id=node_id, already_pending=True)
            return own_payload({"node_id": node_id, "already_pending": True}, pending)
        view = _decode(answer, wire.Rotation)
        shown = wire.KeyRotation(
            node_id=node_id,
            peer_id=view.peer_id,
            rotation_id=view.rotation_id,
            already_pending=view.already_pending,
        )
        return Payload(parts.with_first(answer.body, "node_id", node_id), shown)

    def preview_key_rotation(self, node_id: str) -> Payload[wire.RotationPreview]:
        answer = self._transport.send("GET", f"/v1/nodes/{node_id}/keys/rotate/preview")
        view = _decode(answer, wire.RotationPreview)
        if view.node_id is None:
            view.node_id = node_id
            return Payload(parts.with_first(answer.body, "node_id", node_id), view)
        return Payload(answer.body, view)

    def _topology(self, domain_id: str) -> Answer:
        return self._transport.send("GET", _topology_path(domain_id), limit_bytes=TOPOLOGY_BYTES)

    def _call(
        self,
        method: str,
        path: str,
        message: type[Message],
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Payload[Message]:
        answer = self._transport.send(method, path, query=query, body=body)
        return Payload(answer.body, _decode(answer, message))


def _topology_path(domain_id: str) -> str:
    return f"/v1/domains/{domain_id}/mesh/topology"


def _nodes(topology: Answer) -> list[Payload[wire.Peer]]:
    nodes = _decode(topology, wire.Topology).nodes
    texts = parts.items(parts.members(topology.body)["nodes"])
    once = {node.node_id: Payload(bytes(text), node) for node, text in zip(nodes, texts, strict=True)}
    return list(once.values())


def _not_found(noun: str, detail: str, path: str, request_id: str) -> Failure:
    code = f"{noun.lower()}_not_found"
    return Failure(
        Kind.NOT_FOUND, f"{noun} Not Found", detail, status=404, code=code, instance=path, request_id=request_id
    )


def _decode(answer: Answer, message: type[Message]) -> Message:
    """Decode a success's body. Raises: Failure (malformed) unless it is JSON of the message's shape."""
    try:
        return decode(answer.body, message)
    except Malformed as error:
        detail = f"the server answered success, but not as the API describes: {error}"
        raise Failure(
            Kind.MALFORMED, "Malformed Answer", detail, status=answer.status, request_id=answer.request_id
        ) from error
