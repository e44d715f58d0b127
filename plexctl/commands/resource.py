"""resource: the machines that a Project knows, each of which at most one Node belongs to."""

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import option, paging_options, project_option
from plexctl.render.table import Column, time_cell
from plexctl.repeating import watchable

command = Family("resource", "A Resource is a machine that a Project knows; a Node enrols against its external_ref.")

COLUMNS = (
    Column("ID", "id"),
    Column("PROJECT", "project_id"),
    Column("KIND", "kind"),
    Column("ORIGIN", "origin"),
    Column("EXTERNAL_REF", "external_ref"),
    Column("CREATED_AT", "created_at", time_cell),
)

_project_option = project_option("--project-id", "--project")
_id_argument = click.argument("resource_id", metavar="ID", type=values.UUID, help="UUID of the Resource.")


@command.leaf(
    "adopt",
    "Adopt a machine that exists already",
    Contract(
        columns=COLUMNS,
        document="wire:Resource",
        id_field="id",
        idempotent=False,
        examples=(
            'plexctl resource adopt --project-id "$PROJECT_ID" --kind bridge --external-ref rack-7',
            'plexctl resource adopt --project-id "$PROJECT_ID" --kind vm --query id',
        ),
    ),
)
@_project_option
@option("--kind", type=values.RESOURCE_KIND, help="What it is, such as vm, worker or bridge.")
@option("--external-ref", type=values.EXTERNAL_REF, help="Handle that its Node will register with.", required=False)
def adopt(run: Invocation, project_id: str, kind: str, external_ref: str | None) -> None:
    """A Resource of kind bridge lets its Node relay the edges of others. Without --external-ref, no Node can enrol."""
    resource = {"origin": "adopted", "kind": kind}
    if external_ref is not None:
        resource["external_ref"] = external_ref
    run.show(run.api.create_resource(project_id, resource), COLUMNS)


@command.leaf(
    "list",
    "List a Project's Resources, oldest first",
    Contract(
        columns=COLUMNS,
        document="wire:ResourcePage",
        id_field="id",
        examples=(
            'plexctl resource list --project-id "$PROJECT_ID"',
            'plexctl resource list --project-id "$PROJECT_ID" -o name',
            "plexctl resource list --project-id \"$PROJECT_ID\" --query 'items[].external_ref'",
        ),
    ),
)
@_project_option
@paging_options
@watchable
def list_resources(run: Invocation, project_id: str, **paging: object) -> None:
    show_listing(run, lambda query: run.api.resources(project_id, query), COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one Resource",
    Contract(
        columns=COLUMNS, document="wire:Resource", id_field="id", examples=('plexctl resource get "$RESOURCE_ID"',)
    ),
)
@_id_argument
def get(run: Invocation, resource_id: str) -> None:
    run.show(run.api.resource(resource_id), COLUMNS)


@command.leaf(
    "delete",
    "Delete a Resource and deregister its Node",
    Contract(destructive=True, examples=('plexctl resource delete "$RESOURCE_ID" --yes',)),
)
@_id_argument
def delete(run: Invocation, resource_id: str) -> None:
    """The Node's secret key is revoked, its address is free, and no Peer has an edge to it. Success prints nothing."""
    run.api.delete_resource(resource_id)
