import pytest

from plexctl.local.control.enrolment import register
from plexctl.local.control.tenancy import projects
from tests.local.database import refused, rows
from tests.local.listing import every_page

UNKNOWN = "019ed19b-0000-7000-8000-000000000000"


def create(seeded, **changes):
    body = {"domain_id": seeded.acme, "name": "Edge Fleet", "slug": "edge-fleet"} | changes
    body = {field: value for field, value in body.items() if value is not ...}
    return projects.create(seeded.control, seeded.admin, body)


def patch(seeded, project_id, **body):
    return projects.patch(seeded.control, seeded.admin, project_id, body)


def sub_range(seeded, project_id):
    return projects.get(seeded.control, seeded.admin, project_id).get("sub_range_cidr")


def test_a_project_is_created_read_and_listed_alike(seeded):
    created = create(seeded, name=" Edge Fleet ", description="At the edge", sub_range_cidr="10.50.0.64/26")
    assert created == {
        "id": created["id"],
        "domain_id": seeded.acme,
        "name": "Edge Fleet",
        "slug": "edge-fleet",
        "description": "At the edge",
        "sub_range_cidr": "10.50.0.64/26",
        "created_at": "2026-05-28T20:26:40.000000Z",
        "updated_at": "2026-05-28T20:26:40.000000Z",
    }
    assert projects.get(seeded.control, seeded.viewer, created["id"]) == created
    assert projects.list_page(seeded.control, seeded.viewer, 50, None) == {"items": [created]}


def test_a_project_without_a_sub_range_does_not_mention_one(seeded):
    created = create(seeded, domain_id=seeded.acme.upper())
    assert created["description"] == ""
    assert "sub_range_cidr" not in created


def test_slugs_are_a_domains_own(seeded):
    create(seeded)
    assert create(seeded, domain_id=seeded.beta)["slug"] == "edge-fleet"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"domain_id": ...}, "invalid_project"),
        ({"domain_id": ""}, "invalid_project"),
        ({"domain_id": "00000000-0000-0000-0000-000000000000"}, "invalid_project"),
        ({"domain_id": "acme-corp"}, "invalid_body"),
        ({"domain_id": 7}, "invalid_body"),
        ({"domain_id": UNKNOWN}, "parent_domain_missing"),
        ({"name": ...}, "invalid_project"),
        ({"name": "\t"}, "invalid_project"),
        ({"name": "n" * 256}, "invalid_project"),
        ({"name": False}, "invalid_body"),
        ({"slug": ...}, "invalid_project"),
        ({"slug": "edge--fleet"}, "invalid_project"),
        ({"slug": "taken"}, "project_slug_conflict"),
        ({"description": "  "}, "invalid_project"),
        ({"description": "d" * 1025}, "invalid_project"),
        ({"sub_range_cidr": ""}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.1/26"}, "invalid_project"),
        ({"sub_range_cidr": None}, "invalid_body"),
        ({"sub_range_cidr": "10.51.0.0/26"}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.0/23"}, "invalid_project"),
        ({"sub_range_cidr": "fd00::/64"}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.192/26"}, "sub_range_overlap"),
        ({"sub_range_cidr": "10.50.0.0/24"}, "sub_range_overlap"),
        ({"sub_range_cidr": "10.50.0.0/32"}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.255/32"}, "invalid_project"),
        ({"sub_range": "10.50.0.0/26"}, "invalid_body"),
        ({"release_sub_range": True}, "invalid_body"),
    ],
)
def test_a_creation_is_refused(seeded, changes, code):
    create(seeded, slug="taken", sub_range_cidr="10.50.0.128/25")
    with refused(seeded.control, code):
        create(seeded, **changes)


@pytest.mark.parametrize("name", ["viewer", "outsider"])
def test_only_an_admin_creates_changes_and_deletes(seeded, name):
    project_id, principal = seeded.project(), getattr(seeded, name)
    with refused(seeded.control, "permission_denied"):
        projects.create(seeded.control, principal, {"domain_id": seeded.acme})
    with refused(seeded.control, "permission_denied"):
        projects.create(seeded.control, principal, {"domain_id": UNKNOWN})
    with refused(seeded.control, "permission_denied"):
        projects.patch(seeded.control, principal, project_id, {})
    with refused(seeded.control, "permission_denied"):
        projects.delete(seeded.control, principal, project_id)


def test_an_outsider_reads_nothing(seeded):
    for project_id in (seeded.project(), UNKNOWN):
        with refused(seeded.control, "permission_denied"):
            projects.get(seeded.control, seeded.outsider, project_id)


def test_an_unknown_project_is_not_found_by_those_who_may(seeded):
    with refused(seeded.control, "project_not_found"):
        projects.get(seeded.control, seeded.viewer, UNKNOWN)
    with refused(seeded.control, "project_not_found"):
        patch(seeded, UNKNOWN, name="Edge")
    with refused(seeded.control, "project_not_found"):
        projects.delete(seeded.control, seeded.admin, UNKNOWN)


def test_pages_follow_the_slugs_across_domains(seeded):
    for slug, domain_id in (("b", seeded.acme), ("a", seeded.beta), ("b", seeded.beta), ("c", seeded.acme)):
        seeded.project(slug, domain_id)
    pages = every_page(lambda cursor: projects.list_page(seeded.control, seeded.viewer, 1, cursor))
    seen = [(item["slug"], item["id"]) for page in pages for item in page["items"]]
    assert [slug for slug, _ in seen] == ["a", "b", "b", "c"]
    assert seen == sorted(seen)


def test_a_list_can_be_of_one_domain(seeded):
    mine = [seeded.project("a"), seeded.project("c")]
    seeded.project("b", seeded.beta)

    def listed(domain_id, cursor=None):
        return projects.list_page(seeded.control, seeded.viewer, 1, cursor, domain_id)

    first = listed(seeded.acme)
    second = listed(seeded.acme, first["next_cursor"])
    assert [item["id"] for item in first["items"] + second["items"]] == mine
    assert "next_cursor" not in second
    assert listed(seeded.gamma) == listed(UNKNOWN) == {"items": []}
    with refused(seeded.control, "invalid_cursor"):
        listed(seeded.beta, first["next_cursor"])


def test_a_list_whose_rows_are_all_hidden_says_so_on_its_only_page(seeded):
    assert projects.list_page(seeded.control, seeded.outsider, 1, None) == {"items": []}
    seeded.project("a")
    seeded.project("b")
    page = projects.list_page(seeded.control, seeded.outsider, 1, None)
    assert page == {"items": [], "empty_reason": "no_rebac_membership"}


@pytest.mark.parametrize("limit", [1, 50])
def test_the_filter_of_a_list_does_not_tell_which_domains_exist(seeded, limit):
    seeded.project("a")
    seeded.project("b")
    for domain_id in (seeded.acme, seeded.gamma, UNKNOWN):
        assert projects.list_page(seeded.control, seeded.outsider, limit, None, domain_id) == {"items": []}


def test_a_page_is_full_however_many_rows_are_hidden(seeded):
    mine = [seeded.project(slug) for slug in ("a", "hidden-1", "hidden-2", "z")]
    with seeded.control.store.write() as connection:
        for project_id in (mine[0], mine[3]):
            connection.execute(
                "INSERT INTO grants VALUES (?, 'project', ?, 'viewer', NULL)", (seeded.outsider.id, project_id)
            )
    for limit in (1, 2):
        seen, cursor = [], None
        for _ in range(2 // limit):
            page = projects.list_page(seeded.control, seeded.outsider, limit, cursor)
            assert len(page["items"]) == limit
            seen += [item["id"] for item in page["items"]]
            cursor = page.get("next_cursor")
        assert (seen, cursor) == ([mine[0], mine[3]], None)


def test_a_patch_changes_what_it_names_and_nothing_else(seeded, clock):
    before = create(seeded, description="Some", sub_range_cidr="10.50.0.64/26")
    clock.advance(1_000_000)
    patched = patch(seeded, before["id"], name="Core", description="")
    assert patched == {
        **before,
        "name": "Core",
        "description": "",
        "updated_at": "2026-05-28T20:26:41.000000Z",
    }
    assert projects.get(seeded.control, seeded.admin, before["id"]) == patched


@pytest.mark.parametrize(
    "body", [{"release_sub_range": False}, {"name": "Edge Fleet"}, {"sub_range_cidr": "10.50.0.64/26"}]
)
def test_a_patch_that_changes_nothing_leaves_updated_at(seeded, clock, body):
    before = create(seeded, sub_range_cidr="10.50.0.64/26")
    clock.advance(1_000_000)
    assert patch(seeded, before["id"], **body) == before
    assert projects.get(seeded.control, seeded.admin, before["id"]) == before


def test_a_sub_range_is_set_resized_and_released(seeded):
    project_id = seeded.project()
    assert patch(seeded, project_id, sub_range_cidr="10.50.0.64/26")["sub_range_cidr"] == "10.50.0.64/26"
    assert patch(seeded, project_id, sub_range_cidr="10.50.0.0/25")["sub_range_cidr"] == "10.50.0.0/25"
    assert sub_range(seeded, project_id) == "10.50.0.0/25"
    assert patch(seeded, project_id, release_sub_range=False)["sub_range_cidr"] == "10.50.0.0/25"
    assert "sub_range_cidr" not in patch(seeded, project_id, release_sub_range=True)
    assert sub_range(seeded, project_id) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "empty_patch"),
        ({"slug": "edge-fleet"}, "slug_immutable"),
        ({"domain_id": UNKNOWN}, "invalid_body"),
        ({"name": ""}, "invalid_project"),
        ({"description": " "}, "invalid_project"),
        ({"release_sub_range": "yes"}, "invalid_body"),
        ({"release_sub_range": None}, "invalid_body"),
        ({"sub_range_cidr": "10.50.0.0/99"}, "invalid_project"),
        ({"sub_range_cidr": "10.51.0.0/26"}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.0/32"}, "invalid_project"),
        ({"sub_range_cidr": "10.50.0.255/32"}, "invalid_project"),
        ({"name": "Edge", "sub_range": "10.50.0.0/26"}, "invalid_body"),
        ({"sub_range_cidr": "10.50.0.0/26", "release_sub_range": True}, "sub_range_invalidates_allocation"),
        ({"sub_range_cidr": "10.50.0.192/26"}, "sub_range_invalidates_allocation"),
    ],
)
def test_a_patch_is_refused(seeded, body, code):
    project_id = seeded.project(sub_range_cidr="10.50.0.0/26")
    seeded.project("sibling", sub_range_cidr="10.50.0.128/25")
    with refused(seeded.control, code):
        patch(seeded, project_id, **body)


def test_a_refused_sub_range_names_the_sibling_in_the_way(seeded):
    project_id, sibling = seeded.project(), seeded.project("sibling", sub_range_cidr="10.50.0.128/25")
    with refused(seeded.control, "sub_range_invalidates_allocation") as refusal:
        patch(seeded, project_id, sub_range_cidr="10.50.0.192/26")
    assert sibling in refusal.value.detail
    assert "10.50.0.128/25" in refusal.value.detail


def test_a_sub_range_keeps_the_projects_own_nodes_and_may_hold_others(seeded):
    project_id, other = seeded.project(), seeded.project("other")
    assert seeded.enrol(other)["mesh_ip"] == "10.50.0.1"
    node = seeded.enrol(project_id)
    with refused(seeded.control, "sub_range_invalidates_allocation") as refusal:
        patch(seeded, project_id, sub_range_cidr="10.50.0.64/26")
    assert node["node_id"] in refusal.value.detail
    patch(seeded, project_id, sub_range_cidr="10.50.0.0/26")
    assert seeded.enrol(project_id)["mesh_ip"] == "10.50.0.3"
    assert seeded.enrol(other)["mesh_ip"] == "10.50.0.64"


def test_a_sub_range_that_is_used_up_can_grow(seeded):
    project_id = seeded.project(sub_range_cidr="10.50.0.64/31")
    assert [seeded.enrol(project_id)["mesh_ip"] for _ in range(2)] == ["10.50.0.64", "10.50.0.65"]
    patch(seeded, project_id, sub_range_cidr="10.50.0.64/30")
    assert seeded.enrol(project_id)["mesh_ip"] == "10.50.0.66"


def test_an_empty_project_is_deleted_with_its_grants_and_tokens(seeded):
    project_id = seeded.project()
    request = seeded.request(project_id)
    projects.delete(seeded.control, seeded.admin, project_id)
    assert rows(seeded.control, "SELECT * FROM grants WHERE object_id = ?", project_id) == []
    with refused(seeded.control, "project_not_found"):
        projects.get(seeded.control, seeded.admin, project_id)
    with refused(seeded.control, "token_invalid"):
        register.register(seeded.control, request, None)


def test_a_project_with_children_stays(seeded):
    project_id = seeded.project()
    seeded.enrol(project_id)
    with refused(seeded.control, "project_not_empty") as refusal:
        projects.delete(seeded.control, seeded.admin, project_id)
    counts = {"resources": 1, "nodes": 1, "relation_tuples": 0}
    assert refusal.value.extensions == {"project_child_counts": counts}
