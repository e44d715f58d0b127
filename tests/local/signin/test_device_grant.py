"""The device grant: the codes, the polls, and the one token that comes of an approval."""

import re

import pytest

from plexctl.identifiers import uuid7
from plexctl.local.control.base import authorization
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.signin import approval, browser_sessions, device_grant
from plexctl.local.control.tenancy import domains
from plexctl.local.running import IDP_BINDING_ID
from tests.each import each
from tests.local.database import refused, value

SECOND = 1_000_000
UNKNOWN = "0" * 64


@pytest.fixture
def grant(seeded):
    return start(seeded)


@pytest.fixture
def session(seeded):
    return session_of(seeded, "admin")


def start(seeded, **body):
    return device_grant.start(seeded.control, {"domain_id": seeded.acme, **body}, "plexctl/1", "http://here")


def session_of(seeded, name):
    cookie = browser_sessions.open_session(seeded.control, seeded.bearers[name])
    return browser_sessions.find(seeded.control, cookie)


def poll(seeded, grant):
    return device_grant.poll(seeded.control, {"device_code": grant["device_code"]})


def code_of(seeded, grant):
    with pytest.raises(Refusal) as caught:
        poll(seeded, grant)
    return caught.value.code


def test_a_grant_has_its_codes_and_its_page(grant):
    assert re.fullmatch("[A-Z2-7]{4}-[A-Z2-7]{4}", grant["user_code"])
    assert grant["verification_uri"] == "http://here/v1/device"
    assert grant["verification_uri_complete"] == f"http://here/v1/device?user_code={grant['user_code']}"
    assert (grant["expires_in"], grant["interval"]) == (600, 5)


def test_a_device_code_is_kept_as_a_fingerprint(grant, tmp_path):
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("plane.db*"))
    assert grant["user_code"].encode() in kept
    assert grant["device_code"].encode() not in kept
    assert bytes.fromhex(grant["device_code"]) not in kept


@pytest.mark.parametrize(
    "body", [{"idp_binding_id": IDP_BINDING_ID}, {"idp_binding_alias": "local"}, {"client_id": "x"}]
)
def test_the_binding_may_be_named(seeded, body):
    assert start(seeded, **body)["user_code"]


@pytest.mark.parametrize("body", [{"domain_id": uuid7()}, {"idp_binding_id": uuid7()}, {"idp_binding_alias": "github"}])
def test_an_unknown_domain_or_binding_is_not_found(seeded, body):
    with refused(seeded.control, "idp_binding_not_found"):
        start(seeded, **body)


@each(
    "body",
    [
        {},
        {"idp_binding_id": IDP_BINDING_ID},
        {"domain_id": ""},
        {"domain_id": "acme-corp"},
        {"domain_id": None},
        {"domain_id": uuid7(), "idp_binding_id": "x"},
        {"domain_id": uuid7(), "idp_binding_id": IDP_BINDING_ID, "idp_binding_alias": "local"},
        {"domain_id": uuid7(), "scope": "x"},
        {"domain_id": uuid7(), "client_id": 1},
    ],
)
def test_a_malformed_request_is_refused(seeded, body):
    with refused(seeded.control, "invalid_body"):
        device_grant.start(seeded.control, body, "", "http://here")


def test_an_undecided_grant_is_pending(seeded, grant, clock):
    for _ in range(3):
        assert code_of(seeded, grant) == "authorization_pending"
        clock.advance(5 * SECOND)


def test_a_poll_before_the_interval_slows_all_later_ones_down(seeded, grant, clock):
    assert code_of(seeded, grant) == "authorization_pending"
    clock.advance(5 * SECOND - 1)
    assert code_of(seeded, grant) == "slow_down"
    clock.advance(10 * SECOND - 1)
    assert code_of(seeded, grant) == "slow_down"
    clock.advance(15 * SECOND)
    assert code_of(seeded, grant) == "authorization_pending"


def test_a_clock_that_steps_back_slows_nobody_down(seeded, grant, clock):
    assert code_of(seeded, grant) == "authorization_pending"
    clock.advance(-3600 * SECOND)
    assert code_of(seeded, grant) == "authorization_pending"


def test_an_approved_grant_gives_one_token_of_the_approver(seeded, grant, session):
    approval.decide(seeded.control, session, grant["user_code"], "approved")
    answer = poll(seeded, grant)
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 30 * 24 * 3600)
    assert authorization.authenticate(seeded.control, answer["access_token"]) == seeded.admin
    assert code_of(seeded, grant) == "invalid_grant"


def test_a_denied_grant_stays_denied(seeded, grant, session):
    approval.decide(seeded.control, session, grant["user_code"], "denied")
    assert [code_of(seeded, grant) for _ in range(2)] == ["access_denied"] * 2
    assert value(seeded.control, "SELECT count(*) FROM api_tokens") == 0


@pytest.mark.parametrize("is_approved", [False, True])
def test_an_old_grant_has_expired(seeded, grant, session, clock, is_approved):
    if is_approved:
        approval.decide(seeded.control, session, grant["user_code"], "approved")
    clock.advance(600 * SECOND)
    assert code_of(seeded, grant) == "expired_token"


def test_an_unknown_device_code_is_an_invalid_grant(seeded):
    with refused(seeded.control, "invalid_grant"):
        poll(seeded, {"device_code": UNKNOWN})


@pytest.mark.parametrize("body", [{}, {"device_code": ""}, {"device_code": 1}, {"device_code": "x", "grant_type": "y"}])
def test_a_malformed_poll_is_refused(seeded, body):
    with refused(seeded.control, "invalid_body"):
        device_grant.poll(seeded.control, body)


def test_old_grants_are_deleted_by_new_ones(seeded, grant, clock):
    clock.advance(1200 * SECOND)
    start(seeded)
    assert value(seeded.control, "SELECT count(*) FROM device_requests") == 1
    assert code_of(seeded, grant) == "invalid_grant"


def test_a_deleted_domain_is_signed_in_to_no_more(seeded, session):
    grant = start(seeded, domain_id=seeded.gamma)
    domains.delete(seeded.control, seeded.admin, seeded.gamma)
    with pytest.raises(Refusal) as caught:
        approval.decide(seeded.control, session, grant["user_code"], "approved")
    assert caught.value.code == "device_code_not_found"


def test_wrong_codes_are_counted_over_all_sessions_of_an_operator(seeded, grant, session, clock):
    sessions = [session, session_of(seeded, "admin")]
    for number in range(10):
        with pytest.raises(Refusal, match="no device has this code"):
            approval.read(seeded.control, sessions[number % 2], f"AAAA-AA{number:02}")
    for one in (*sessions, session_of(seeded, "admin")):
        with pytest.raises(Refusal) as caught:
            approval.decide(seeded.control, one, grant["user_code"], "approved")
        assert caught.value.code == "too_many_user_codes"
    assert approval.read(seeded.control, session_of(seeded, "viewer"), grant["user_code"]).client == "plexctl/1"
    clock.advance(600 * SECOND)
    again = start(seeded)
    assert approval.read(seeded.control, session_of(seeded, "admin"), again["user_code"])


def test_who_may_not_read_the_domain_does_not_learn_its_name(seeded, grant, session):
    shown = [
        approval.read(seeded.control, each, grant["user_code"]).domain_name
        for each in (session, session_of(seeded, "outsider"))
    ]
    assert shown == ["acme-corp", None]
