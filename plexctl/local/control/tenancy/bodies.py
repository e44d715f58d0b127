"""Reads the bodies that create and change Domains and Projects into the columns that they set."""

from collections.abc import Callable, Mapping
from typing import Any

from plexctl import grammar
from plexctl.local.control.base import fields, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.tenancy import reachability_policy

Columns = dict[str, Any]

DOMAIN_PATCHABLE = ("name", "description", "region", "mesh_cidr", "reachability")
PROJECT_PATCHABLE = ("name", "description", "sub_range_cidr", "release_sub_range")


def new_domain(body: Body) -> Columns:
    """Read a new Domain.

    Raises: Refusal(invalid_body, invalid_domain, invalid_reachability_policy).
    """
    fields.check_known(body, DOMAIN_READERS, reasons.INVALID_BODY)
    required: Body = {"name": "", "slug": "", "description": "", "mesh_cidr": "", "reachability": {}}
    given = {field: value for field, value in body.items() if (field, value) != ("region", "")}
    return {"region": None, **_read({**required, **given}, DOMAIN_READERS, reasons.INVALID_DOMAIN)}


def domain_changes(body: Body) -> Columns:
    """Read the changes to a Domain.

    Raises: Refusal(slug_immutable, empty_patch), and those of `new_domain`.
    """
    fields.check_patch(body, DOMAIN_PATCHABLE)
    return _read(body, DOMAIN_READERS, reasons.INVALID_DOMAIN)


def new_project(body: Body) -> Columns:
    """Read a new Project, except its Domain.

    Raises: Refusal(invalid_body, invalid_project).
    """
    fields.check_known(body, ("domain_id", *PROJECT_READERS), reasons.INVALID_BODY)
    required: Body = {"name": "", "slug": "", "description": ""}
    return {"sub_range": None, **_read({**required, **body}, PROJECT_READERS, reasons.INVALID_PROJECT)}


def project_changes(body: Body) -> Columns:
    """Read the changes to a Project.

    Raises: Refusal(slug_immutable, empty_patch, sub_range_invalidates_allocation), and those of `new_project`.
    """
    fields.check_patch(body, PROJECT_PATCHABLE)
    columns = _read(body, PROJECT_READERS, reasons.INVALID_PROJECT)
    if not fields.flag(body, "release_sub_range"):
        return columns
    if "sub_range" in columns:
        raise Refusal(reasons.SUB_RANGE_INVALIDATES_ALLOCATION, "send sub_range_cidr or release_sub_range, not both")
    return columns | {"sub_range": None}


def parent_domain_id(body: Body) -> str:
    """Read the Domain of a new Project, which must be known before the rest is read.

    Raises: Refusal(invalid_body, invalid_project).
    """
    value = fields.text(body, "domain_id")
    try:
        domain_id = grammar.uuid(value or grammar.NIL_UUID)
    except ValueError as error:
        raise Refusal(reasons.INVALID_BODY, f"domain_id {value!r} {error}") from None
    if domain_id == grammar.NIL_UUID:
        raise Refusal(reasons.INVALID_PROJECT, "domain_id is empty; give the id of the Domain to create the Project in")
    return domain_id


def _read(body: Body, readers: Mapping[str, "Reader"], reason: Reason) -> Columns:
    columns: Columns = {}
    for field, reader in readers.items():
        if field in body:
            columns |= reader(body, reason)
    return columns


Reader = Callable[[Body, Reason], Columns]

SHARED_READERS: Mapping[str, Reader] = {
    "slug": lambda body, reason: {"slug": fields.slug(body, "slug", reason)},
    "name": lambda body, reason: {"name": fields.name(body, reason)},
    "description": lambda body, reason: {"description": fields.description(body, reason)},
}
DOMAIN_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "region": lambda body, reason: {"region": fields.slug(body, "region", reason)},
    "mesh_cidr": lambda body, reason: {"mesh_cidr": fields.cidr(body, "mesh_cidr", reason)},
    "reachability": lambda body, _: reachability_policy.read(body["reachability"]),
}
PROJECT_READERS: Mapping[str, Reader] = {
    **SHARED_READERS,
    "sub_range_cidr": lambda body, reason: {"sub_range": fields.cidr(body, "sub_range_cidr", reason)},
}
