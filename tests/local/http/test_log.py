"""The plane's log: one JSON object per line, which finds a request and gives no secret away."""

import io
import json
import logging
import socket
from typing import Any

import grpc
import pytest

from plexctl.local import log
from plexctl.signing.v1 import signing_pb2 as messages
from plexctl.signing.v1.signing_pb2_grpc import SignerServiceStub
from tests.plane import created, nsk_bearer, public_key
from tests.waiting import eventually


@pytest.fixture
def written():
    """What the plane logs meanwhile."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.JsonFormatter())
    logger = logging.getLogger("plexctl.local")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)
    logger.setLevel(level)


def _lines(written):
    return [json.loads(line) for line in written.getvalue().splitlines()]


def _line_of(written, request_id):
    """Find a request's line, which is written just after its answer."""
    return eventually(lambda: next((line for line in _lines(written) if line.get("request_id") == request_id), None))


def test_each_request_has_one_line(untouched, written):
    headers = {"X-Request-Id": "r-1"}
    answer = untouched.viewer.get("/v1/domains", params={"limit": "7", "cursor": ""}, headers=headers)

    line = _line_of(written, "r-1")

    assert line["time"].endswith("Z")
    assert line["milliseconds"] >= 0
    line = {name: value for name, value in line.items() if name not in {"time", "milliseconds"}}
    assert line == {
        "level": "info",
        "message": "request",
        "request_id": "r-1",
        "method": "GET",
        "path": "/v1/domains",
        "principal": "viewer",
        "status": 400,
        "code": "invalid_cursor",
        "correlation_id": answer.json()["correlation_id"],
    }


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/v1/projects/019ed19b-68dc-7aa9-8995-80e810444cce", "permission_denied"),
        ("GET", "/v1/domains?limit=0", "invalid_limit"),
        ("GET", "/v1/nowhere", "not_found"),
        ("PUT", "/v1/domains", "method_not_allowed"),
    ],
)
def test_a_problem_its_header_and_its_line_share_code_and_correlation_id(untouched, written, method, path, code):
    answer = untouched.outsider.request(method, path, headers={"X-Request-Id": "r-2"})

    problem = answer.json()
    line = _line_of(written, "r-2")
    assert problem["code"] == line["code"] == code
    assert problem["correlation_id"] == line["correlation_id"] == answer.headers["x-correlation-id"]


def test_control_characters_in_a_path_stay_escaped(untouched, written):
    untouched.nobody.get("/v1/%1b%5b31m%0a%c2%9b", headers={"X-Request-Id": "r-3"})

    assert _line_of(written, "r-3")["path"] == "/v1/\x1b[31m\n\x9b"
    assert not any(ord(letter) < 32 or ord(letter) > 126 for letter in written.getvalue().replace("\n", ""))


def test_no_secret_reaches_the_log_or_an_error(plane, written):
    project_id = plane.project()
    token = plane.token(project_id)
    body = plane.registration(project_id, token)
    registered = created(plane.nobody.post("/v1/register", json=body))
    plane.anchored(plane.domain_id(), 1)
    secrets = {*plane.bearers.values(), token, body["nonce"], registered["nsk"], nsk_bearer(registered)}
    node = plane.client(nsk_bearer(registered))
    answers = [
        plane.nobody.post("/v1/register", json=plane.registration(project_id, token)),
        plane.nobody.post("/v1/register", json=body | {"bootstrap_token": token[:-1]}),
        plane.nobody.post("/v1/register", content=json.dumps(body)[:-1]),
        node.get("/v1/domains"),
        node.post("/v1/keys/rotate", json={"new_public_key": public_key()}),
        node.post("/v1/keys/rotate", json={"new_public_key": registered["nsk"], "nsk": registered["nsk"]}),
        node.post(f"/v1/nodes/{registered['node_id']}/heartbeat", json={"nsk": registered["nsk"]}),
        plane.client(plane.bearers["admin"][:-1]).get("/v1/domains", params={"cursor": "x"}),
        plane.client(nsk_bearer(registered)[:-1] + "A").post("/v1/keys/rotate", json={}),
    ]
    with grpc.insecure_channel(plane.signer_endpoint) as channel:
        call = messages.SignRequest(canonical_bytes=b"an event", scope="platform")
        SignerServiceStub(channel).Sign(call, metadata=(("authorization", f"Bearer {plane.bearers['admin']}"),))

    assert all(answer.status_code >= 400 for answer in answers)
    eventually(lambda: any(line["message"] == "call" for line in _lines(written)))
    said = written.getvalue() + "".join(answer.text for answer in answers)
    assert not [secret for secret in secrets if secret in said]


def test_a_caller_who_goes_before_the_answer_has_a_line_without_a_status(untouched, written):
    host, port = untouched.url.removeprefix("http://").split(":")
    bearer = untouched.bearers["admin"]
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST /v1/domains HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {bearer}\r\nX-Request-Id: r-4"
        connection.sendall(f"{head}\r\nContent-Length: 10\r\n\r\n{{".encode())

    line = _line_of(written, "r-4")

    assert (line["message"], line["path"]) == ("request", "/v1/domains")
    assert "status" not in line


CREDENTIALS = (
    "psb_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_node_bbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    "nsk_dev_" + "Ab-_" * 16,
    "psk_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_cccccccccccccccc",
    "plexlocal_admin_" + "Dd-_" * 10,
    "PSB_DEV_AAAAAAAAAAAAAAAAAAAAAAAAAA_NODE_BBBBBBBBBBBBBBBBBBBBBBBBBBBB",
)
# Where foreign text gets into a request: path, query, body, method, request id.
FOREIGN = (
    lambda client, secret: client.get(f"/v1/domains/{secret}"),
    lambda client, secret: client.get("/v1/domains/" + secret.replace("_", "%5F")),
    lambda client, secret: client.get(f"/v1/domains/{secret}/mesh/topology"),
    lambda client, secret: client.delete(f"/v1/projects/{secret}/bootstrap-tokens/{secret}"),
    lambda client, secret: client.get(f"/{secret}/x"),
    lambda client, secret: client.request(secret, "/v1/domains"),
    lambda client, secret: client.get("/v1/domains", params={"limit": secret}),
    lambda client, secret: client.get("/v1/nodes", params={"domain_id": secret}),
    lambda client, secret: client.post("/v1/domains", json={secret: 1}),
    lambda client, secret: client.post("/v1/domains", json={"name": "n", "slug": secret, "mesh_cidr": "10.0.0.0/24"}),
    lambda client, secret: client.post("/v1/domains", json={}, headers={"Content-Type": secret}),
    lambda client, secret: client.get("/v1/domains/x", headers={"X-Request-Id": secret}),
)


@pytest.mark.parametrize("request_with", FOREIGN)
def test_a_credential_in_foreign_text_is_masked_in_problem_and_log(plane, written, request_with):
    for secret in CREDENTIALS:
        for client in (plane.admin, plane.viewer, plane.outsider):
            answer = request_with(client, secret)
            assert answer.status_code >= 400
            assert secret not in answer.text
            assert secret.replace("_", "%5F") not in answer.text
            line = _line_of(written, answer.headers["x-request-id"])
            assert secret not in json.dumps(line)


def test_a_credential_as_the_request_id_of_a_call_is_replaced(plane, written):
    for secret in CREDENTIALS:
        with grpc.insecure_channel(plane.signer_endpoint) as channel, pytest.raises(grpc.RpcError) as caught:
            SignerServiceStub(channel).Sign(messages.SignRequest(), metadata=(("x-request-id", secret),))
        metadata: dict[str, Any] = {item.key: item.value for item in caught.value.trailing_metadata()}
        request_id = metadata["x-request-id"]
        assert _line_of(written, request_id)["request_id"] == request_id
        assert secret not in written.getvalue()


def test_a_traceback_is_part_of_its_line(written):
    try:
        json.loads("two\nlines")
    except ValueError:
        logging.getLogger("plexctl.local").exception("failed: %d", 7)

    (line,) = _lines(written)
    assert (line["level"], line["message"]) == ("error", "failed: 7")
    assert "JSONDecodeError" in line["traceback"]
