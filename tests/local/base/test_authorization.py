import dataclasses

import pytest

from plexctl.local.control.base import authorization
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import Domain, Platform, Project, Relation
from plexctl.local.control.mesh import reachability
from plexctl.local.control.tenancy import domains, projects, resources
from tests.each import each
from tests.local.database import refused, rows

OBJECTS = {"platform": lambda _: Platform(), "domain": Domain, "project": Project}
UNKNOWN = "019ed19b-0000-7000-8000-000000000000"


def require(seeded, name, relation, kind, object_id):
    with seeded.control.read(getattr(seeded, name)) as tx:
        tx.require(Relation(relation), OBJECTS[kind](object_id))


@pytest.fixture
def objects(seeded):
    return {"platform": "", "domain": seeded.acme, "project": seeded.project()}


@each("kind", ["platform", "domain", "project"])
@each(("name", "relation"), [("admin", "admin"), ("admin", "viewer"), ("viewer", "viewer")])
def test_what_is_granted_is_let_through(seeded, objects, kind, name, relation):
    require(seeded, name, relation, kind, objects[kind])


@pytest.mark.parametrize("kind", ["platform", "domain", "project"])
def test_a_viewer_may_not_manage(seeded, objects, kind):
    with refused(seeded.control, "permission_denied") as denial:
        require(seeded, "viewer", "admin", kind, objects[kind])
    extensions = denial.value.extensions
    assert extensions["reason"] == "insufficient_relation"
    assert extensions["relation_path"] == [f"{kind}:{objects[kind]}#viewer" if objects[kind] else "platform#viewer"]


@pytest.mark.parametrize("relation", ["viewer", "admin"])
def test_an_outsider_holds_nothing(seeded, objects, relation):
    for kind, object_id in objects.items():
        with refused(seeded.control, "permission_denied") as denial:
            require(seeded, "outsider", relation, kind, object_id)
        assert denial.value.extensions["reason"] == "out_of_scope"
        assert denial.value.extensions["relation_path"] == []


@pytest.mark.parametrize(("name", "relation"), [("outsider", "viewer"), ("viewer", "admin")])
@pytest.mark.parametrize("kind", ["domain", "project"])
def test_a_denial_reads_the_same_whether_the_object_exists(seeded, objects, name, relation, kind):
    def denial(object_id):
        with pytest.raises(Refusal) as caught:
            require(seeded, name, relation, kind, object_id)
        return repr((caught.value.detail, caught.value.extensions)).replace(object_id, "ID")

    assert denial(objects[kind]) == denial(UNKNOWN)


def test_only_who_manages_the_platform_learns_that_something_is_not_there(seeded):
    require(seeded, "admin", "admin", "project", UNKNOWN)
    require(seeded, "viewer", "viewer", "project", UNKNOWN)
    with pytest.raises(Refusal):
        require(seeded, "outsider", "viewer", "project", UNKNOWN)


def test_a_grant_on_one_project_is_none_on_another(seeded):
    mine, other = seeded.project("mine"), seeded.project("other")
    with seeded.control.store.write() as connection:
        connection.execute("INSERT INTO grants VALUES (?, 'project', ?, 'admin', NULL)", (seeded.outsider.id, mine))
    require(seeded, "outsider", "admin", "project", mine)
    with refused(seeded.control, "permission_denied"):
        require(seeded, "outsider", "viewer", "project", other)


def test_a_grant_on_one_project_is_one_on_its_nodes_and_resources_alone(seeded):
    mine, other = (seeded.enrol(seeded.project(slug))["node_id"] for slug in ("mine", "other"))
    with seeded.control.store.write() as connection:
        connection.execute(
            "INSERT INTO grants SELECT ?, 'project', project_id, 'admin', NULL FROM nodes WHERE id = ?",
            (seeded.outsider.id, mine),
        )
    resource_of = dict(rows(seeded.control, "SELECT id, resource_id FROM nodes"))

    assert reachability.read(seeded.control, seeded.outsider, None, mine)["state"] == "healthy"
    assert resources.get(seeded.control, seeded.outsider, resource_of[mine])["id"] == resource_of[mine]
    with refused(seeded.control, "insufficient_relation"):
        reachability.read(seeded.control, seeded.outsider, None, other)
    with refused(seeded.control, "permission_denied"):
        resources.get(seeded.control, seeded.outsider, resource_of[other])


def test_an_injected_grant_delay_holds_a_new_project_back_and_nothing_else(seeded, clock):
    delay = 2_000_000
    settings = dataclasses.replace(seeded.control.settings, grant_delay_us=delay)
    seeded.control = dataclasses.replace(seeded.control, settings=settings)
    project_id = seeded.project()
    with refused(seeded.control, "permission_denied") as denial:
        projects.get(seeded.control, seeded.admin, project_id)
    assert denial.value.extensions["reason"] == "out_of_scope"
    assert projects.list_page(seeded.control, seeded.admin, 50, None) == {
        "items": [],
        "empty_reason": "no_rebac_membership",
    }
    clock.advance(delay)
    assert projects.get(seeded.control, seeded.admin, project_id)["id"] == project_id
    domain_id = seeded.domain("10.99.0.0/24")
    assert domains.get(seeded.control, seeded.admin, domain_id)["id"] == domain_id


def test_whoami_describes_a_user_of_the_platform(seeded):
    assert authorization.whoami(seeded.viewer) == {
        "principal_type": "user",
        "principal_scope": "platform",
        "subject": seeded.viewer.id,
        "email": "viewer@plexsphere.localhost",
    }
