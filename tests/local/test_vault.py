import os
import stat

import pytest
from cryptography.exceptions import InvalidTag

from plexctl.local.plane_error import PlaneError
from plexctl.local.vault import Vault, open_root_key
from tests.local.processes import write_private


@pytest.fixture
def vault():
    return Vault(os.urandom(32))


def test_a_secret_comes_back_under_its_own_domain_and_label(vault):
    wrapped = vault.wrap("a-domain", "nsk:1", b"secret")
    assert b"secret" not in wrapped
    assert vault.unwrap("a-domain", "nsk:1", wrapped) == b"secret"


def test_wrapping_twice_looks_different(vault):
    assert vault.wrap("a-domain", "nsk:1", b"secret") != vault.wrap("a-domain", "nsk:1", b"secret")


@pytest.mark.parametrize(("domain_id", "label"), [("b-domain", "nsk:1"), ("a-domain", "nsk:2"), ("platform", "nsk:1")])
def test_a_secret_opens_nowhere_else(vault, domain_id, label):
    with pytest.raises(InvalidTag):
        vault.unwrap(domain_id, label, vault.wrap("a-domain", "nsk:1", b"secret"))


def test_a_secret_opens_under_no_other_root_key(vault):
    with pytest.raises(InvalidTag):
        Vault(os.urandom(32)).unwrap("a-domain", "nsk:1", vault.wrap("a-domain", "nsk:1", b"secret"))


def test_every_changed_bit_is_noticed(vault):
    wrapped = vault.wrap("a-domain", "nsk:1", b"secret")
    for index in range(len(wrapped)):
        for bit in range(8):
            changed = wrapped[:index] + bytes([wrapped[index] ^ 1 << bit]) + wrapped[index + 1 :]
            with pytest.raises(InvalidTag):
                vault.unwrap("a-domain", "nsk:1", changed)


def test_a_fingerprint_belongs_to_its_purpose_text_and_root_key(vault):
    fingerprint = vault.fingerprint("bearer", "text")
    assert fingerprint == vault.fingerprint("bearer", "text")
    assert len(fingerprint) == 32
    others = [vault.fingerprint("token", "text"), vault.fingerprint("bearer", "texts")]
    assert fingerprint not in [*others, Vault(os.urandom(32)).fingerprint("bearer", "text")]


def test_the_root_key_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "root.key"
    key = open_root_key(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_root_key(path) == key
    assert list(tmp_path.iterdir()) == [path]


def test_two_root_keys_differ(tmp_path):
    assert open_root_key(tmp_path / "one") != open_root_key(tmp_path / "other")


def test_a_file_that_is_no_root_key_is_refused_and_kept(tmp_path):
    path = tmp_path / "root.key"
    write_private(path, b"short")
    with pytest.raises(PlaneError, match="holds 5 bytes"):
        open_root_key(path)
    assert path.read_bytes() == b"short"


def test_a_kill_before_the_key_has_its_name_leaves_no_half_key(tmp_path, monkeypatch):
    path = tmp_path / "root.key"

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", killed)
        with pytest.raises(KeyboardInterrupt):
            open_root_key(path)
    assert not path.exists()
    assert len(open_root_key(path)) == 32
