import base64

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from plexctl.local.control.base import cursors
from plexctl.local.control.base.refusal import Refusal
from tests.each import each
from tests.local.database import refused

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
same_plane = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def mint(seeded, name="admin", listing="projects:", last_seen=("edge", "id-1")):
    return cursors.mint(seeded.control.vault, getattr(seeded, name), listing, last_seen)


def position(seeded, cursor, name="admin", listing="projects:"):
    return cursors.position(seeded.control.vault, getattr(seeded, name), listing, cursor)


def test_a_cursor_leads_back_to_where_it_was_made(seeded):
    assert position(seeded, mint(seeded)) == ["edge", "id-1"]


def test_no_cursor_is_before_everything(seeded):
    assert position(seeded, None) == ["", ""]


def test_another_callers_cursor_is_refused_as_such(seeded):
    with refused(seeded.control, "cursor_binding_mismatch"):
        position(seeded, mint(seeded, "viewer"))


def test_a_cursor_is_for_its_own_list_and_filter(seeded):
    for listing in ("domains", "projects:019ed19b-68dc-7aa9-8995-80e810444cce"):
        with refused(seeded.control, "invalid_cursor"):
            position(seeded, mint(seeded, listing=listing))


def test_a_cursor_hides_the_row_it_points_at(seeded):
    cursor = mint(seeded, last_seen=("hidden-slug", "id"))
    assert b"hidden-slug" not in base64.urlsafe_b64decode(cursor + "==")


@each("cursor", ["", "=", "A", "AQ", "AQ==", "not a cursor", "é", "\n", "eyJzbHVnIjoiYSJ9.signed"])
def test_what_is_no_cursor_is_refused(seeded, cursor):
    with refused(seeded.control, "invalid_cursor"):
        position(seeded, cursor)


def test_an_unknown_version_is_refused(seeded):
    envelope = base64.urlsafe_b64decode(mint(seeded) + "==")
    with refused(seeded.control, "invalid_cursor"):
        position(seeded, base64.urlsafe_b64encode(b"\x02" + envelope[1:]).rstrip(b"=").decode())


@same_plane
@given(data=strategies.data())
def test_every_changed_character_is_noticed(seeded, data):
    cursor = mint(seeded)
    index = data.draw(strategies.integers(0, len(cursor) - 1))
    character = data.draw(strategies.sampled_from([letter for letter in BASE64URL if letter != cursor[index]]))
    with pytest.raises(Refusal) as caught:
        position(seeded, cursor[:index] + character + cursor[index + 1 :])
    assert caught.value.code == "invalid_cursor"


@pytest.mark.parametrize("length", range(3))
def test_the_bits_that_no_byte_uses_count_too(seeded, length):
    cursor = mint(seeded, last_seen=("edge", "i" * length))
    for character in set(BASE64URL) - {cursor[-1]}:
        with pytest.raises(Refusal):
            position(seeded, cursor[:-1] + character)


@same_plane
@given(strategies.text())
def test_arbitrary_text_is_refused(seeded, text):
    with pytest.raises(Refusal) as caught:
        position(seeded, text)
    assert caught.value.code == "invalid_cursor"


@same_plane
@given(strategies.tuples(strategies.text(), strategies.text()))
def test_every_position_survives(seeded, last_seen):
    assert position(seeded, mint(seeded, last_seen=last_seen)) == list(last_seen)
