"""What the headers of a request say of its body: media type, content coding, length."""

import gzip
import json
import re
import zlib
from typing import Any

import pytest

from plexctl.local.http import app
from plexctl.local.http.content import GZIP_OVERHEAD
from tests.each import each
from tests.plane import live_plane, nsk_bearer, refused

WITH_BODY = [row for row in app.operations() if row.body]
EACH = each("row", WITH_BODY)
JSON = {"Content-Type": "application/json"}
GZIP = {**JSON, "Content-Encoding": "gzip"}


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    with live_plane(tmp_path_factory.mktemp("plane")) as running:
        live: Any = running  # with what the requests of this file need
        live.ids = {"domains": live.domain_id(), "projects": live.project()}
        enrolled = live.enrol(live.ids["projects"])
        live.ids["nodes"] = enrolled["node_id"]
        live.node = live.client(nsk_bearer(enrolled))
        live.anchored(live.ids["domains"], 1)
        yield live


@pytest.fixture(scope="module")
def bomb():
    """Twenty megabytes in 20 kB."""
    return gzip.compress(b" " * 20_000_000)


def send(plane, row, content, headers):
    path = re.sub(r"{\w+}", plane.ids.get(row.path.split("/")[2], ""), row.path.replace("{key}", "a"))
    client = plane.node if row.caller == "node" else plane.caller(row.caller)
    return client.request(row.method, path, content=content, headers=headers)


def padded(size):
    return b'{"padding":"' + b"x" * (size - 14) + b'"}'


def is_read(answer, row):
    """Tell whether the body was read: what is wrong with it is its one member, or what it lacks."""
    problem = answer.json()
    names_it = problem["code"] == row.body.malformed.code and "padding" in problem["detail"]
    return answer.status_code == 400 and (names_it or problem["code"] in {"invalid_project", "public_key_invalid"})


@EACH
@each("coding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_is_decoded(plane, row, coding):
    answer = send(plane, row, gzip.compress(b'{"padding": 1}'), {**JSON, "Content-Encoding": coding})
    assert is_read(answer, row)
    assert "gzip" not in answer.json()["detail"]


def test_a_domain_is_created_from_gzip_with_several_members(plane):
    body = json.dumps({"name": "Zipped", "slug": "zipped", "mesh_cidr": "10.77.0.0/24"}).encode()
    content = gzip.compress(body[:20]) + gzip.compress(b"") + gzip.compress(body[20:])
    assert plane.admin.post("/v1/domains", content=content, headers=GZIP).status_code == 201


@EACH
def test_the_ceiling_counts_what_is_decoded(plane, row):
    ceiling = row.body.max_bytes
    for level in (0, 9):
        assert is_read(send(plane, row, gzip.compress(padded(ceiling), level), GZIP), row)
        answer = send(plane, row, gzip.compress(padded(ceiling + 1), level), GZIP)
        refused(answer, 413, row.body.too_large.code)


@EACH
def test_a_small_body_that_inflates_without_end_is_too_large(plane, bomb, row):
    refused(send(plane, row, bomb[: row.body.max_bytes], GZIP), 413, row.body.too_large.code)


@EACH
def test_a_body_of_nothing_but_members_is_too_large(plane, row):
    empty = gzip.compress(b"")
    many = empty * ((row.body.max_bytes + GZIP_OVERHEAD) // len(empty) + 1)
    refused(send(plane, row, many, GZIP), 413, row.body.too_large.code)


@EACH
@each(
    "content",
    [b"", b"{}", gzip.compress(b"{}")[:-1], gzip.compress(b"{}") + b"x", zlib.compress(b"{}")],
)
def test_what_is_not_a_whole_gzip_stream_is_malformed(plane, row, content):
    assert "gzip" in refused(send(plane, row, content, GZIP), 400, row.body.malformed.code)["detail"]


@EACH
@each("coding", ["br", "deflate", "zstd", "compress", "gzip, gzip", "gzip,br", "gzip identity"])
def test_any_other_coding_is_refused_by_its_name(plane, row, coding):
    answer = send(plane, row, b"{}", {**JSON, "Content-Encoding": coding})
    assert repr(coding) in refused(answer, 415, "unsupported_content_coding")["detail"]
    assert answer.headers["accept-encoding"] == "gzip"


def test_codings_in_several_headers_are_several(plane):
    headers = [*JSON.items(), ("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")]
    answer = plane.admin.post("/v1/domains", content=gzip.compress(b"{}"), headers=headers)
    refused(answer, 415, "unsupported_content_coding")


@EACH
@each(
    "media_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8", "application/json ;x=y", ""],
)
def test_json_is_read_however_its_type_is_written(plane, row, media_type):
    assert is_read(send(plane, row, b'{"padding": 1}', {"Content-Type": media_type}), row)


@EACH
def test_a_body_without_a_media_type_is_read_as_json(plane, row):
    assert is_read(send(plane, row, b'{"padding": 1}', {}), row)


@EACH
@each(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/merge-patch+json",
        "application/json, text/plain",
        "json",
    ],
)
def test_any_other_media_type_is_refused_by_its_name(plane, row, media_type):
    answer = send(plane, row, b"{}", {"Content-Type": media_type})
    assert media_type in refused(answer, 415, "unsupported_media_type")["detail"]
    assert answer.headers["accept"] == "application/json"


def test_an_unknown_caller_is_refused_before_the_body_is_looked_at(plane):
    headers = {"Content-Type": "text/plain", "Content-Encoding": "br"}
    refused(plane.nobody.post("/v1/domains", content=b"{}", headers=headers), 401, "unauthenticated")
    refused(plane.nobody.post("/v1/keys/rotate", content=b"{}", headers=headers), 401, "unauthorized")


def test_the_ceilings_are_as_published():
    ceilings = {row.name: row.body.max_bytes for row in WITH_BODY if row.body}
    assert ceilings.pop("PostKeysRotate") == 4096
    assert ceilings.pop("PostNodeHeartbeat") == 65536  # the API names none
    assert ceilings.pop("PutNodeStateReport") == 131_072  # holds the longest value and tag, however they are escaped
    assert ceilings.pop("PutNodeEndpoint") == 4096
    assert ceilings.pop("PutNodeCapabilities") == 32_768
    assert set(ceilings.values()) == {8192}
