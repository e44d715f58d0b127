import base64
import re
import uuid
from datetime import datetime, timedelta

import pytest

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.enrolment import register, token_secrets, tokens
from plexctl.local.control.tenancy import projects
from tests.each import each
from tests.local.database import refused, rows, value
from tests.local.listing import every_page, next_cursor

UNKNOWN = "019ed19b-0000-7000-8000-000000000000"
HOUR = 3600 * 1_000_000
FORM = re.compile(r"psb_[a-z]+_[a-z2-7]+_(node|bridge)_[a-z2-7]{20,}")


def get(seeded, project_id, token_id):
    return tokens.get(seeded.control, seeded.viewer, project_id, token_id)


def test_an_issued_token_has_the_documented_form(seeded, project_id):
    issued = seeded.issue(project_id, kind="bridge", env_prefix="prod")
    assert FORM.fullmatch(issued["token"])
    _, env_prefix, project, kind, secret = issued["token"].split("_")
    assert (env_prefix, kind, len(project)) == ("prod", "bridge", 26)
    assert project == token_secrets.project_segment(project_id)
    assert len(secret) * 5 >= 128
    assert issued["issued_at"] == "2026-05-28T20:26:40.000000Z"
    assert issued["expires_at"] == "2026-05-28T21:26:40.000000Z"


def test_the_project_segment_is_the_id_in_base32():
    segment = token_secrets.project_segment("0190a8b8-a0c0-7a0a-8a0a-a0a0a0a0a0a1")
    assert segment == "agikrofayb5avcqkucqkbifaue"
    assert uuid.UUID(bytes=base64.b32decode(segment.upper() + "======")).hex.endswith("a0a0a0a0a0a1")


def test_metadata_tell_everything_but_the_token(seeded, project_id):
    issued = seeded.issue(project_id)
    document = get(seeded, project_id, issued["token_id"])
    assert document == {
        "id": issued["token_id"],
        "project_id": project_id,
        "kind": "node",
        "env_prefix": "dev",
        "issued_at": issued["issued_at"],
        "expires_at": issued["expires_at"],
        "issued_by_user_id": seeded.admin.id,
    }
    assert tokens.list_page(seeded.control, seeded.viewer, project_id, 50, None) == {"items": [document]}


def test_the_issuer_is_the_caller_and_cannot_be_named(seeded, project_id):
    issued = seeded.issue(project_id)
    assert get(seeded, project_id, issued["token_id"])["issued_by_user_id"] == seeded.admin.id
    with refused(seeded.control, "invalid_body"):
        seeded.issue(project_id, issued_by_user_id=seeded.outsider.id)


def test_only_an_argon2id_hash_and_a_fingerprint_are_kept(seeded, project_id):
    token = seeded.issue(project_id)["token"]
    ((stored, fingerprint),) = rows(seeded.control, "SELECT hash, fingerprint FROM bootstrap_tokens")
    assert stored.startswith("$argon2id$")
    assert token_secrets.verify(stored, token)
    assert not token_secrets.verify(stored, token + "a")
    assert fingerprint == token_secrets.fingerprint(seeded.control.vault, token)


def test_a_token_lives_for_five_minutes_to_a_day(seeded, project_id):
    for seconds in (300, 86_400):
        issued = seeded.issue(project_id, ttl_seconds=seconds)
        issued_at, expires_at = (datetime.fromisoformat(issued[name]) for name in ("issued_at", "expires_at"))
        assert expires_at - issued_at == timedelta(seconds=seconds)


def test_seconds_may_be_written_with_a_fraction_of_nothing(seeded, project_id):
    issued = seeded.issue(project_id, ttl_seconds=300.0)
    assert issued["expires_at"] == "2026-05-28T20:31:40.000000Z"


@each(
    "changes",
    [
        {"kind": "host"},
        {"kind": ""},
        {"kind": None},
        {"kind": ["node"]},
        {"env_prefix": ""},
        {"env_prefix": "Dev"},
        {"env_prefix": "dev1"},
        {"env_prefix": "dev\n"},
        {"env_prefix": "d" * 33},
        {"env_prefix": 7},
        {"ttl_seconds": 299},
        {"ttl_seconds": 86_401},
        {"ttl_seconds": True},
        {"ttl_seconds": 3600.5},
        {"ttl_seconds": 299.0},
        {"ttl_seconds": float("inf")},
        {"ttl_seconds": "3600"},
        {"ttl_seconds": None},
    ],
)
def test_an_issue_is_refused(seeded, project_id, changes):
    with refused(seeded.control, "invalid_body"):
        seeded.issue(project_id, **changes)


@pytest.mark.parametrize("field", ["kind", "env_prefix", "ttl_seconds"])
def test_every_field_of_an_issue_is_needed(seeded, project_id, field):
    body = {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600}
    del body[field]
    with refused(seeded.control, "invalid_body"):
        tokens.issue(seeded.control, seeded.admin, project_id, body)


def test_who_may_not_is_told_so_first_and_of_no_more(seeded, project_id):
    token_id = seeded.issue(project_id)["token_id"]
    for asked, wanted in ((project_id, token_id), (project_id, UNKNOWN), (UNKNOWN, token_id)):
        for principal in (seeded.viewer, seeded.outsider):
            with refused(seeded.control, "permission_denied"):
                tokens.issue(seeded.control, principal, asked, {})
            with refused(seeded.control, "permission_denied"):
                tokens.revoke(seeded.control, principal, asked, wanted)
        with refused(seeded.control, "permission_denied"):
            tokens.get(seeded.control, seeded.outsider, asked, wanted)
        with refused(seeded.control, "permission_denied"):
            tokens.list_page(seeded.control, seeded.outsider, asked, 50, None)


def test_a_project_that_is_not_there_is_not_found(seeded):
    with refused(seeded.control, "project_not_found"):
        seeded.issue(UNKNOWN)
    with refused(seeded.control, "project_not_found"):
        tokens.list_page(seeded.control, seeded.admin, UNKNOWN, 50, None)
    with refused(seeded.control, "project_not_found"):
        tokens.get(seeded.control, seeded.admin, UNKNOWN, UNKNOWN)
    with refused(seeded.control, "project_not_found"):
        tokens.revoke(seeded.control, seeded.admin, UNKNOWN, UNKNOWN)


def test_a_project_deleted_while_the_hash_is_made_is_not_found(seeded, project_id, monkeypatch):
    hash_of = token_secrets.hash_of

    def slow(*arguments, **options):
        projects.delete(seeded.control, seeded.admin, project_id)
        return hash_of(*arguments, **options)

    monkeypatch.setattr(token_secrets, "hash_of", slow)
    with pytest.raises(Refusal) as caught:
        seeded.issue(project_id)
    assert caught.value.code == "project_not_found"
    assert rows(seeded.control, "SELECT * FROM bootstrap_tokens") == []


def test_a_token_is_found_in_its_own_project_alone(seeded, project_id):
    token_id = seeded.issue(project_id)["token_id"]
    for asked, wanted in ((seeded.project("other"), token_id), (project_id, UNKNOWN), (project_id, "no id")):
        with refused(seeded.control, "token_not_found"):
            get(seeded, asked, wanted)
        with refused(seeded.control, "token_not_found"):
            tokens.revoke(seeded.control, seeded.admin, asked, wanted)


def test_pages_follow_the_issue_of_the_projects_own_tokens(seeded, project_id, clock):
    issued = []
    for _ in range(5):
        issued.append(seeded.issue(project_id)["token_id"])
        clock.advance(1000)
    seeded.issue(seeded.project("other"))
    pages = every_page(lambda cursor: tokens.list_page(seeded.control, seeded.viewer, project_id, 2, cursor))
    assert [[item["id"] for item in page["items"]] for page in pages] == [issued[:2], issued[2:4], issued[4:]]


def test_a_cursor_is_the_callers_and_the_projects_own(seeded, project_id):
    other = seeded.project("other")
    for _ in range(2):
        seeded.issue(project_id)
    cursor = next_cursor(tokens.list_page(seeded.control, seeded.viewer, project_id, 1, None))
    with refused(seeded.control, "cursor_binding_mismatch"):
        tokens.list_page(seeded.control, seeded.admin, project_id, 1, cursor)
    with refused(seeded.control, "invalid_cursor"):
        tokens.list_page(seeded.control, seeded.viewer, other, 1, cursor)


def test_a_revoked_token_says_since_when_and_redeems_nothing(seeded, project_id, clock):
    issued = seeded.issue(project_id)
    clock.advance(1_000_000)
    tokens.revoke(seeded.control, seeded.admin, project_id, issued["token_id"])
    document = get(seeded, project_id, issued["token_id"])
    assert document["revoked_at"] == "2026-05-28T20:26:41.000000Z"
    assert "consumed_at" not in document
    with refused(seeded.control, "token_revoked"):
        register.register(seeded.control, seeded.request(project_id, issued["token"]), None)


def test_an_expired_token_can_still_be_revoked(seeded, project_id, clock):
    token_id = seeded.issue(project_id)["token_id"]
    clock.advance(2 * HOUR)
    tokens.revoke(seeded.control, seeded.admin, project_id, token_id)
    assert value(seeded.control, "SELECT revoked_at FROM bootstrap_tokens") == clock.time


def test_what_is_over_cannot_be_revoked(seeded, project_id):
    revoked, consumed = seeded.issue(project_id), seeded.issue(project_id)
    tokens.revoke(seeded.control, seeded.admin, project_id, revoked["token_id"])
    seeded.enrol(project_id, token=consumed["token"])
    with refused(seeded.control, "token_already_revoked"):
        tokens.revoke(seeded.control, seeded.admin, project_id, revoked["token_id"])
    with refused(seeded.control, "token_already_consumed"):
        tokens.revoke(seeded.control, seeded.admin, project_id, consumed["token_id"])
