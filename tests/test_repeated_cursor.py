"""A server that sends a cursor twice: paging ends, and the error names the response that did it."""

import pytest

from tests.fake_server import answer
from tests.samples import LIST, PROJECT

DOMAIN = {**PROJECT, "mesh_cidr": "10.50.0.0/26"}


@pytest.mark.parametrize(
    ("words", "item"), [(f"{LIST} --all", PROJECT), ("domain get nowhere", DOMAIN)], ids=["--all", "by slug"]
)
@pytest.mark.parametrize("header", [{}, {"X-Request-Id": "the-servers"}], ids=str)
def test_a_cursor_sent_twice_names_status_and_request(against, server, words, item, header):
    page = {"items": [item], "next_cursor": "again"}
    server.play(answer(200, page), answer(200, page, header))
    error = against(f"{words} -o json").error
    assert (error["kind"], error["status"]) == ("malformed", 200)
    assert error["detail"].startswith("the server sent the same cursor twice")
    assert error["request_id"] == header.get("X-Request-Id", server.requests[1].headers["x-request-id"])
    assert len(server.requests) == 2
