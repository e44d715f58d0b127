"""A body is decompressed and counted while it arrives; what is too large, or in a coding not asked for, is refused."""

import gzip
import json
import zlib

import pytest

from plexctl.clients.body import ERROR_BYTES, MEBIBYTE, SUCCESS_BYTES, TOPOLOGY_BYTES
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import FORMATS, GET, ID, LIST, PROJECT

WHOLE = json.dumps(PROJECT).encode()
TOPOLOGY = f"mesh topology --domain {ID}"


def coded(coding, body, status=200):
    return answer(status, body, headers={"Content-Encoding": coding})


@pytest.mark.parametrize(
    ("coding", "encode"),
    [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress)],
)
def test_a_compressed_body_is_read(against, server, coding, encode):
    server.play(coded(coding, encode(WHOLE)))
    assert against(f"{GET} -o json").json == PROJECT
    assert server.requests[0].headers["accept-encoding"] == "gzip"


def test_an_identity_coding_changes_nothing(against, server):
    server.play(coded("identity", WHOLE))
    assert against(f"{GET} -o json").json == PROJECT


@each("output", FORMATS)
@each("coding", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_a_coding_that_was_not_asked_for_is_malformed(against, server, coding, output):
    server.play(coded(coding, WHOLE))
    error = assert_failed(against(f"{GET} -o {output}"), output, 1)
    assert error is None or (error["kind"], error["status"]) == ("malformed", 200)
    assert error is None or repr(coding) in error["detail"]


@pytest.mark.parametrize("cut", [1, 8, -12, -1])
def test_a_compressed_body_that_ends_too_early_is_malformed(against, server, cut):
    server.play(coded("gzip", gzip.compress(WHOLE)[:cut]))
    outcome = against(GET)
    assert_failed(outcome, "text", 1)
    assert "its content coding ends too early" in outcome.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_a_success_that_is_too_large_is_malformed(against, server, output):
    server.play(coded("gzip", gzip.compress(b"[" + b" " * SUCCESS_BYTES, 1)))
    error = assert_failed(against(f"{LIST} -o {output}"), output, 1)
    assert error is None or (error["kind"], error["status"]) == ("malformed", 200)
    assert error is None or "it is larger than 64 MiB" in error["detail"]


def test_a_success_of_just_the_limit_is_read(against, server):
    server.play(coded("gzip", gzip.compress(WHOLE + b" " * (SUCCESS_BYTES - len(WHOLE)), 1)))
    assert against(f"{GET} -o json").json == PROJECT


def test_a_topology_may_be_larger_than_other_answers(against, server):
    body = b'{"nodes": [], "edges": []' + b" " * (SUCCESS_BYTES + 1) + b"}"
    server.play(coded("gzip", gzip.compress(body, 1)))
    assert against(f"{TOPOLOGY} -o json").code == 0
    assert TOPOLOGY_BYTES == 256 * MEBIBYTE


def test_a_body_without_end_is_given_up_at_the_limit(against, server):
    def endless(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" " * MEBIBYTE)

    server.play(endless)
    outcome = against(LIST)
    assert_failed(outcome, "text", 1)
    assert "it is larger than 64 MiB" in outcome.stderr


@pytest.mark.parametrize("output", FORMATS)
def test_an_error_keeps_its_status_and_its_text_is_cut(against, server, output):
    server.play(coded("gzip", gzip.compress(b"x" * (2 * ERROR_BYTES)), status=404))
    outcome = against(f"{GET} -o {output}")
    error = assert_failed(outcome, output, 4)
    assert error is None or (error["kind"], error["status"]) == ("not_found", 404)
    assert len(outcome.stderr) < 1000


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_an_error_whose_coding_is_broken_keeps_its_status(against, server, coding):
    server.play(coded(coding, b"nonsense", status=403))
    assert_failed(against(GET), "text", 4)
