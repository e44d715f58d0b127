"""Bodies as strangers send them: too large, in chunks, broken, or JSON with a second meaning."""

import http.client
import itertools
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plexctl.local.http import app, openapi
from tests.each import each
from tests.long_mode import pick
from tests.plane import LivePlane, nsk_bearer, public_key, refused, running
from tests.waiting import PATIENCE_SECONDS

WITH_BODY = [row for row in app.operations() if row.body]


class Populated(LivePlane):
    ids: dict[str, str]
    node: httpx.Client


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    """One plane for all, with one Node, since what is refused here changes nothing."""
    with running(Populated, tmp_path_factory.mktemp("plane")) as live:
        live.ids = {"domains": live.domain_id(), "projects": live.project()}
        enrolled = live.enrol(live.ids["projects"])
        live.ids["nodes"] = enrolled["node_id"]
        live.node = live.client(nsk_bearer(enrolled))
        live.anchored(live.ids["domains"], 1)
        yield live


def _send(plane, row, content):
    """Send content to an operation, at an object that is there and as somebody who may."""
    path = re.sub(r"{\w+}", plane.ids.get(row.path.split("/")[2], ""), row.path.replace("{key}", "a"))
    client = plane.node if row.caller == "node" else plane.caller(row.caller)
    return client.request(row.method, path, content=content)


def _padded(size: int) -> bytes:
    return b'{"padding":"' + b"x" * (size - 14) + b'"}'


@each("row", WITH_BODY)
def test_a_body_at_the_ceiling_is_read_and_one_byte_more_is_not(plane, row):
    ceiling = row.body.max_bytes

    assert _send(plane, row, _padded(ceiling)).status_code in {400, 422}
    refused(_send(plane, row, _padded(ceiling + 1)), 413, row.body.too_large.code)


@each("row", WITH_BODY)
def test_the_ceiling_holds_for_a_body_without_a_length(plane, row):
    def chunks(size):
        yield from (bytes([octet]) for octet in _padded(size)[:64])
        yield _padded(size)[64:]

    assert _send(plane, row, chunks(row.body.max_bytes)).status_code in {400, 422}
    refused(_send(plane, row, chunks(row.body.max_bytes + 1)), 413, row.body.too_large.code)


@pytest.mark.parametrize(
    ("caller", "path", "status", "code"),
    [
        ("admin", "/v1/domains", 413, "request_body_too_large"),
        ("nobody", "/v1/domains", 401, "unauthenticated"),
        ("admin", "/v1/nodes/x/keys/rotate", 404, "node_not_found"),
        ("admin", "/nowhere", 404, "not_found"),
    ],
)
def test_a_body_without_an_end_is_answered_all_the_same(plane, caller, path, status, code):
    endless = itertools.repeat(b"x" * 1000)

    refused(getattr(plane, caller).post(path, content=endless), status, code)


def test_an_announced_body_is_refused_before_it_is_sent(plane):
    address = urlsplit(plane.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=PATIENCE_SECONDS)
    connection.putrequest("POST", "/v1/register")
    connection.putheader("Content-Length", str(10**12))
    connection.putheader("Expect", "100-continue")
    connection.endheaders()

    answer = connection.getresponse()

    assert answer.status == 413
    assert json.loads(answer.read())["code"] == "request_body_too_large"
    connection.close()


@each(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"[]",
        b'"text"',
        b"null",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'{"name":"\xff"}',
        b'{"name":"\\ud800"}',
        b'{"name":NaN}',
        b'{"name":-Infinity}',
        b'{"name":1e999}',
        b'{"name":"a","name":"a"}',
        b'{"nested":{"a":1,"a":2}}',
        b'{"name":12345678901234567890123}',
        b"[" * 4000,
        b'{"a":' * 800,
        '{"name":"a"}'.encode("utf-16"),
    ],
)
@each("row", WITH_BODY)
def test_a_body_that_is_not_one_json_object_is_malformed(plane, row, body):
    problem = refused(_send(plane, row, body), 400, row.body.malformed.code)

    assert "acceptable JSON" in problem["detail"] or "not a JSON object" in problem["detail"]


@each("row", WITH_BODY)
def test_an_unknown_member_is_refused_everywhere_but_in_a_registration(plane, row):
    parent = {"domain_id": plane.ids["domains"]} if row.name == "CreateProject" else {}
    answer = _send(plane, row, json.dumps({"no_such_member": 1, **parent}).encode())

    if row.name == "PostRegister":
        refused(answer, 400, "public_key_invalid")
    else:
        assert "no_such_member" in refused(answer, 400, row.body.malformed.code)["detail"]


def test_what_is_wrong_with_a_body_does_not_repeat_it(plane):
    answer = plane.nobody.post("/v1/register", content=b'{"bootstrap_token": "psb_secret" "nonce": 1}')

    assert "psb_secret" not in refused(answer, 400, "invalid_body")["detail"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
SCHEMAS = openapi.describe(app.operations())["components"]["schemas"].values()
FIELDS = sorted({name for schema in SCHEMAS for name in schema.get("properties", {})})
LIKELY = st.sampled_from(
    [
        "",
        " ",
        "\x00",
        "10.99.0.0/24",
        "0.0.0.0/0",
        "::/0",
        "30s",
        "-1s",
        "9" * 400 + "h",
        "2026-01-01T00:00:00Z",
        "node",
    ]
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), LIKELY | JSON, max_size=8)


@given(row=st.sampled_from(WITH_BODY), body=BODIES)
@example(row=WITH_BODY[0], body={"slug": "s", "name": "n", "mesh_cidr": "::/0"})
@settings(max_examples=pick(30, 200))
def test_no_json_makes_an_operation_fail(plane, row, body):
    answer = _send(plane, row, json.dumps(body, ensure_ascii=True).encode())

    assert answer.status_code < 500, answer.text


@given(row=st.sampled_from(WITH_BODY), body=st.binary(max_size=200))
def test_no_bytes_make_an_operation_fail(plane, row, body):
    assert _send(plane, row, body).status_code < 500


def test_a_body_where_none_is_wanted_does_no_harm(plane):
    answer = plane.admin.post(f"/v1/nodes/{plane.ids['nodes']}/keys/rotate", content=b"{" * 100_000)

    assert answer.status_code == 200
    assert plane.node.post("/v1/keys/rotate", json={"new_public_key": public_key()}).status_code == 200


@pytest.mark.parametrize(("count", "is_taken"), [(10, True), (11, False)])
def test_a_form_has_ten_fields_at_most(plane, count, is_taken):
    answer = plane.nobody.post("/v1/device", data={f"field-{number}": "x" for number in range(count)})
    assert ("not a form that this page has" not in answer.text) == is_taken
