"""API tokens: issued once, listed without plaintext, rotated with a grace period, and revoked at once."""

import re
from datetime import datetime

import pytest

from plexctl import grammar
from plexctl.identifiers import uuid7
from plexctl.local.control.base import authorization
from plexctl.local.control.signin import api_tokens
from tests.each import each
from tests.local.database import refused

SECOND = 1_000_000
DAY = 24 * 3600 * SECOND


@pytest.fixture
def issued(seeded):
    return issue(seeded)


def issue(seeded, caller=None, **body):
    caller = caller or seeded.admin
    body = {"identity_ref": f"user:{caller.id}", "env_prefix": "dev", **body}
    return api_tokens.issue(seeded.control, caller, body)


def owner(seeded, plaintext):
    return authorization.authenticate(seeded.control, plaintext)


@pytest.mark.parametrize("env_prefix", ["dev", "stage", "prod"])
def test_a_token_names_its_environment_and_its_id(seeded, env_prefix):
    answer = issue(seeded, env_prefix=env_prefix)
    assert re.fullmatch(rf"psk_{env_prefix}_[a-z2-7]{{26}}_[a-z2-7]{{52}}", answer["plaintext"])
    assert grammar.api_token_id(answer["plaintext"]) == answer["id"]
    assert owner(seeded, answer["plaintext"]) == seeded.admin


@pytest.mark.parametrize(
    "text", ["", "psk_dev", "plexlocal_admin_abc", f"psk_dev_{'A' * 26}_x", f"psk_dev_{'a' * 25}_x"]
)
def test_other_text_names_no_token(text):
    assert grammar.api_token_id(text) is None


def test_no_plaintext_is_kept(issued, tmp_path):
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("plane.db*"))
    assert issued["id"].encode() in kept
    assert issued["plaintext"].rsplit("_", 1)[1].encode() not in kept


def test_a_token_expires(seeded, clock):
    short, default = issue(seeded, ttl_seconds=1), issue(seeded)
    clock.advance(SECOND - 1)
    assert owner(seeded, short["plaintext"])
    clock.advance(1)
    assert owner(seeded, short["plaintext"]) is None
    with refused(seeded.control, "token_not_found"):
        api_tokens.rotate(seeded.control, seeded.admin, short["id"])
    clock.advance(30 * DAY - SECOND)
    assert owner(seeded, default["plaintext"]) is None
    assert api_tokens.list_own(seeded.control, seeded.admin) == []


def test_a_list_has_the_callers_own_tokens_without_plaintext(seeded, issued):
    issue(seeded, seeded.viewer)
    (listed,) = api_tokens.list_own(seeded.control, seeded.admin)
    assert listed.keys() == {"id", "env_prefix", "created_at", "expires_at"}
    assert listed["id"] == issued["id"]


def test_a_revoked_token_is_dead_at_once(seeded, issued):
    api_tokens.revoke(seeded.control, seeded.admin, issued["id"])
    assert owner(seeded, issued["plaintext"]) is None
    with refused(seeded.control, "token_not_found"):
        api_tokens.revoke(seeded.control, seeded.admin, issued["id"])


@pytest.mark.parametrize("act", [api_tokens.revoke, api_tokens.rotate])
def test_a_token_of_somebody_else_is_not_found(seeded, issued, act):
    with refused(seeded.control, "token_not_found"):
        act(seeded.control, seeded.viewer, issued["id"])
    with refused(seeded.control, "token_not_found"):
        act(seeded.control, seeded.admin, uuid7())


def test_a_rotated_plaintext_retires_after_an_hour(seeded, issued, clock):
    clock.advance(DAY)
    answer, retires_at = api_tokens.rotate(seeded.control, seeded.admin, issued["id"])
    assert (answer["id"], retires_at) == (issued["id"], clock() + 3600 * SECOND)
    assert datetime.fromisoformat(str(answer["rotation_deadline"])).timestamp() * SECOND == retires_at
    assert owner(seeded, issued["plaintext"]) == owner(seeded, answer["plaintext"]) == seeded.admin
    assert "rotated_at" in api_tokens.list_own(seeded.control, seeded.admin)[0]
    clock.advance(3600 * SECOND)
    assert owner(seeded, issued["plaintext"]) is None
    clock.advance(30 * DAY - 3600 * SECOND - 1)
    assert owner(seeded, answer["plaintext"]) == seeded.admin
    clock.advance(1)
    assert owner(seeded, answer["plaintext"]) is None


def test_a_second_rotation_ends_the_first_plaintext(seeded, issued):
    second, _ = api_tokens.rotate(seeded.control, seeded.admin, issued["id"])
    third, _ = api_tokens.rotate(seeded.control, seeded.admin, issued["id"])
    alive = [owner(seeded, each["plaintext"]) is not None for each in (issued, second, third)]
    assert alive == [False, True, True]


def test_a_rotation_lends_a_short_token_no_longer_life(seeded, clock):
    short = issue(seeded, ttl_seconds=10)
    clock.advance(9 * SECOND)
    rotated, retires_at = api_tokens.rotate(seeded.control, seeded.admin, short["id"])
    assert retires_at == clock() + SECOND
    clock.advance(SECOND)
    assert owner(seeded, short["plaintext"]) is None
    clock.advance(9 * SECOND)
    assert owner(seeded, rotated["plaintext"]) is None


@each(
    "body",
    [
        {"identity_ref": ""},
        {"identity_ref": f"user:{uuid7()}"},
        {"identity_ref": f"service:{uuid7()}"},
        {"env_prefix": "test"},
        {"env_prefix": ["dev"]},
        {"ttl_seconds": 0},
        {"ttl_seconds": None},
        {"ttl_seconds": True},
        {"name": "ci"},
    ],
)
def test_a_malformed_request_is_refused(seeded, body):
    with refused(seeded.control, "invalid_body"):
        issue(seeded, **body)
