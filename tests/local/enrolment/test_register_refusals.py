"""What enrolment refuses, in which order, and that a refusal changes nothing."""

import base64

import pytest

from plexctl.local.control.enrolment import register, token_secrets, tokens
from plexctl.local.control.tenancy import domains, projects
from tests.local.database import refused, rows

HOUR = 3600 * 1_000_000
UNKNOWN = "019ed19b-0000-7000-8000-000000000000"
ZERO_KEY = base64.b64encode(bytes(32)).decode()


def enrol(seeded, body):
    return register.register(seeded.control, body, None)


def wrong_token(project_id, kind="node"):
    return f"psb_dev_{token_secrets.project_segment(project_id)}_{kind}_{'a' * 32}"


@pytest.mark.parametrize("requested", [{}, {"requested_resource_id": ""}])
def test_an_unknown_resource_is_not_found_and_the_token_kept(seeded, project_id, requested):
    request = seeded.request(project_id)
    del request["requested_resource_id"]
    with refused(seeded.control, "resource_not_found"):
        enrol(seeded, request | requested)
    assert enrol(seeded, request | {"requested_resource_id": "new"})["mesh_ip"] == "10.50.0.1"


def test_a_resource_of_another_project_is_unknown(seeded, project_id):
    enrol(seeded, seeded.request(seeded.project("other"), resource_id="a", requested_resource_id="a"))
    request = seeded.request(project_id, resource_id="a", requested_resource_id="")
    with refused(seeded.control, "resource_not_found"):
        enrol(seeded, request)


@pytest.mark.parametrize(
    "public_key",
    [
        None,
        7,
        "",
        "short",
        "A" * 44,
        "A" * 43,
        base64.b64encode(bytes(range(31))).decode(),
        base64.b64encode(bytes(range(33))).decode(),
        ZERO_KEY,
        "A" * 42 + "B=",
        "é" * 43 + "=",
        " " + base64.b64encode(bytes(range(32))).decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
    ],
)
def test_a_malformed_key_is_refused_before_all_else_and_the_token_kept(seeded, project_id, public_key):
    token = seeded.issue(project_id)["token"]
    with refused(seeded.control, "public_key_invalid"):
        enrol(seeded, seeded.request(project_id, token, public_key=public_key))
    with refused(seeded.control, "public_key_invalid"):
        enrol(seeded, {"public_key": public_key})
    assert enrol(seeded, seeded.request(project_id, token))["mesh_ip"] == "10.50.0.1"


def test_a_missing_key_is_a_malformed_one(seeded):
    with refused(seeded.control, "public_key_invalid"):
        enrol(seeded, {})


@pytest.mark.parametrize(
    "changes",
    [
        {"project_id": ""},
        {"project_id": None},
        {"project_id": "edge-fleet"},
        {"project_id": "00000000-0000-0000-0000-000000000000"},
        {"resource_id": ""},
        {"resource_id": 7},
        {"resource_id": "r" * 4097},
        {"requested_resource_id": None},
        {"requested_resource_id": "r" * 4097},
        {"bootstrap_token": ""},
        {"bootstrap_token": []},
        {"bootstrap_token": "t" * 4097},
        {"nonce": ""},
        {"nonce": 0},
        {"nonce": "n" * 4097},
    ],
)
def test_empty_and_overlong_fields_are_refused_and_the_token_kept(seeded, project_id, changes):
    request = seeded.request(project_id)
    with refused(seeded.control, "invariant_violation") as refusal:
        enrol(seeded, request | changes)
    assert next(iter(changes)).removeprefix("requested_").removesuffix("_id") in refusal.value.detail
    assert enrol(seeded, request)["mesh_ip"] == "10.50.0.1"


@pytest.mark.parametrize("field", ["project_id", "resource_id", "bootstrap_token", "nonce"])
def test_every_field_but_one_is_needed(seeded, project_id, field):
    request = seeded.request(project_id)
    del request[field]
    with refused(seeded.control, "invariant_violation"):
        enrol(seeded, request)


def test_a_bridges_token_does_not_register_a_node(seeded, project_id):
    token = seeded.issue(project_id, kind="bridge")["token"]
    for presented in (token, wrong_token(UNKNOWN, kind="bridge")):
        request = seeded.request(project_id, presented)
        with refused(seeded.control, "kind_mismatch"):
            enrol(seeded, request)


def test_a_token_is_for_its_own_project(seeded, project_id):
    token = seeded.issue(seeded.project("other"))["token"]
    for presented, asked in ((token, project_id), (token, UNKNOWN), (wrong_token(UNKNOWN), project_id)):
        request = seeded.request(project_id, presented) | {"project_id": asked}
        with refused(seeded.control, "project_mismatch"):
            enrol(seeded, request)


def test_a_token_that_this_plane_did_not_issue_is_invalid(seeded, project_id):
    token = seeded.issue(project_id)["token"]
    for presented in (wrong_token(project_id), token + "a", token.replace("_dev_", "_prod_")):
        request = seeded.request(project_id, presented)
        with refused(seeded.control, "token_invalid") as refusal:
            enrol(seeded, request)
        assert presented not in refusal.value.detail


def test_a_token_that_does_not_parse_is_refused_before_any_look_up(seeded, project_id, monkeypatch):
    token = seeded.issue(project_id)["token"]
    monkeypatch.setattr(token_secrets, "fingerprint", None)
    short_project = token.replace(token_secrets.project_segment(project_id), "a" * 25)
    malformed = ["no-such-text", token.upper(), token + "\n", token[:-20], token.replace("psb", "psc"), token + "1"]
    for presented in (*malformed, short_project, token.replace("_node_", "_host_")):
        request = seeded.request(project_id, presented)
        with refused(seeded.control, "bootstrap_token_invalid") as refusal:
            enrol(seeded, request)
        assert presented not in refusal.value.detail


def test_a_resource_with_a_node_is_in_use_and_the_token_kept(seeded, project_id):
    enrol(seeded, seeded.request(project_id, resource_id="a", requested_resource_id="a"))
    request = seeded.request(project_id, resource_id="a")
    for requested in ("", "a", "b"):
        with refused(seeded.control, "resource_in_use"):
            enrol(seeded, request | {"requested_resource_id": requested})
    assert enrol(seeded, request | {"resource_id": "b"})["mesh_ip"] == "10.50.0.2"


def test_a_fingerprint_alone_proves_nothing(seeded, project_id):
    seeded.issue(project_id)
    request = seeded.request(project_id, wrong_token(project_id))
    fingerprint = token_secrets.fingerprint(seeded.control.vault, request["bootstrap_token"])
    with seeded.control.store.write() as connection:
        connection.execute("UPDATE bootstrap_tokens SET fingerprint = ?", (fingerprint,))
    with refused(seeded.control, "token_invalid"):
        enrol(seeded, request)


def test_a_token_is_redeemed_once(seeded, project_id):
    request = seeded.request(project_id)
    enrol(seeded, request)
    for again in (request, seeded.request(project_id, request["bootstrap_token"])):
        with refused(seeded.control, "token_consumed"):
            enrol(seeded, again)


def test_a_token_expires_at_its_time_and_not_before(seeded, project_id, clock):
    early, late = seeded.request(project_id), seeded.request(project_id)
    clock.advance(HOUR - 1)
    enrol(seeded, early)
    clock.advance(1)
    with refused(seeded.control, "token_expired"):
        enrol(seeded, late)


def test_a_nonce_is_used_once_in_a_project(seeded, project_id):
    enrol(seeded, seeded.request(project_id, nonce="same"))
    again = seeded.request(project_id, nonce="same")
    with refused(seeded.control, "nonce_collision"):
        enrol(seeded, again)
    enrol(seeded, again | {"nonce": "other"})
    enrol(seeded, seeded.request(seeded.project("other"), nonce="same"))


def test_the_state_of_a_token_is_told_in_the_documented_order(seeded, project_id, clock):
    """One token gathers every fault, and loses them from the first on."""
    issued, used = seeded.issue(project_id), seeded.request(project_id)
    enrol(seeded, used)
    tokens.revoke(seeded.control, seeded.admin, project_id, issued["token_id"])
    clock.advance(2 * HOUR)
    request = seeded.request(project_id, issued["token"], nonce=used["nonce"])
    with refused(seeded.control, "token_consumed"):
        enrol(seeded, request | {"bootstrap_token": used["bootstrap_token"]})
    with refused(seeded.control, "token_expired"):
        enrol(seeded, request)
    clock.advance(-2 * HOUR)
    with refused(seeded.control, "token_revoked"):
        enrol(seeded, request)
    fresh = seeded.issue(project_id)["token"]
    with refused(seeded.control, "nonce_collision"):
        enrol(seeded, request | {"bootstrap_token": fresh, "requested_resource_id": ""})
    with refused(seeded.control, "resource_not_found"):
        enrol(seeded, request | {"bootstrap_token": fresh, "requested_resource_id": "", "nonce": "fresh"})


@pytest.mark.parametrize(
    ("pool", "sub_range", "code"),
    [
        ("10.99.0.1/32", {}, "pool_exhausted"),
        ("10.99.0.0/24", {"sub_range_cidr": "10.99.0.4/32"}, "subrange_exhausted"),
    ],
)
def test_an_exhausted_pool_keeps_the_token_until_there_is_room(seeded, pool, sub_range, code):
    domain_id = seeded.domain(pool)
    project_id = seeded.project(domain_id=domain_id, **sub_range)
    enrol(seeded, seeded.request(project_id))
    request = seeded.request(project_id)
    with refused(seeded.control, code):
        enrol(seeded, request)
    if sub_range:
        projects.patch(seeded.control, seeded.admin, project_id, {"release_sub_range": True})
    else:
        domains.patch(seeded.control, seeded.admin, domain_id, {"mesh_cidr": "10.99.0.0/24"})
    assert enrol(seeded, request)["mesh_ip"] == ("10.99.0.1" if sub_range else "10.99.0.2")


def test_a_failure_half_way_leaves_nothing(seeded, project_id):
    request = seeded.request(project_id)
    with seeded.control.store.write() as connection:
        connection.execute("ALTER TABLE outbox RENAME TO elsewhere")
    before = rows(seeded.control, "SELECT * FROM bootstrap_tokens")
    with pytest.raises(Exception, match="no such table: outbox"):
        enrol(seeded, request)
    assert rows(seeded.control, "SELECT * FROM bootstrap_tokens") == before
    assert rows(seeded.control, "SELECT * FROM nodes") == rows(seeded.control, "SELECT * FROM resources") == []
    with seeded.control.store.write() as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO outbox")
    assert enrol(seeded, request)["mesh_ip"] == "10.50.0.1"
