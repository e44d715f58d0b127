"""No secret is shown in anything that plexctl says of itself, in whatever place a server or a caller puts it."""

import json

import pytest

from tests.each import each
from tests.fake_server import answer
from tests.samples import FORMATS, ID, LIST, PROJECT

UPDATE = f"project update {ID} --display-name x"
OWN = "0wn-b34r3r-v4lu3"
SECRETS = {
    OWN: OWN,
    "psb_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_node_wwwwwwwwwwwwwwwwwwwwwwww": "wwww",
    "x_nsk_dev_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo": "QUJDREVG",
    "psk_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_vvvvvvvvvvvv": "vvvv",
    "https://operator:hunter2@host.example/path": "hunter2",
    "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl": "eyJzdWIi",
    "authorization: Bearer gr33n-gr33n": "gr33n",
}
PLACES = {
    "title": lambda secret: {"title": secret},
    "detail": lambda secret: {"detail": f"in {secret}, twice: {secret}"},
    "code": lambda secret: {"code": secret},
    "instance": lambda secret: {"instance": f"/v1/{secret}"},
    "correlation id": lambda secret: {"correlation_id": secret},
    "value": lambda secret: {"x": [{"y": secret}]},
    "name": lambda secret: {secret: 1},
    "name within": lambda secret: {"x": [{secret: {secret: None}}]},
    "type": lambda secret: {"type": secret},
    "own member": lambda secret: {"kind": secret, "warnings": [secret], "request_id": {secret: secret}},
    "title of another type": lambda secret: {"title": [secret]},
}


@pytest.fixture
def plexctl_with_token(against):
    against.environment["PLEXSPHERE_TOKEN"] = OWN
    return against


@each("output", FORMATS)
@each("place", PLACES.values())
@each("secret", SECRETS)
def test_a_secret_in_a_problem_is_hidden(plexctl_with_token, server, secret, place, output):
    server.play(answer(500, place(secret)))
    outcome = plexctl_with_token(f"-v {UPDATE} -o {output}")
    assert (outcome.code, outcome.stdout) == (1, "")
    assert SECRETS[secret] not in outcome.stderr


@each("output", FORMATS)
@each("name", ["X-Request-Id", "X-Correlation-Id", "Location"])
@each("secret", SECRETS)
def test_a_secret_in_a_header_is_hidden(plexctl_with_token, server, secret, name, output):
    server.play(answer(307, b"", {name: secret}))
    outcome = plexctl_with_token(f"-v {UPDATE} -o {output}")
    assert outcome.code == 1
    assert SECRETS[secret] not in outcome.stderr


def test_a_secret_in_the_query_of_a_location_is_hidden(against, server):
    server.play(answer(307, b"", {"Location": "https://host.example/x?access_token=s3cr3t&page=2"}))
    said = against(UPDATE).stderr
    assert "s3cr3t" not in said
    assert "access_token=***&page=2" in said


@pytest.mark.parametrize("secret", SECRETS, ids=SECRETS.values())
def test_a_secret_in_a_body_that_is_no_problem_is_hidden(plexctl_with_token, server, secret):
    server.play(answer(502, f"<html>{secret}</html>".encode(), media_type="text/html"))
    assert SECRETS[secret] not in plexctl_with_token(UPDATE).stderr


def test_a_secret_in_a_note_is_hidden(plexctl_with_token, server):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": f"cursor-{OWN}"}))
    outcome = plexctl_with_token(LIST)
    assert outcome.code == 0
    assert "--cursor 'cursor-***'" in outcome.stderr or "--cursor cursor-***" in outcome.stderr
    assert OWN not in outcome.stderr


@each("output", FORMATS)
@each("token", [OWN, "with'quote", 'with"quote', "back\\slash-and-more", "~!@#$%^&*()_+"])
@each("place", [["{}"], ["resource", "get", "{}"], ["--{}"], ["peer", "list", "x{}y"], ["--server", "{}"]])
def test_the_bearer_typed_in_the_wrong_place_is_not_repeated(against, server, place, token, output):
    outcome = against(f"-o {output}", *(word.format(token) for word in place), PLEXSPHERE_TOKEN=token)
    assert outcome.code == 2
    said = outcome.stderr if output == "text" else json.dumps(outcome.stderr)
    assert token not in outcome.stderr
    assert token[:8] not in said
    assert server.requests == []


def test_what_only_resembles_a_secret_is_shown(against, server):
    detail = "psk_not_ready, nsk_invalid; 10:20 a@b basic plan, http://host:8080/x@y bearer token"
    server.play(answer(500, {"title": "T", "detail": detail}))
    assert f"plexctl: T: {detail} (500" in against(UPDATE).stderr
