"""The plane's readers of credentials and times: what was made is read, and any other text is refused in linear time."""

import base64
import string
import time
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plexctl.local import headers
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.wire_time import from_wire, to_wire
from plexctl.local.control.enrolment import token_secrets
from plexctl.local.control.mesh import node_secret
from plexctl.local.masking import masked
from plexctl.local.vault import Vault
from tests.strategies import TIMES

VAULT = Vault(bytes(32))
ENVIRONMENTS = st.text(string.ascii_lowercase, min_size=1, max_size=32)
KINDS = st.sampled_from(["node", "bridge"])
BASE64URL = string.ascii_letters + string.digits + "-_"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
LONG = 1 << 16  # characters, as many as a body has
SECONDS = 5.0  # of processor time; what takes the square of the length takes far longer
# Pieces that a pattern may try again from each place.
PIECES = ["a", "a_", "psb_a_", f"psb_a_{'a' * 26}_node_", "nsk_a_", "bearer ", " ", "1", ".1", "@", "a:b@"]


def _microseconds(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


def _open(bearer):
    try:
        return node_secret._open(bearer)
    except Refusal as refusal:
        assert refusal.code == "nsk_invalid"  # noqa: PT017  a property looks at both outcomes
        return None


@given(ENVIRONMENTS, st.uuids(), KINDS)
def test_a_token_states_what_it_was_minted_for(environment, project_id, kind):
    token = token_secrets.mint(VAULT, environment, str(project_id), kind)
    assert token_secrets.parse(token) == (token_secrets.project_segment(str(project_id)), kind)
    assert masked(token) != token


@given(ENVIRONMENTS, st.uuids(), KINDS, st.data())
def test_a_token_with_another_character_is_another_or_none(environment, project_id, kind, data):
    token = token_secrets.mint(VAULT, environment, str(project_id), kind)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters())
    assume(character != token[place])
    other = token[:place] + character + token[place + 1 :]
    token_secrets.parse(other)
    assert token_secrets.fingerprint(VAULT, other.encode(errors="replace").decode()) != token_secrets.fingerprint(
        VAULT, token
    )


@given(st.text() | st.from_regex(r"psb_[a-z]{1,8}_[a-z2-7]{26}_(node|bridge|other)_[a-z2-7]{20,32}", fullmatch=True))
def test_what_is_taken_for_a_token_has_its_five_parts(text):
    form = token_secrets.parse(text)
    if form:
        assert text.split("_")[0::2][:2] == ["psb", form.project]
        assert text.split("_")[3] == form.kind
        assert text.isascii()


@given(ENVIRONMENTS, st.uuids(), st.binary(min_size=32, max_size=32))
def test_an_envelope_opens_to_what_is_in_it(environment, node_id, secret):
    bearer = f"nsk_{environment}_{base64.urlsafe_b64encode(node_id.bytes + secret).decode()}"
    assert _open(bearer) == (str(node_id), secret)
    assert headers.bearer(f"Bearer {bearer}") == bearer
    assert masked(bearer) != bearer


@given(st.text() | st.text(BASE64URL, min_size=60, max_size=70).map("nsk_dev_".__add__))
def test_any_bearer_is_a_nodes_or_none(text):
    opened = _open(text)
    if opened is not None:
        node_id, secret = opened
        assert UUID(node_id).bytes + secret == base64.urlsafe_b64decode(text[-64:])


SCHEMES = st.sampled_from(["bearer", "Bearer", "BEARER", "Basic"])
SPACES = st.sampled_from([" ", "  ", "\t", ""])
CREDENTIALS = st.text(string.ascii_letters + string.digits + "-._~+/= ")


@given(st.text(string.printable) | st.tuples(SCHEMES, SPACES, CREDENTIALS).map("".join))
def test_any_authorization_has_a_bearer_or_none(text):
    found = headers.bearer(text)
    assert found is None or (found in text and text.lower().startswith("bearer "))


@given(st.datetimes(FIRST.replace(tzinfo=None), LAST.replace(tzinfo=None)), st.integers(-23 * 60, 23 * 60))
def test_a_time_is_read_in_any_zone_and_written_in_utc(moment, minutes):
    here = moment.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    microseconds = _microseconds(here)
    assert from_wire(here.isoformat()) == microseconds
    assert from_wire(to_wire(microseconds).lower()) == microseconds
    assert to_wire(from_wire(here.isoformat())) == to_wire(microseconds)


@given(st.text() | TIMES)
def test_any_time_is_an_instant_or_refused(text):
    try:
        microseconds = from_wire(text)
    except ValueError:
        return
    assert _microseconds(FIRST) - 2 * 86_400_000_000 < microseconds < _microseconds(LAST) + 3 * 86_400_000_000


@pytest.mark.parametrize("read", [token_secrets.parse, _open, headers.bearer, headers.request_id, masked, from_wire])
def test_a_long_text_takes_no_long_time(read):
    started = time.process_time()
    for piece in PIECES:
        for text in (
            piece * (LONG // len(piece)),
            f"bearer {piece * (LONG // len(piece))}\n",
            f"2026-01-01T00:00:00.{'1' * LONG}Z",
        ):
            try:
                read(text)
            except ValueError:
                continue
    assert time.process_time() - started < SECONDS
