"""A fleet's requests to a server that fails for a while."""

import asyncio
import itertools

import pytest

from plexctl.local.fleet import api
from plexctl.local.fleet.api import Api, Refused
from tests.fake_server import answer, problem


@pytest.fixture
def rests(monkeypatch):
    """The rests between attempts, none of them taken."""
    taken = []

    async def rest(seconds):
        taken.append(seconds)

    monkeypatch.setattr("plexctl.local.fleet.api.asyncio.sleep", rest)
    return taken


def call(locate):
    async def once():
        client = Api(locate)
        try:
            return (await client.call("GET", "/v1/x", "a-bearer")).json()
        finally:
            await client.aclose()

    return asyncio.run(once())


def test_what_may_pass_is_tried_again(server, rests):
    failing = [problem(status) for status in (500, 502, 503, 408, 429)]
    server.play(*failing, b"", answer(200, {"is": "here"}))
    assert call(lambda: server.url) == {"is": "here"}
    assert len(server.requests) == 7
    assert len(rests) == 6


def test_retry_after_is_obeyed(server, rests):
    server.play(answer(503, {}, {"Retry-After": "7"}), answer(200, {}))
    call(lambda: server.url)
    assert 7 < rests[0] <= 7.1


def test_a_plane_that_is_gone_is_looked_for_until_it_is_back(server, rests):
    places = iter(["http://127.0.0.1:1", None, None])
    assert call(lambda: next(places, server.url)) == {}
    assert len(rests) == 3


@pytest.mark.parametrize(("status", "code"), [(403, "node_deregistered"), (503, "pool_exhausted"), (409, "x")])
def test_what_is_final_is_refused_at_once(server, rests, status, code):
    server.play(problem(status, code))
    with pytest.raises(Refused) as refused:
        call(lambda: server.url)
    assert (refused.value.status, refused.value.code, rests) == (status, code, [])


def test_an_answer_that_is_no_problem_document_is_a_refusal_too(server):
    server.play(answer(400, [1]))
    with pytest.raises(Refused, match="not a problem document"):
        call(lambda: server.url)


def test_pauses_grow_to_a_limit_and_differ():
    found = list(itertools.islice(api.pauses(), 20))
    assert found[0] <= 0.1
    assert 2.5 <= found[-1] <= 5
    assert len(set(found)) == 20
