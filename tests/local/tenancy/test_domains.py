import pytest

from plexctl.local.control.tenancy import domains, projects
from tests.each import each
from tests.local.database import refused, rows
from tests.local.listing import every_page, items, next_cursor

UNKNOWN = "019ed19b-0000-7000-8000-000000000000"
BODY = {"name": "Delta", "slug": "delta", "mesh_cidr": "10.99.0.0/24"}


def create(seeded, **changes):
    body = {field: value for field, value in (BODY | changes).items() if value is not ...}
    return domains.create(seeded.control, seeded.admin, body)


def patch(seeded, **body):
    return domains.patch(seeded.control, seeded.admin, seeded.acme, body)


def test_a_domain_is_created_read_and_listed_alike(seeded):
    created = create(seeded, description="The fourth", region="eu-west")
    assert created == {
        "id": created["id"],
        "name": "Delta",
        "slug": "delta",
        "description": "The fourth",
        "region": "eu-west",
        "mesh_cidr": "10.99.0.0/24",
        "reachability": {"heartbeat_interval": "10m", "stale_after": "30m", "unreachable_after": "1h"},
        "created_at": "2026-05-28T20:26:40.000000Z",
        "updated_at": "2026-05-28T20:26:40.000000Z",
    }
    assert domains.get(seeded.control, seeded.viewer, created["id"]) == created
    assert created in items(domains.list_page(seeded.control, seeded.viewer, 50, None))


def test_a_new_domain_has_its_grants_and_signing_key_at_once(seeded):
    domain_id = create(seeded)["id"]
    assert seeded.project(domain_id=domain_id)
    assert rows(seeded.control, "SELECT key_id FROM signing_keys WHERE scope = ?", f"domain:{domain_id}") == [("k1",)]


def test_what_is_left_out_is_left_empty(seeded):
    created = create(seeded, region="", name="  Delta \t")
    assert (created["name"], created["description"]) == ("Delta", "")
    assert "region" not in created


def test_an_ipv6_pool_will_do(seeded):
    assert create(seeded, mesh_cidr="fd00:1::/64")["mesh_cidr"] == "fd00:1::/64"


@pytest.mark.parametrize("more", [{"color": "red"}, {"reachability": {"stale-after": "5m"}}])
def test_an_unknown_member_is_refused_wherever_it_is(seeded, more):
    with refused(seeded.control, "invalid_body") as refusal:
        create(seeded, **more)
    assert "color" in refusal.value.detail or "stale-after" in refusal.value.detail
    with refused(seeded.control, "invalid_body"):
        domains.patch(seeded.control, seeded.admin, seeded.acme, more)


def test_a_patch_that_changes_nothing_leaves_updated_at(seeded, clock):
    before = domains.get(seeded.control, seeded.admin, seeded.acme)
    clock.advance(1_000_000)
    body = {name: before[name] for name in ("name", "description", "mesh_cidr", "reachability")}
    assert domains.patch(seeded.control, seeded.admin, seeded.acme, body) == before


@each(
    ("changes", "code"),
    [
        ({"name": ...}, "invalid_domain"),
        ({"name": ""}, "invalid_domain"),
        ({"name": " \t"}, "invalid_domain"),
        ({"name": "n" * 256}, "invalid_domain"),
        ({"name": None}, "invalid_body"),
        ({"name": 7}, "invalid_body"),
        ({"slug": ...}, "invalid_domain"),
        ({"slug": "Delta"}, "invalid_domain"),
        ({"slug": "delta-"}, "invalid_domain"),
        ({"slug": "delta\n"}, "invalid_domain"),
        ({"slug": "d" * 65}, "invalid_domain"),
        ({"slug": ["delta"]}, "invalid_body"),
        ({"description": " "}, "invalid_domain"),
        ({"description": "d" * 1025}, "invalid_domain"),
        ({"description": {}}, "invalid_body"),
        ({"region": "EU"}, "invalid_domain"),
        ({"region": "e" * 65}, "invalid_domain"),
        ({"region": None}, "invalid_body"),
        ({"mesh_cidr": ...}, "invalid_domain"),
        ({"mesh_cidr": "10.99.0.1/24"}, "invalid_domain"),
        ({"mesh_cidr": "10.99.0.0"}, "invalid_domain"),
        ({"mesh_cidr": "10.99.0.0/33"}, "invalid_domain"),
        ({"mesh_cidr": "FD00::/64"}, "invalid_domain"),
        ({"mesh_cidr": 10}, "invalid_body"),
        ({"reachability": []}, "invalid_body"),
        ({"reachability": None}, "invalid_body"),
        ({"reachability": {"heartbeat_interval": 30}}, "invalid_body"),
        ({"reachability": {"heartbeat_interval": "30s"}}, "invalid_reachability_policy"),
        ({"slug": "acme-corp"}, "domain_slug_conflict"),
        ({"mesh_cidr": "10.50.0.0/24"}, "mesh_cidr_overlap"),
        ({"mesh_cidr": "10.50.0.128/25"}, "mesh_cidr_overlap"),
        ({"mesh_cidr": "10.48.0.0/12"}, "mesh_cidr_overlap"),
    ],
)
def test_a_creation_is_refused(seeded, changes, code):
    with refused(seeded.control, code):
        create(seeded, **changes)


def test_values_at_the_limits_are_taken(seeded):
    created = create(seeded, name="n" * 255, slug="d" * 64, description="d" * 1024, region="e" * 64)
    assert [len(created[field]) for field in ("name", "slug", "description", "region")] == [255, 64, 1024, 64]


@pytest.mark.parametrize("name", ["viewer", "outsider"])
def test_only_an_admin_creates_changes_and_deletes(seeded, name):
    principal = getattr(seeded, name)
    with refused(seeded.control, "permission_denied"):
        domains.create(seeded.control, principal, {})
    with refused(seeded.control, "permission_denied"):
        domains.patch(seeded.control, principal, seeded.acme, {})
    with refused(seeded.control, "permission_denied"):
        domains.delete(seeded.control, principal, seeded.acme)


def test_an_outsider_reads_nothing(seeded):
    for domain_id in (seeded.acme, UNKNOWN):
        with refused(seeded.control, "permission_denied"):
            domains.get(seeded.control, seeded.outsider, domain_id)


def test_an_unknown_domain_is_not_found_by_those_who_may(seeded):
    with refused(seeded.control, "domain_not_found"):
        domains.get(seeded.control, seeded.viewer, UNKNOWN)
    with refused(seeded.control, "domain_not_found"):
        domains.patch(seeded.control, seeded.admin, UNKNOWN, {"name": "Delta"})
    with refused(seeded.control, "domain_not_found"):
        domains.delete(seeded.control, seeded.admin, UNKNOWN)


def test_pages_follow_the_slugs_to_the_end(seeded):
    pages = list(every_page(lambda cursor: domains.list_page(seeded.control, seeded.viewer, 2, cursor)))
    slugs = [[item["slug"] for item in page["items"]] for page in pages]
    assert slugs == [["acme-corp", "beta-llc"], ["gamma-cooperative"]]
    assert not any("empty_reason" in page for page in pages)


def test_a_page_that_ends_the_list_has_no_cursor(seeded):
    assert "next_cursor" not in domains.list_page(seeded.control, seeded.viewer, 3, None)


def test_a_page_whose_rows_are_all_hidden_says_so(seeded):
    page = domains.list_page(seeded.control, seeded.outsider, 50, None)
    assert page == {"items": [], "empty_reason": "no_rebac_membership"}


def test_an_empty_page_of_an_empty_list_gives_no_reason(seeded):
    for domain_id in (seeded.acme, seeded.beta, seeded.gamma):
        domains.delete(seeded.control, seeded.admin, domain_id)
    assert domains.list_page(seeded.control, seeded.outsider, 50, None) == {"items": []}


def test_each_callers_cursor_is_his_own(seeded):
    cursor = next_cursor(domains.list_page(seeded.control, seeded.viewer, 1, None))
    with refused(seeded.control, "cursor_binding_mismatch"):
        domains.list_page(seeded.control, seeded.admin, 1, cursor)


def test_a_patch_changes_what_it_names_and_nothing_else(seeded, clock):
    before = domains.get(seeded.control, seeded.admin, seeded.acme)
    clock.advance(1_500_000)
    patched = patch(seeded, name=" Acme ", region="eu")
    changed = {"name": "Acme", "region": "eu", "updated_at": "2026-05-28T20:26:41.500000Z"}
    assert patched == {**before, **changed}
    assert domains.get(seeded.control, seeded.admin, seeded.acme) == patched


def test_a_patch_clears_a_description(seeded):
    assert patch(seeded, description="Some")["description"] == "Some"
    assert patch(seeded, description="")["description"] == ""


def test_a_patch_moves_the_pool_and_the_policy(seeded):
    policy = {"heartbeat_interval": "1m", "stale_after": "3m", "unreachable_after": "6m0s"}
    patched = patch(seeded, mesh_cidr="10.60.0.0/16", reachability=policy)
    assert (patched["mesh_cidr"], patched["reachability"]) == ("10.60.0.0/16", policy)
    assert patch(seeded, reachability={})["reachability"]["unreachable_after"] == "1h"


@each(
    ("body", "code"),
    [
        ({}, "empty_patch"),
        ({"slug": "acme-corp"}, "slug_immutable"),
        ({"slug": None, "color": "red"}, "slug_immutable"),
        ({"name": "Acme", "color": "red"}, "invalid_body"),
        ({"name": ""}, "invalid_domain"),
        ({"name": None}, "invalid_body"),
        ({"description": "\n"}, "invalid_domain"),
        ({"region": ""}, "invalid_domain"),
        ({"mesh_cidr": "10.50.0.0/99"}, "invalid_domain"),
        ({"mesh_cidr": "10.51.0.0/25"}, "mesh_cidr_overlap"),
        ({"reachability": {"stale_after": "90s"}}, "invalid_reachability_policy"),
    ],
)
def test_a_patch_is_refused(seeded, body, code):
    with refused(seeded.control, code):
        patch(seeded, **body)


def test_a_pool_keeps_the_sub_ranges_cut_from_it(seeded):
    project_id = seeded.project(sub_range_cidr="10.50.0.64/26")
    with refused(seeded.control, "mesh_cidr_invalidates_subrange") as refusal:
        patch(seeded, mesh_cidr="10.50.0.0/26")
    assert project_id in refusal.value.detail
    assert patch(seeded, mesh_cidr="10.50.0.64/26")["mesh_cidr"] == "10.50.0.64/26"


@pytest.mark.parametrize("pool", ["10.60.0.0/16", "10.50.0.2/31", "fd00::/64"])
def test_a_pool_keeps_the_nodes_that_live_in_it(seeded, pool):
    node = seeded.enrol(seeded.project())
    with refused(seeded.control, "mesh_cidr_invalidates_allocation") as refusal:
        patch(seeded, mesh_cidr=pool)
    assert node["node_id"] in refusal.value.detail
    assert patch(seeded, mesh_cidr="10.50.0.0/16")["mesh_cidr"] == "10.50.0.0/16"


def test_an_empty_domain_is_deleted_with_all_that_was_made_for_it(seeded):
    project_id = seeded.project()
    projects.delete(seeded.control, seeded.admin, project_id)
    domains.delete(seeded.control, seeded.admin, seeded.acme)
    with refused(seeded.control, "domain_not_found"):
        domains.get(seeded.control, seeded.admin, seeded.acme)
    scope = f"domain:{seeded.acme}"
    assert rows(seeded.control, "SELECT * FROM grants WHERE object_id IN (?, ?)", seeded.acme, project_id) == []
    assert rows(seeded.control, "SELECT * FROM signing_keys WHERE scope = ?", scope) == []
    assert create(seeded, slug="acme-corp", mesh_cidr="10.50.0.0/24")["slug"] == "acme-corp"


def test_a_domain_with_children_stays(seeded):
    seeded.enrol(seeded.project())
    seeded.project("second")
    with refused(seeded.control, "domain_not_empty") as refusal:
        domains.delete(seeded.control, seeded.admin, seeded.acme)
    counts = {"projects": 2, "groups": 0, "identities": 0, "idp_bindings": 0, "nodes": 1}
    assert refusal.value.extensions == {"child_counts": counts}
