"""login against servers that answer anything: it ends, in time, with the right exit code and nothing stored."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.approval import waiting
from tests.fake_server import Act, answer, problem
from tests.samples import ID, OTHER_ID
from tests.stalls import silence, taking

LOGIN = f"login --domain-id {ID} --idp-binding-id {OTHER_ID} --output json"
GRANT = {
    "device_code": "a-device-code",
    "user_code": "ABCD-EFGH",
    "verification_uri": "https://plexsphere.test/v1/device",
    "verification_uri_complete": "https://plexsphere.test/v1/device?user_code=ABCD-EFGH",
    "expires_in": 60,
    "interval": 5,
}
TOKEN = {"access_token": "psk_dev_x_y", "token_type": "Bearer", "expires_in": 60}
PENDING = problem(400, "authorization_pending")
ESC = "\x1b[2J"
BAD_GRANTS: Mapping[str, Sequence[Any]] = {
    "interval": (0, -1, 61, 10**30, "5", 1.5, None, True, []),
    "expires_in": (0, -5, "60", None, False),
    "user_code": ("", 7, None, f"AB{ESC}", "A B", "A" * 65, "é"),
    "device_code": (7, None, ["x"]),
    "verification_uri_complete": (
        "", None, f"https://x/{ESC}", "https://x/ y", "https://x/\n", f"https://{'x' * 3000}",
        "javascript:alert(1)", "file:///etc/passwd", "--version",
    ),
}  # fmt: skip
BAD_TOKENS: Mapping[str, Sequence[Any]] = {
    "access_token": ("", None, 7, "a b", f"a{ESC}", "a\r\nX: y", "é", "x" * 20_000),
    "token_type": ("", "mac", None, 1),
    "expires_in": ("x", None),
}


def pairs(values: Mapping[str, Sequence[Any]]) -> list[tuple[str, Any]]:
    return [(member, value) for member, each in values.items() for value in each]


@pytest.fixture
def login(against, server):
    """Log in against the acts that follow a grant; return the outcome, its error, and the waits."""

    def run(*polls: Act, grant: Mapping[str, Any] = GRANT):
        server.play(answer(200, grant), *polls)
        with waiting() as clock:
            done = against(LOGIN, PLEXSPHERE_TOKEN="")
        error = json.loads(done.stderr[done.stderr.index("{") :])["error"] if done.code else None
        stored = (against.home / ".config").exists()
        assert stored == (done.code == 0)
        assert "\x1b" not in done.stderr + done.stdout
        assert GRANT["device_code"] not in done.stderr + done.stdout
        return done, error, clock.waits

    return run


def test_an_approval_is_stored(login, server):
    done, _, waits = login(PENDING, PENDING, answer(200, TOKEN))
    assert (done.json, waits) == ({"profile": "default", "expires_in": 60}, [5, 5, 5])
    assert all("authorization" not in request.headers for request in server.requests)
    assert json.loads(server.requests[-1].body) == {"device_code": "a-device-code"}


@pytest.mark.parametrize(("member", "value"), pairs(BAD_GRANTS), ids=lambda value: repr(value)[:24])
def test_a_grant_that_cannot_be_used_is_malformed(login, member, value):
    done, error, waits = login(PENDING, grant={**GRANT, member: value})
    assert (done.code, error["kind"], waits) == (1, "malformed", [])


@pytest.mark.parametrize("member", [name for name in GRANT if name != "verification_uri"])
def test_a_grant_lacks_nothing(login, member):
    done, error, _ = login(PENDING, grant={name: value for name, value in GRANT.items() if name != member})
    assert (done.code, error["kind"]) == (1, "malformed")


@pytest.mark.parametrize(("expires_in", "longest"), [(60, 60), (10**30, 3600)])
def test_an_endless_wait_ends(login, expires_in, longest):
    done, error, waits = login(PENDING, grant={**GRANT, "expires_in": expires_in})
    assert (done.code, error["kind"], error["title"]) == (1, "conflict", "Login Expired")
    assert sum(waits) == longest


def test_each_demand_to_slow_down_counts(login):
    done, error, waits = login(problem(400, "slow_down"))
    assert (done.code, error["title"]) == (1, "Login Expired")
    assert waits == [5, 10, 15, 20, 10]


def test_a_server_that_is_busy_is_asked_more_slowly(login):
    done, _, waits = login(problem(503), problem(429), problem(504), PENDING, problem(502), answer(200, TOKEN),
                           grant={**GRANT, "expires_in": 600})  # fmt: skip
    assert (done.code, waits) == (0, [5, 10, 20, 40, 40, 80])


@pytest.mark.parametrize("act", [problem(503), b"", answer(429)], ids=["503", "hung up", "429"])
def test_a_server_that_stays_away_ends_the_login(login, act):
    done, error, waits = login(act, grant={**GRANT, "expires_in": 600})
    assert (done.code, waits) == (1, [5, 10, 20, 40])
    assert error["kind"] in {"unavailable", "rate_limited"}


@pytest.mark.parametrize(
    ("act", "code", "kind"),
    [
        (problem(400, "access_denied"), 1, "conflict"),
        (problem(400, "expired_token"), 1, "conflict"),
        (problem(400, "invalid_grant"), 2, "refused"),
        (problem(400), 2, "refused"),
        (problem(401, "authorization_pending"), 3, "credential"),
        (problem(403, "permission_denied"), 77, "denied"),
        (problem(403), 4, "not_found"),
        (problem(404), 4, "not_found"),
        (problem(409, "authorization_pending"), 1, "conflict"),
        (problem(422), 2, "refused"),
        (problem(500), 1, "unavailable"),
        (problem(302), 1, "unavailable"),
        (answer(200, b"not json"), 1, "malformed"),
        (answer(200, []), 1, "malformed"),
        (answer(204), 1, "malformed"),
        (problem(400, "access_denied", detail=ESC, title=ESC), 1, "conflict"),
        (problem(500, detail=f"a-device-code {ESC}"), 1, "unavailable"),
    ],
    ids=str,
)
def test_each_answer_to_a_poll_has_its_exit_code(login, act, code, kind):
    done, error, waits = login(act)
    assert (done.code, error["kind"], waits) == (code, kind, [5])


@pytest.mark.parametrize(("member", "value"), pairs(BAD_TOKENS), ids=lambda value: repr(value)[:24])
def test_a_token_that_cannot_be_used_is_malformed(login, member, value):
    done, error, _ = login(answer(200, {**TOKEN, member: value}))
    assert (done.code, error["kind"]) == (1, "malformed")


def test_a_poll_that_stalls_does_not_outlast_the_grant(login, server):
    with taking(1):  # what is left of the grant
        done, error, _ = login(silence(server), grant={**GRANT, "expires_in": 6})
    assert (done.code, error["title"]) == (1, "Login Expired")


@pytest.mark.parametrize(
    ("bindings", "code"),
    [
        (b"[]", 2),
        ([{"id": ID, "label": f"a{ESC}"}, {"id": OTHER_ID, "label": "b"}], 2),
        ({"items": []}, 1),
        (b"", 1),
        ([{"id": 1, "label": "a"}], 1),
        ([7], 1),
    ],
    ids=str,
)
def test_one_binding_is_taken_and_any_other_number_is_asked_about(against, server, bindings, code):
    server.play(answer(200, bindings))
    done = against(f"login --domain-id {ID}")
    assert done.code == code
    assert "\x1b" not in done.stderr
    (request,) = server.requests
    assert request.target == f"/v1/auth/idp-bindings?domain_id={ID}"
    if code == 2 and bindings != b"[]":
        assert ID in done.stderr
        assert OTHER_ID in done.stderr


def test_a_connection_that_is_not_encrypted_is_pointed_out(against, server):
    server.play(problem(404))
    done = against(LOGIN.replace("json", "text"), PLEXSPHERE_URL="http://plexsphere.invalid", PLEXSPHERE_TOKEN="")
    assert "the connection to http://plexsphere.invalid is not encrypted; use https" in done.stderr
    assert server.requests == []
