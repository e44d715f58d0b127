"""What reads text from servers and the environment, on any text: a result or its own refusal, in linear time."""

import contextlib
import ipaddress
import json
import re
import time
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexctl import grammar
from plexctl.clients.http import retry_after
from plexctl.clients.problem import failure_of
from plexctl.clients.proxies import find_proxy, is_exempt
from plexctl.failures import Failure
from plexctl.render.secrets import masked, masked_excerpt
from plexctl.render.text import instant
from plexctl.settings.credential import check_token
from tests.strategies import TIMES

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
SHOWN = ("title", "detail", "instance", "code", "correlation_id")
PROBLEMS = st.dictionaries(st.sampled_from([*SHOWN, "status", "reason", "type", "kind"]) | st.text(), JSON, max_size=4)
STATUSES = st.integers(100, 599)
LABELS = st.lists(
    st.from_regex(r"[a-z][a-z0-9]{0,7}", fullmatch=True), min_size=1, max_size=4
)  # of a name, not an address
PORTS = st.integers(1, 65535)
OFFSETS = st.integers(-23 * 60 - 59, 23 * 60 + 59).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9000, 1, 1), timezones=OFFSETS)  # noqa: DTZ001  they get a zone
LONG = 1 << 16  # characters
SECONDS = 5.0  # of processor time; what takes the square of the length takes hours
# Pieces that a pattern may try again from each place.
PIECES = ["a", "1", "1.", "-", "a-", "1s", ":", "a:", "@", "a@", "/", "[", "[:", " ", ",", "psb_a_", "eyJa.", "bearer "]


@given(STATUSES, PROBLEMS)
def test_every_member_of_a_problem_is_kept(status, document):
    failure = failure_of(status, json.dumps(document).encode(), "request", {})
    kept = {name: json.loads(text) for name, text in failure.extensions}
    for name, value in document.items():
        assert value in (kept.get(name), getattr(failure, name, None))
    assert failure.status == status
    assert failure.title


@given(STATUSES, st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | JSON.map(json.dumps).map(str.encode))
def test_every_body_of_an_error_makes_a_failure(status, body):
    failure = failure_of(status, body, "request", {"x-correlation-id": "c"}, location="https://somewhere")
    assert failure.title
    assert len(failure.detail) <= max(len(body), 300)


@given(st.text() | TIMES)
def test_a_time_is_shown_or_left_as_it_is(text):
    shown = instant(text)
    if shown != text:
        assert datetime.fromisoformat(shown).tzinfo == UTC


@given(MOMENTS)
def test_a_time_keeps_its_instant_to_the_second(moment):
    assert datetime.fromisoformat(instant(moment.isoformat())) == moment.replace(microsecond=0)


@given(st.text(max_size=40))
def test_retry_after_is_a_wait_or_nothing(value):
    wait = _wait_of(value)
    assert wait is None or wait >= 0


@given(st.text(max_size=60))
def test_a_bearer_token_is_one_word_of_visible_ascii(text):
    if re.search(r"[^\x21-\x7e]", text.strip()) or not text.strip():
        with pytest.raises(Failure, match="here holds no bearer token"):
            check_token(text, "here")
    else:
        assert check_token(text, "here") == text.strip()


@given(LABELS, LABELS, PORTS)
def test_a_domain_exempts_itself_and_what_is_below_it(labels, above, port):
    domain, host = ".".join(above), ".".join([*labels, *above])
    for entry in (domain, f".{domain}", f"*.{domain}", domain.upper(), f"{domain}:{port}", f"{domain}.", "*"):
        assert is_exempt(host, port, f"other.test, {entry}")
    assert not is_exempt(host, port, f"x{domain}")
    assert not is_exempt(host, port, f"{domain}:{port % 65535 + 1}")


@given(st.ip_addresses(), st.data(), PORTS)
def test_a_network_exempts_its_addresses_and_no_others(address, data, port):
    length = data.draw(st.integers(0, address.max_prefixlen))
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    other = data.draw(st.ip_addresses(v=address.version))
    mapped = getattr(address, "ipv4_mapped", None) or getattr(other, "ipv4_mapped", None)
    if not mapped:  # an IPv4 address within IPv6 is that IPv4 address
        assert is_exempt(str(address), port, str(network))
        assert is_exempt(address.exploded, port, f"{address}/{length}")
        assert is_exempt(str(other), port, str(network)) == (other in network)
    assert is_exempt(str(address), port, f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}")


@given(st.text(max_size=60), st.text("a1.:-", max_size=20) | st.ip_addresses().map(str), PORTS)
def test_any_no_proxy_is_an_answer(no_proxy, host, port):
    assert is_exempt(host, port, no_proxy) in (True, False)


@given(st.text(max_size=60), st.sampled_from(["http", "https", "grpc"]))
def test_any_proxy_is_used_or_refused(value, kind):
    with contextlib.suppress(Failure):
        proxy = find_proxy(kind, "plexsphere.test", 80, {f"{kind}_proxy": value})
        assert (proxy is None) == (not value.strip())
        assert proxy is None or grammar.endpoint(f"[{proxy.host}]:1" if ":" in proxy.host else f"{proxy.host}:1")


def _wait_of(value):
    response: Any = SimpleNamespace(headers={"retry-after": value})
    return retry_after(response)


def _proxy_of(text):
    return find_proxy("http", "plexsphere.test", 80, {"http_proxy": text, "no_proxy": text})


def _problem_of(text):
    return failure_of(500, json.dumps({"title": text, "detail": text, text: text}).encode(), "request", {}, text)


def _secrets_of(text):
    return masked(text, ["aaaaaaaaaaaaaaaa", "a"]), masked_excerpt(text, ["a1"])


@pytest.mark.parametrize(
    "read",
    [
        grammar.uuid, grammar.slug, grammar.env_prefix, grammar.key_id, grammar.scope, grammar.duration, grammar.cidr,
        grammar.endpoint, grammar.server_url, grammar.byte_count, grammar.public_key, instant, _proxy_of, _problem_of,
        _secrets_of, lambda text: is_exempt("a.test", 80, text), lambda text: check_token(text, "here"),
        _wait_of,
    ],
)  # fmt: skip
def test_a_long_text_takes_no_long_time(read):
    started = time.process_time()
    for piece in PIECES:
        for text in (piece * (LONG // len(piece)), piece * (LONG // len(piece)) + "\n", "psb_" + piece * LONG):
            with contextlib.suppress(ValueError, Failure):
                read(text)
    assert time.process_time() - started < SECONDS
