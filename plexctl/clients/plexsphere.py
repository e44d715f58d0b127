"""The plexsphere HTTP API: a method an operation, each answer checked and returned as the server sent it."""

from collections.abc import Mapping

from plexctl import wire
from plexctl.clients.pages import next_cursor
from plexctl.clients.payload import parse
from plexctl.clients.transport import Answer, Transport
from plexctl.failures import Failure, Kind
from plexctl.wire import Document, Malformed, Message


class Plexsphere:
    """The operations that plexctl uses. Every method raises Failure."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create_project(self, project: Mapping[str, str]) -> Document:
        return self._call("POST", "/v1/projects", wire.PROJECT, body=project)

    def projects(self, query: Mapping[str, str]) -> Document:
        return self._call("GET", "/v1/projects", wire.PROJECT_PAGE, query=query)

    def project(self, project_id: str) -> Document:
        return self._call("GET", f"/v1/projects/{project_id}", wire.PROJECT)

    def update_project(self, project_id: str, changes: Mapping[str, object]) -> Document:
        return self._call("PATCH", f"/v1/projects/{project_id}", wire.PROJECT, body=changes)

    def delete_project(self, project_id: str) -> None:
        self._transport.send("DELETE", f"/v1/projects/{project_id}")

    def domains(self, query: Mapping[str, str]) -> Document:
        return self._call("GET", "/v1/domains", wire.DOMAIN_PAGE, query=query)

    def domain(self, domain_id: str) -> Document:
        return self._call("GET", f"/v1/domains/{domain_id}", wire.DOMAIN)

    def domain_by_slug(self, slug: str) -> Document:
        """Find a Domain in the listing; a miss is the problem that a server would answer for an unknown id."""
        query: dict[str, str] = {}
        seen = set[str]()
        while True:
            answer = self._transport.send("GET", "/v1/domains", query=query)
            page = _decode(answer, wire.DOMAIN_PAGE)
            found: Document | None = next((domain for domain in page["items"] if domain["slug"] == slug), None)
            if found:
                return found
            cursor = next_cursor(page, seen)
            if not cursor:
                raise _miss("Domain", f"no Domain has the slug {slug}", "/v1/domains", answer.request_id)
            query = {"cursor": cursor}

    def issue_token(self, project_id: str, token: Mapping[str, object]) -> Document:
        return self._call("POST", f"/v1/projects/{project_id}/bootstrap-tokens", wire.ISSUED_TOKEN, body=token)

    def tokens(self, project_id: str, query: Mapping[str, str]) -> Document:
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens", wire.TOKEN_PAGE, query=query)

    def token(self, project_id: str, token_id: str) -> Document:
        return self._call("GET", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}", wire.TOKEN)

    def revoke_token(self, project_id: str, token_id: str) -> None:
        self._transport.send("DELETE", f"/v1/projects/{project_id}/bootstrap-tokens/{token_id}")

    def topology(self, domain_id: str) -> Document:
        return self._call("GET", f"/v1/domains/{domain_id}/mesh/topology", wire.TOPOLOGY)

    def peer(self, domain_id: str, node_id: str) -> Document:
        """Find one Node in the mesh; a miss is the problem that a server would answer for it.

        Of a Node that a snapshot holds twice the last state counts, as in the list.
        """
        path = f"/v1/domains/{domain_id}/mesh/topology"
        answer = self._transport.send("GET", path)
        for node in reversed(_decode(answer, wire.TOPOLOGY)["nodes"]):
            if node["node_id"].lower() == node_id:
                found: Document = node
                return found
        detail = f"no Node with id {node_id} is anchored in the mesh of Domain {domain_id}"
        raise _miss("Node", detail, path, answer.request_id)

    def rotate_key(self, node_id: str) -> Document:
        """Trigger a rotation; a server that answers `409 already_pending` has one, which is success too."""
        try:
            answer = self._call("POST", f"/v1/nodes/{node_id}/keys/rotate", wire.ROTATION)
        except Failure as failure:
            if (failure.status, failure.code) != (409, "already_pending"):
                raise
            answer = {"already_pending": True}
        return {"node_id": node_id, **answer}

    def preview_key_rotation(self, node_id: str) -> Document:
        answer = self._call("GET", f"/v1/nodes/{node_id}/keys/rotate/preview", wire.ROTATION_PREVIEW)
        return {"node_id": node_id, **answer}

    def _call(
        self,
        method: str,
        path: str,
        message: Message,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Document:
        return _decode(self._transport.send(method, path, query=query, body=body), message)


def _miss(noun: str, detail: str, path: str, request_id: str) -> Failure:
    code = f"{noun.lower()}_not_found"
    return Failure(
        Kind.NOT_FOUND, f"{noun} Not Found", detail, status=404, code=code, instance=path, request_id=request_id
    )


def _decode(answer: Answer, message: Message) -> Document:
    """Read a success's body. Raises Failure (malformed) unless it is JSON of the message's shape."""
    try:
        return wire.check(parse(answer.body), message)
    except Malformed as error:
        detail = f"the server answered success, but not as the API describes: {error}"
        raise Failure(
            Kind.MALFORMED, "Malformed Answer", detail, status=answer.status, request_id=answer.request_id
        ) from error
