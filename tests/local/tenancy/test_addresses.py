from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.enrolment import register
from plexctl.local.control.tenancy import domains, projects
from plexctl.local.control.tenancy.addresses import contains, lowest_free, offers, overlap
from tests.local.database import refused

NUMBERS = st.integers(0, 40)
SPANS = st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair)))


@given(SPANS, st.lists(SPANS), st.one_of(st.sets(NUMBERS), NUMBERS.map(range)))
def test_the_lowest_free_number_is_the_one_that_counting_finds(span, reserved, numbers):
    taken = {number for start, end in reserved for number in range(start, end + 1)} | set(numbers)
    free = [number for number in range(span[0], span[1] + 1) if number not in taken]

    def count(first, last):
        return sum(first <= number <= last for number in numbers)

    assert lowest_free(span, reserved, count) == (free[0] if free else None)


@st.composite
def blocks(draw):
    prefix = draw(st.integers(24, 32))
    number = draw(st.integers(0, 255)) >> (32 - prefix) << (32 - prefix)
    return f"{ip_address((10 << 24) + number)}/{prefix}"


@given(blocks(), blocks())
def test_overlap_and_containment_are_those_of_sets(one, other):
    first, second = set(ip_network(one)), set(ip_network(other))
    assert overlap(one, other) == bool(first & second)
    assert contains(one, other) == (second <= first)


@given(blocks(), st.integers(0, 255))
def test_a_block_offers_its_hosts(block, octet):
    address = ip_address((10 << 24) + octet)
    hosts = set(ip_network(block)) if ip_network(block).prefixlen > 30 else set(ip_network(block).hosts())
    assert offers(block, str(address)) == (address in hosts)


def test_versions_do_not_mix():
    assert not overlap("10.0.0.0/8", "::/0")
    assert not contains("::/0", "10.0.0.0/8")
    assert not offers("::/0", "10.0.0.1")


def hand_out(seeded, pool, **project):
    """Enrol until the pool is empty and return the addresses in the order they were given."""
    project_id = seeded.project(domain_id=seeded.domain(pool), **project)
    given_out: list[object] = []
    while len(given_out) < 20:
        request = seeded.request(project_id)
        try:
            given_out.append(register.register(seeded.control, request, None)["mesh_ip"])
        except Refusal as refusal:
            return given_out, refusal.code
    return given_out, None


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("10.99.0.0/29", [f"10.99.0.{octet}" for octet in range(1, 7)]),
        ("10.99.0.0/30", ["10.99.0.1", "10.99.0.2"]),
        ("10.99.0.0/31", ["10.99.0.0", "10.99.0.1"]),
        ("10.99.0.7/32", ["10.99.0.7"]),
        ("fd00::/126", ["fd00::1", "fd00::2", "fd00::3"]),
        ("fd00::/127", ["fd00::", "fd00::1"]),
    ],
)
def test_a_pool_is_handed_out_from_the_bottom_to_the_end(seeded, pool, expected):
    assert hand_out(seeded, pool) == (expected, "pool_exhausted")


@pytest.mark.parametrize(
    ("sub_range", "expected"),
    [
        ("10.99.0.8/29", [f"10.99.0.{octet}" for octet in range(8, 15)]),
        ("10.99.0.4/30", [f"10.99.0.{octet}" for octet in range(4, 8)]),
        ("10.99.0.0/31", ["10.99.0.1"]),
        ("10.99.0.0/28", [f"10.99.0.{octet}" for octet in range(1, 15)]),
    ],
)
def test_a_project_with_a_sub_range_stays_inside(seeded, sub_range, expected):
    assert hand_out(seeded, "10.99.0.0/28", sub_range_cidr=sub_range) == (expected, "subrange_exhausted")


@pytest.mark.parametrize(
    ("sub_range", "expected"),
    [("fd00::4/126", ["fd00::4", "fd00::5", "fd00::6", "fd00::7"]), ("fd00::/127", ["fd00::1"])],
)
def test_a_sub_range_of_ipv6_uses_all_but_the_pools_first_address(seeded, sub_range, expected):
    assert hand_out(seeded, "fd00::/125", sub_range_cidr=sub_range) == (expected, "subrange_exhausted")


@pytest.mark.parametrize(
    ("pool", "sub_range"),
    [("10.99.0.0/28", "10.99.0.0/32"), ("10.99.0.0/28", "10.99.0.15/32"), ("fd00::/125", "fd00::/128")],
)
def test_a_sub_range_that_could_hold_no_node_is_refused(seeded, pool, sub_range):
    domain_id = seeded.domain(pool)
    project_id = seeded.project(domain_id=domain_id)
    with refused(seeded.control, "invalid_project"):
        seeded.project("second", domain_id, sub_range_cidr=sub_range)
    with refused(seeded.control, "invalid_project"):
        projects.patch(seeded.control, seeded.admin, project_id, {"sub_range_cidr": sub_range})


def test_a_pool_that_leaves_a_sub_range_without_an_address_is_refused(seeded):
    domain_id = seeded.domain("10.99.0.0/28")
    seeded.project(domain_id=domain_id, sub_range_cidr="10.99.0.7/32")
    with refused(seeded.control, "mesh_cidr_invalidates_subrange"):
        domains.patch(seeded.control, seeded.admin, domain_id, {"mesh_cidr": "10.99.0.0/29"})
    domains.patch(seeded.control, seeded.admin, domain_id, {"mesh_cidr": "10.99.0.0/27"})


def test_a_reserved_sub_range_is_left_to_its_project(seeded):
    domain_id = seeded.domain("10.99.0.0/29")
    seeded.project("reserving", domain_id, sub_range_cidr="10.99.0.0/30")
    flat = seeded.project("flat", domain_id)
    assert [seeded.enrol(flat)["mesh_ip"] for _ in range(3)] == ["10.99.0.4", "10.99.0.5", "10.99.0.6"]
    request = seeded.request(flat)
    with refused(seeded.control, "pool_exhausted"):
        register.register(seeded.control, request, None)
