"""project: parts of a Domain, which own its Nodes."""

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import Decorated, domain_filter, domain_option, domain_scope, given, option, paging_options
from plexctl.render.table import Column, time_cell
from plexctl.repeating import waitable, watchable

command = Family("project", "A Project belongs to a Domain and owns Nodes; every Node enrols into a Project.")

COLUMNS = (
    Column("ID", "id"),
    Column("DOMAIN_ID", "domain_id"),
    Column("SLUG", "slug"),
    Column("NAME", "name"),
    Column("SUB_RANGE", "sub_range_cidr"),
    Column("CREATED_AT", "created_at", time_cell),
)


def _id_argument(function: Decorated) -> Decorated:
    """Declare ID, and the --domain in which a slug is looked up."""
    argument = click.argument("project_id", metavar="ID", type=values.PROJECT, help="UUID or slug of the Project.")
    return argument(domain_scope(function))


@command.leaf(
    "create",
    "Create a Project in a Domain",
    Contract(
        columns=COLUMNS,
        document="wire:Project",
        id_field="id",
        idempotent=False,
        examples=(
            'plexctl project create --domain "$DOMAIN_ID" --slug edge-fleet --display-name "Edge Fleet"',
            'plexctl project create --domain "$DOMAIN_ID" --slug lab --display-name Lab --sub-range 10.50.0.128/25',
            'plexctl project create --domain "$DOMAIN_ID" --slug ci --display-name CI --wait --within 30s',
        ),
    ),
)
@domain_option
@option("--slug", type=values.SLUG, help="Short name, unique in its Domain; it can never be changed.")
@option("--display-name", "name", type=values.TEXT, help="Name to show.")
@option("--description", type=values.DESCRIPTION, help="Free text.", required=False)
@option(
    "--sub-range",
    "sub_range_cidr",
    type=values.CIDR,
    help="Part of the Domain's mesh CIDR to reserve for the Project.",
    required=False,
)
@waitable("Wait until the new Project can be read, since grants may arrive with a delay.")
def create(run: Invocation, domain_id: str, slug: str, name: str, within: int | None, **flags: str) -> None:
    project = {"domain_id": domain_id, "slug": slug, "name": name}
    project |= given({"description": flags["description"], "sub_range_cidr": flags["sub_range_cidr"]})
    created = run.api.create_project(project)
    if within:
        from plexctl.waits import until_readable

        created = until_readable(run, created.view.id, within)
    run.show(created, COLUMNS)


@command.leaf(
    "list",
    "List Projects, ordered by slug",
    Contract(
        columns=COLUMNS,
        document="wire:ProjectPage",
        id_field="id",
        examples=(
            'plexctl project list --domain "$DOMAIN_ID"',
            "plexctl project list --all --query 'items[].slug'",
        ),
    ),
)
@domain_filter
@paging_options
@watchable
def list_projects(run: Invocation, domain_id: str | None, **paging: object) -> None:
    scope = {"domain_id": domain_id} if domain_id else {}
    show_listing(run, lambda query: run.api.projects({**scope, **query}), COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one Project",
    Contract(columns=COLUMNS, document="wire:Project", id_field="id", examples=('plexctl project get "$PROJECT_ID"',)),
)
@_id_argument
def get(run: Invocation, project_id: str) -> None:
    run.show(run.api.project(project_id), COLUMNS)


@command.leaf(
    "update",
    "Change a Project",
    Contract(
        columns=COLUMNS,
        document="wire:Project",
        id_field="id",
        examples=(
            'plexctl project update "$PROJECT_ID" --display-name "Edge Fleet, North"',
            'plexctl project update "$PROJECT_ID" --release-sub-range',
        ),
    ),
)
@_id_argument
@option("--display-name", "name", type=values.TEXT, help="New name to show.", required=False)
@option("--description", type=values.DESCRIPTION, help="New description; an empty one removes it.", required=False)
@option(
    "--sub-range",
    "sub_range_cidr",
    type=values.CIDR,
    help="Part of the Domain's mesh CIDR to reserve for the Project.",
    required=False,
)
@click.option("--release-sub-range", is_flag=True, help="Release the Project's sub-range.")
def update(
    run: Invocation,
    project_id: str,
    name: str | None,
    description: str | None,
    sub_range_cidr: str | None,
    release_sub_range: bool,
) -> None:
    if sub_range_cidr and release_sub_range:
        raise click.BadOptionUsage("--sub-range", "cannot be combined with --release-sub-range")
    flags = {"name": name, "description": description, "sub_range_cidr": sub_range_cidr}
    changes = given(flags)
    if release_sub_range:
        changes["release_sub_range"] = True
    if not changes:
        raise click.UsageError(
            "Nothing to change: give --display-name, --description, --sub-range or --release-sub-range"
        )
    run.show(run.api.update_project(project_id, changes), COLUMNS)


@command.leaf(
    "delete",
    "Delete an empty Project",
    Contract(destructive=True, examples=('plexctl project delete "$PROJECT_ID" --yes',)),
)
@_id_argument
def delete(run: Invocation, project_id: str) -> None:
    """Refused while the Project owns Resources or Nodes. Success prints nothing."""
    run.api.delete_project(project_id)
