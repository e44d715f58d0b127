"""The value grammar against references written in another way: exact fractions, and the standard library's parsers."""

import ipaddress
import re
import string
import uuid
from fractions import Fraction
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plexctl import grammar
from tests.strategies import edited

UNITS = {"ns": 1, "us": 10**3, "µs": 10**3, "μs": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
NUMBERS = st.one_of(
    st.from_regex(r"[0-9]{1,6}(\.[0-9]{0,9})?", fullmatch=True), st.from_regex(r"\.[0-9]{1,9}", fullmatch=True)
)
PARTS = st.lists(st.tuples(NUMBERS, st.sampled_from(sorted(UNITS))), min_size=1, max_size=5)
LABEL = st.from_regex(r"[a-z0-9]+", fullmatch=True)
HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,9}(\.[a-z][a-z0-9]{0,9}){0,3}", fullmatch=True)
PORTS = st.integers(1, 65535)
PARSERS = [
    grammar.uuid, grammar.slug, grammar.env_prefix, grammar.key_id, grammar.scope, grammar.duration, grammar.cidr,
    grammar.endpoint, grammar.server_url,
]  # fmt: skip


def refused(parse, text: str) -> bool:
    complaint = None
    try:
        parse(text)
    except ValueError as error:
        complaint = str(error)
    assert complaint is None or complaint.startswith("is ")
    return complaint is not None


@given(PARTS)
def test_a_duration_is_the_exact_sum_of_its_parts(parts):
    expected = sum(int(Fraction("0" + number.rstrip(".")) * UNITS[unit]) for number, unit in parts)
    assert grammar.duration("".join(number + unit for number, unit in parts)) == expected


@given(st.integers(0, grammar.LONGEST_DURATION_NS))
def test_every_number_of_nanoseconds_has_a_duration(nanoseconds):
    assert grammar.duration(f"{nanoseconds}ns") == nanoseconds
    seconds, rest = divmod(nanoseconds, 10**9)
    assert grammar.duration(f"{seconds}.{rest:09}s") == nanoseconds


@given(st.integers(grammar.LONGEST_DURATION_NS + 1, 10**40))
def test_a_duration_that_go_cannot_hold_is_refused(nanoseconds):
    assert refused(grammar.duration, f"{nanoseconds}ns")


@given(PARTS, st.sampled_from([" ", "-", "+", "x", "d", "5", "", "\n"]))
def test_anything_else_beside_a_duration_is_refused(parts, noise):
    assume(noise)
    text = "".join(number + unit for number, unit in parts)
    assert refused(grammar.duration, text + noise)


@given(st.uuids())
def test_a_uuid_is_lower_case_in_the_end(value):
    assert grammar.uuid(str(value).upper()) == grammar.uuid(str(value)) == str(value)


@given(st.text(string.hexdigits + "-{}", min_size=30, max_size=40) | edited(st.uuids().map(str)))
def test_what_is_taken_for_a_uuid_is_one(text):
    if not refused(grammar.uuid, text):
        assert str(uuid.UUID(text)) == text.lower()


@given(st.lists(LABEL, min_size=1, max_size=5))
def test_words_joined_by_hyphens_are_a_slug_up_to_64_characters(words):
    text = "-".join(words)
    assert refused(grammar.slug, text) == (len(text) > 64)


@given(st.text("ab0-A_ é", max_size=8))
def test_a_slug_has_no_empty_word(text):
    words = text.split("-")
    wanted = all(word and set(word) <= set(string.ascii_lowercase + string.digits) for word in words)
    assert refused(grammar.slug, text) != wanted


@given(st.text(max_size=40))
def test_an_env_prefix_is_lower_case_ascii(text):
    assert refused(grammar.env_prefix, text) == (
        not 0 < len(text) <= 32 or not set(text) <= set(string.ascii_lowercase)
    )


@given(st.text(max_size=20))
def test_a_key_id_is_what_needs_no_escape_in_a_url(text):
    assert refused(grammar.key_id, text) == (not text or quote(text, safe="") != text)


@given(st.uuids(), st.sampled_from(["domain:", "Domain:", "domain", "project:", "domain: ", ""]))
def test_a_scope_is_platform_or_a_domain(value, prefix):
    assert refused(grammar.scope, f"{prefix}{value}") == (prefix != "domain:")
    assert grammar.scope(f"domain:{str(value).upper()}") == f"domain:{value}"
    assert grammar.scope("platform") == "platform"


@given(st.ip_addresses(), st.data())
def test_a_canonical_network_is_a_cidr_and_one_with_host_bits_names_it(address, data):
    length = data.draw(st.integers(0, address.max_prefixlen))
    network = ipaddress.ip_network(f"{address}/{length}", strict=False)
    assert grammar.cidr(str(network)) == str(network)
    if address != network.network_address:
        with pytest.raises(ValueError, match=re.escape(f"did you mean {network}?")):
            grammar.cidr(f"{address}/{length}")


@given(HOSTS, PORTS)
def test_a_named_endpoint_splits_into_host_and_port(host, port):
    assert grammar.endpoint(f"{host}:{port}") == (host, port)


@given(st.ip_addresses(), PORTS)
def test_an_address_as_endpoint_needs_brackets_if_it_is_ipv6(address, port):
    bare, bracketed = f"{address}:{port}", f"[{address}]:{port}"
    right, wrong = (bare, bracketed) if address.version == 4 else (bracketed, bare)
    assert grammar.endpoint(right) == grammar.endpoint(right.replace(str(address), address.exploded))
    assert grammar.endpoint(right) == (str(address), port)
    assert refused(grammar.endpoint, wrong)


@given(
    st.sampled_from(["http", "https", "HTTP"]), HOSTS, st.none() | PORTS, st.sampled_from(["", "/", "/api", "/a/b/"])
)
def test_a_server_url_has_its_default_port_and_no_trailing_slash(scheme, host, port, path):
    server = grammar.server_url(f"{scheme}://{host}{'' if port is None else f':{port}'}{path}")
    default = 443 if scheme == "https" else 80
    assert (server.scheme, server.host, server.port) == (scheme.lower(), host, port or default)
    assert not server.url.endswith("/")


@pytest.mark.parametrize("parse", PARSERS, ids=lambda parse: parse.__name__)
@given(text=st.text(max_size=30))
def test_whatever_is_typed_is_taken_or_refused_in_a_sentence(parse, text):
    refused(parse, text)
    assert refused(parse, text + "\n")
    assert refused(parse, " " + text)
