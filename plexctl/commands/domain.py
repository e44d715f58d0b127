"""domain: tenants, each with a mesh and a signing key of its own."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import given, option, paging_options
from plexctl.render.table import Column, time_cell
from plexctl.repeating import watchable

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

command = Family("domain", "A Domain is a tenant. It owns a mesh, the mesh's addresses, and Projects.")

COLUMNS = (
    Column("ID", "id"),
    Column("SLUG", "slug"),
    Column("NAME", "name"),
    Column("MESH_CIDR", "mesh_cidr"),
    Column("CREATED_AT", "created_at", time_cell),
)


_id_argument = click.argument("domain_id", metavar="ID", type=values.DOMAIN, help="UUID or slug of the Domain.")


_POLICY = {
    "heartbeat_interval": "How often its Nodes send a heartbeat, from 10s to 1h.",
    "stale_after": "After what silence a Node is stale: at least 3 intervals.",
    "unreachable_after": "After what silence a Node is unreachable: at least twice --stale-after, at most 1h.",
}


def _policy_options(function: Decorated) -> Decorated:
    """Declare the three flags of a Domain's reachability policy."""
    for name, explanation in reversed(_POLICY.items()):
        flag = option(f"--{name.replace('_', '-')}", type=values.DURATION_TEXT, help=explanation, required=False)
        function = flag(function)
    return function


def _policy(flags: Mapping[str, str | None]) -> dict[str, str] | None:
    """Return the policy that the flags give, or None.

    Raises: click.BadOptionUsage where only part of it is given.
    """
    policy = {name: flags[name] for name in _POLICY}
    missing = [f"--{name.replace('_', '-')}" for name, value in policy.items() if value is None]
    if len(missing) == len(policy):
        return None
    if missing:
        raise click.BadOptionUsage(missing[0], "is missing: a reachability policy has all three of its durations")
    return given(policy)


@command.leaf(
    "list",
    "List Domains, ordered by slug",
    Contract(
        columns=COLUMNS,
        document="wire:DomainPage",
        id_field="id",
        examples=("plexctl domain list", "plexctl domain list --query 'items[].slug'"),
    ),
)
@paging_options
@watchable
def list_domains(run: Invocation, **paging: object) -> None:
    show_listing(run, run.api.domains, COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one Domain",
    Contract(
        columns=COLUMNS,
        document="wire:Domain",
        id_field="id",
        examples=(
            "plexctl domain get acme-corp",
            "DOMAIN_ID=$(plexctl domain get acme-corp --query id)",
        ),
    ),
)
@_id_argument
def get(run: Invocation, domain_id: str) -> None:
    run.show(run.api.domain(domain_id), COLUMNS)


@command.leaf(
    "create",
    "Create a Domain",
    Contract(
        columns=COLUMNS,
        document="wire:Domain",
        id_field="id",
        idempotent=False,
        examples=(
            'plexctl domain create --slug delta --display-name "Delta Ltd" --mesh-cidr 10.60.0.0/16',
            "plexctl domain create --slug omega --display-name Omega --mesh-cidr fd00:60::/64 --region eu-central",
        ),
    ),
)
@option("--slug", type=values.SLUG, help="Short name, unique among all Domains; it can never be changed.")
@option("--display-name", "name", type=values.TEXT, help="Name to show.")
@option("--mesh-cidr", type=values.CIDR, help="Pool of the mesh's addresses; no other Domain's may overlap it.")
@option("--description", type=values.DESCRIPTION, help="Free text.", required=False)
@option("--region", type=values.SLUG, help="Region of the Domain, such as eu-central.", required=False)
@_policy_options
def create(
    run: Invocation,
    slug: str,
    name: str,
    mesh_cidr: str,
    description: str | None,
    region: str | None,
    **policy: str | None,
) -> None:
    """The three durations of the reachability policy are given together, or the server decides."""
    domain = {"slug": slug, "name": name, "mesh_cidr": mesh_cidr}
    domain |= given({"description": description, "region": region, "reachability": _policy(policy)})
    run.show(run.api.create_domain(domain), COLUMNS)


@command.leaf(
    "update",
    "Change a Domain, except its slug",
    Contract(
        columns=COLUMNS,
        document="wire:Domain",
        id_field="id",
        examples=(
            'plexctl domain update "$DOMAIN_ID" --display-name "Acme Corporation"',
            'plexctl domain update "$DOMAIN_ID" --mesh-cidr 10.50.0.0/16',
            'plexctl domain update "$DOMAIN_ID" --heartbeat-interval 30s --stale-after 90s --unreachable-after 5m',
        ),
    ),
)
@_id_argument
@option("--display-name", "name", type=values.TEXT, help="New name to show.", required=False)
@option("--description", type=values.DESCRIPTION, help="New description; an empty one removes it.", required=False)
@option("--region", type=values.SLUG, help="Region of the Domain, such as eu-central.", required=False)
@option("--mesh-cidr", type=values.CIDR, help="New pool; every address in use must be in it.", required=False)
@_policy_options
def update(
    run: Invocation,
    domain_id: str,
    name: str | None,
    description: str | None,
    region: str | None,
    mesh_cidr: str | None,
    **policy: str | None,
) -> None:
    flags = {"name": name, "description": description, "region": region, "mesh_cidr": mesh_cidr}
    changes = given({**flags, "reachability": _policy(policy)})
    if not changes:
        names = "--display-name, --description, --region, --mesh-cidr or the three of a reachability policy"
        raise click.UsageError(f"Nothing to change: give {names}")
    run.show(run.api.update_domain(domain_id, changes), COLUMNS)


@command.leaf(
    "delete",
    "Delete an empty Domain",
    Contract(destructive=True, examples=('plexctl domain delete "$EMPTY_DOMAIN_ID" --yes',)),
)
@_id_argument
def delete(run: Invocation, domain_id: str) -> None:
    """Refused while the Domain owns Projects or Nodes; the error counts them. Success prints nothing."""
    run.api.delete_domain(domain_id)
