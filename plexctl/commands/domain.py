"""domain: tenants, each with a mesh and a signing key of its own."""

import click

from plexctl import grammar
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import paging_options
from plexctl.render.table import Column, time_cell
from plexctl.values import Value

command = Family("domain", "A Domain is a tenant. It owns a mesh, the mesh's addresses, and Projects.")

COLUMNS = (
    Column("ID", "id"),
    Column("SLUG", "slug"),
    Column("NAME", "name"),
    Column("MESH_CIDR", "mesh_cidr"),
    Column("CREATED_AT", "created_at", time_cell),
)


def _uuid_or_slug(text: str) -> tuple[bool, str]:
    """Return whether a word is a UUID, and the word in its canonical form; a UUID is never read as a slug."""
    try:
        return True, grammar.uuid(text)
    except ValueError:
        pass
    try:
        return False, grammar.slug(text)
    except ValueError:
        raise ValueError("is neither a UUID nor a slug") from None


@command.leaf(
    "list",
    "List Domains, ordered by slug",
    Contract(
        columns=COLUMNS,
        document="wire:DomainPage",
        examples=("plexctl domain list", "plexctl domain list --output json | jq -r '.items[].slug'"),
    ),
)
@paging_options
def list_domains(run: Invocation, **paging: object) -> None:
    show_listing(run, run.api.domains, COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one Domain, by its UUID or its slug",
    Contract(
        columns=COLUMNS,
        document="wire:Domain",
        examples=(
            "plexctl domain get acme-corp",
            "DOMAIN_ID=$(plexctl domain get acme-corp --output json | jq -r .id)",
        ),
    ),
)
@click.argument("domain", metavar="ID|SLUG", type=Value("ID|SLUG", _uuid_or_slug), help="UUID or slug of the Domain.")
def get(run: Invocation, domain: tuple[bool, str]) -> None:
    is_uuid, name = domain
    run.show(run.api.domain(name) if is_uuid else run.api.domain_by_slug(name), COLUMNS)
