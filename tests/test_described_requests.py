"""Every request that the command can make is one that the API descriptions know."""

from urllib.parse import parse_qsl

import httpx
import pytest

from tests.fake_server import problem
from tests.plane import descriptions
from tests.samples import CREATE, DELETE, GET, ID, LIST, OTHER_ID, ROTATE, UPDATE

TOKEN = ("--project", ID, "--token-id", OTHER_ID)
PAGE = ("--limit", "5", "--cursor", "c")
LINES = [
    ("domain", "list", *PAGE),
    ("domain", "get", ID),
    ("domain", "get", "acme-corp"),
    (*LIST, "--domain", ID, *PAGE),
    GET,
    (*CREATE, "--description", "North", "--sub-range", "10.50.0.128/25"),
    (*UPDATE, "--description", "", "--sub-range", "10.50.0.0/26"),
    ("project", "update", ID, "--release-sub-range"),
    DELETE,
    ("bootstrap-token", "issue", "--project", ID, "--kind", "node", "--env-prefix", "dev", "--ttl", "1h"),
    ("bootstrap-token", "list", "--project", ID, *PAGE),
    ("bootstrap-token", "get", *TOKEN),
    ("bootstrap-token", "revoke", *TOKEN, "--yes"),
    ("peer", "list", "--domain", ID),
    ("peer", "get", "--domain", ID, "--node", OTHER_ID),
    ("mesh", "topology", "--domain", ID),
    ROTATE,
    (*ROTATE, "--dry-run"),
]


@pytest.mark.parametrize("words", LINES, ids=" ".join)
def test_a_request_is_described(against, server, words):
    server.play(problem(418))
    assert against(*words).code == 1
    (sent,) = server.requests
    path, _, query = sent.target.partition("?")
    request = httpx.Request(sent.method, server.url + path, content=sent.body)
    for description in descriptions():
        description.check_request(request)
        assert dict(parse_qsl(query)).keys() <= description.parameters(sent.method, path)
