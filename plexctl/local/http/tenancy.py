"""Domains and Projects."""

from plexctl.local.control.tenancy import domains, projects
from plexctl.local.http.bodies import BodyRule
from plexctl.local.http.calls import Call, Operation

_DOMAIN_ID = {"id": "invalid_domain_id"}
_PROJECT_ID = {"id": "invalid_project_id"}
_PAGE = ("limit", "cursor")


def _list_domains(call: Call) -> dict[str, object]:
    return domains.list_page(call.control, call.operator, *call.page())


def _list_projects(call: Call) -> dict[str, object]:
    return projects.list_page(call.control, call.operator, *call.page(), call.query.get("domain_id"))


OPERATIONS = (
    Operation(
        "CreateDomain",
        "POST",
        "/v1/domains",
        "Create a Domain.",
        lambda call: domains.create(call.control, call.operator, call.body()),
        "Domain",
        status=201,
        body=BodyRule("DomainCreate"),
        refusals=(
            "invalid_domain",
            "invalid_reachability_policy",
            "permission_denied",
            "domain_slug_conflict",
            "mesh_cidr_overlap",
        ),
        location="/v1/domains/{id}",
    ),
    Operation("ListDomains", "GET", "/v1/domains", "List Domains by slug.", _list_domains, "DomainList", query=_PAGE),
    Operation(
        "GetDomain",
        "GET",
        "/v1/domains/{id}",
        "Read a Domain.",
        lambda call: domains.get(call.control, call.operator, call.ids["id"]),
        "Domain",
        refusals=("permission_denied", "domain_not_found"),
        malformed_ids=_DOMAIN_ID,
    ),
    Operation(
        "PatchDomain",
        "PATCH",
        "/v1/domains/{id}",
        "Change a Domain, all but its slug.",
        lambda call: domains.patch(call.control, call.operator, call.ids["id"], call.body()),
        "Domain",
        body=BodyRule("DomainPatch"),
        refusals=(
            "empty_patch",
            "slug_immutable",
            "invalid_domain",
            "invalid_reachability_policy",
            "permission_denied",
            "domain_not_found",
            "mesh_cidr_overlap",
            "mesh_cidr_invalidates_allocation",
            "mesh_cidr_invalidates_subrange",
        ),
        malformed_ids=_DOMAIN_ID,
    ),
    Operation(
        "DeleteDomain",
        "DELETE",
        "/v1/domains/{id}",
        "Delete a Domain that holds nothing any more.",
        lambda call: domains.delete(call.control, call.operator, call.ids["id"]),
        None,
        status=204,
        refusals=("permission_denied", "domain_not_found", "domain_not_empty"),
        malformed_ids=_DOMAIN_ID,
    ),
    Operation(
        "CreateProject",
        "POST",
        "/v1/projects",
        "Create a Project in a Domain.",
        lambda call: projects.create(call.control, call.operator, call.body()),
        "Project",
        status=201,
        body=BodyRule("ProjectCreate"),
        refusals=(
            "invalid_project",
            "permission_denied",
            "parent_domain_missing",
            "project_slug_conflict",
            "sub_range_overlap",
        ),
        location="/v1/projects/{id}",
    ),
    Operation(
        "ListProjects",
        "GET",
        "/v1/projects",
        "List Projects by slug, of one Domain or of all.",
        _list_projects,
        "ProjectList",
        query=(*_PAGE, "domain_id"),
    ),
    Operation(
        "GetProject",
        "GET",
        "/v1/projects/{id}",
        "Read a Project.",
        lambda call: projects.get(call.control, call.operator, call.ids["id"]),
        "Project",
        refusals=("permission_denied", "project_not_found"),
        malformed_ids=_PROJECT_ID,
    ),
    Operation(
        "PatchProject",
        "PATCH",
        "/v1/projects/{id}",
        "Change a Project, all but its slug.",
        lambda call: projects.patch(call.control, call.operator, call.ids["id"], call.body()),
        "Project",
        body=BodyRule("ProjectPatch"),
        refusals=(
            "empty_patch",
            "slug_immutable",
            "invalid_project",
            "permission_denied",
            "project_not_found",
            "sub_range_overlap",
            "sub_range_invalidates_allocation",
        ),
        malformed_ids=_PROJECT_ID,
    ),
    Operation(
        "DeleteProject",
        "DELETE",
        "/v1/projects/{id}",
        "Delete a Project that holds nothing any more.",
        lambda call: projects.delete(call.control, call.operator, call.ids["id"]),
        None,
        status=204,
        refusals=("permission_denied", "project_not_found", "project_not_empty"),
        malformed_ids=_PROJECT_ID,
    ),
)
