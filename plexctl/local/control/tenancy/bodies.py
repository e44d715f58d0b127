"""The bodies that create and change Domains and Projects, read into the columns that they set."""

from collections.abc import Callable, Mapping
from typing import Any

from plexctl import grammar
from plexctl.local.control.base import fields
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.tenancy import reachability_policy

Columns = dict[str, Any]

DOMAIN_PATCHABLE = ("name", "description", "region", "mesh_cidr", "reachability")
PROJECT_PATCHABLE = ("name", "description", "sub_range_cidr", "release_sub_range")


def new_domain(body: Body) -> Columns:
    required: Body = {"name": "", "slug": "", "description": "", "mesh_cidr": "", "reachability": {}}
    given = {field: value for field, value in body.items() if (field, value) != ("region", "")}
    return {"region": None, **_read({**required, **given}, DOMAIN_READERS, "invalid_domain")}


def domain_changes(body: Body) -> Columns:
    fields.check_patch(body, DOMAIN_PATCHABLE)
    return _read(body, DOMAIN_READERS, "invalid_domain")


def new_project(body: Body) -> Columns:
    required: Body = {"name": "", "slug": "", "description": ""}
    return {"sub_range": None, **_read({**required, **body}, PROJECT_READERS, "invalid_project")}


def project_changes(body: Body) -> Columns:
    fields.check_patch(body, PROJECT_PATCHABLE)
    columns = _read(body, PROJECT_READERS, "invalid_project")
    if not fields.flag(body, "release_sub_range"):
        return columns
    if "sub_range" in columns:
        raise Refusal("sub_range_invalidates_allocation", "send sub_range_cidr or release_sub_range, not both")
    return columns | {"sub_range": None}


def parent_domain_id(body: Body) -> str:
    """Read which Domain a new Project goes into, which must be known before anything else is looked at."""
    value = fields.text(body, "domain_id")
    try:
        domain_id = grammar.uuid(value or grammar.NIL_UUID)
    except ValueError as error:
        raise Refusal("invalid_body", f"domain_id {value!r} {error}") from None
    if domain_id == grammar.NIL_UUID:
        raise Refusal("invalid_project", "domain_id is empty; give the id of the Domain to create the Project in")
    return domain_id


def _read(body: Body, readers: Mapping[str, "Reader"], code: str) -> Columns:
    columns: Columns = {}
    for field, reader in readers.items():
        if field in body:
            columns |= reader(body, code)
    return columns


Reader = Callable[[Body, str], Columns]

SHARED_READERS: Mapping[str, Reader] = {
    "slug": lambda body, code: {"slug": fields.slug(body, "slug", code)},
    "name": lambda body, code: {"name": fields.name(body, code)},
    "description": lambda body, code: {"description": fields.description(body, code)},
}
DOMAIN_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "region": lambda body, code: {"region": fields.slug(body, "region", code)},
    "mesh_cidr": lambda body, code: {"mesh_cidr": fields.cidr(body, "mesh_cidr", code)},
    "reachability": lambda body, _: reachability_policy.read(body["reachability"]),
}
PROJECT_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "sub_range_cidr": lambda body, code: {"sub_range": fields.cidr(body, "sub_range_cidr", code)},
}
