import dataclasses
import json
import stat

import pytest

from plexctl.local import seed
from plexctl.local.bearers import read_bearers
from plexctl.local.control.base import authorization
from plexctl.local.control.tenancy import domains
from plexctl.local.plane_error import PlaneError
from plexctl.local.vault import Vault
from tests.local.database import content, rows
from tests.local.listing import items
from tests.local.seeded import Seeded


def test_the_domains_are_seeded_with_their_policy(seeded):
    listed = items(domains.list_page(seeded.control, seeded.viewer, 50, None))
    assert [(item["slug"], item["name"], item["mesh_cidr"]) for item in listed] == [
        ("acme-corp", "Acme Corp", "10.50.0.0/24"),
        ("beta-llc", "Beta LLC", "10.51.0.0/24"),
        ("gamma-cooperative", "Gamma Cooperative", "10.52.0.0/24"),
    ]
    patient = {"heartbeat_interval": "10m", "stale_after": "30m", "unreachable_after": "1h"}
    assert [item["reachability"] for item in listed] == [patient] * 3


def test_every_scope_has_a_first_signing_key(seeded):
    keys = rows(seeded.control, "SELECT scope, key_id, state FROM signing_keys")
    scopes = ["platform", *(f"domain:{domain_id}" for domain_id in (seeded.acme, seeded.beta, seeded.gamma))]
    assert sorted(keys) == sorted((scope, "k1", "active") for scope in scopes)


def test_each_bearer_is_its_principals(seeded):
    for name, bearer in seeded.bearers.items():
        principal = authorization.authenticate(seeded.control, bearer)
        assert principal
        assert principal.name == name
    assert len(set(seeded.bearers.values())) == 3
    assert authorization.authenticate(seeded.control, "something else") is None


def test_bearers_are_in_a_file_for_the_owner_alone(seeded, tmp_path):
    assert stat.S_IMODE((tmp_path / "bearers.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "bearers.json").read_text()) == seeded.bearers


def test_a_second_start_changes_nothing(seeded, tmp_path):
    before = content(seeded.control)
    again = Seeded(seeded.control, tmp_path)
    assert content(seeded.control) == before
    assert again.bearers == seeded.bearers


def test_a_deleted_domain_does_not_come_back(seeded, tmp_path):
    domains.delete(seeded.control, seeded.admin, seeded.gamma)
    seed.ensure(seeded.control, tmp_path)
    assert rows(seeded.control, "SELECT id FROM domains WHERE slug = 'gamma-cooperative'") == []


def test_a_plane_killed_before_its_database_was_seeded_goes_on_with_the_same_bearers(control, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(domains, "insert", killed)
        with pytest.raises(KeyboardInterrupt):
            seed.ensure(control, tmp_path)
    assert rows(control, "SELECT * FROM principals") == []
    written = read_bearers(tmp_path)
    assert Seeded(control, tmp_path).bearers == written


def test_a_lost_bearers_file_is_replaced_and_the_old_bearers_die(seeded, tmp_path):
    (tmp_path / "bearers.json").unlink()
    again = Seeded(seeded.control, tmp_path)
    assert again.admin == seeded.admin
    assert authorization.authenticate(seeded.control, seeded.bearers["admin"]) is None


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"admin": "x", "viewer": "y"}', "not json"])
def test_a_damaged_bearers_file_is_named(seeded, tmp_path, damage):
    (tmp_path / "bearers.json").write_text(damage)
    before = content(seeded.control)
    with pytest.raises(PlaneError, match=r"bearers\.json"):
        seed.ensure(seeded.control, tmp_path)
    assert content(seeded.control) == before


def test_another_planes_root_key_is_noticed_at_once(seeded, tmp_path):
    before = content(seeded.control)
    stranger = dataclasses.replace(seeded.control, vault=Vault(bytes(32)))
    with pytest.raises(PlaneError, match=r"root\.key"):
        seed.ensure(stranger, tmp_path)
    assert content(seeded.control) == before
