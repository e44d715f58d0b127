"""Names in place of UUIDs: the slug of a Domain or Project and the name of a Node, each looked up in a listing."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from plexctl.clients.pages import LARGEST_PAGE, Fetch, each_page
from plexctl.clients.plexsphere import not_found
from plexctl.render.text import some
from plexctl.values import is_name

if TYPE_CHECKING:
    from plexctl.clients.plexsphere import Plexsphere

_MOST_SHOWN = 10  # candidates


class Listing(NamedTuple):
    """Where the objects of one kind are listed: the path, the operation, the member with the name, and the owner's."""

    path: str
    fetch: "Callable[[Plexsphere], Fetch[Any]]"
    name: str
    owner: str = ""


# A Domain stands first, since the others are looked up in it.
_LISTINGS = {
    "Domain": Listing("/v1/domains", lambda api: api.domains, "slug"),
    "Project": Listing("/v1/projects", lambda api: api.projects, "slug", "domain_id"),
    "Node": Listing("/v1/nodes", lambda api: api.nodes, "name", "project_id"),
}


class _Search(NamedTuple):
    """A search for what a parameter names: in one Domain, or in all that the caller may see."""

    api: "Plexsphere"
    context: click.Context
    parameter: click.Parameter
    noun: str
    domain_id: str | None


def replace(context: click.Context, references: Mapping[str, click.Parameter], api: "Plexsphere") -> None:
    """Put the UUID in the place of each name among a leaf's values; `references` are the parameters, by their nouns.

    Raises: Failure(not_found) where nothing has the name; click.BadParameter where several have it, or the server
    lists no names.
    """
    values = context.params
    keys = {noun: parameter.name or "" for noun, parameter in references.items()}
    for noun in _LISTINGS:
        if noun in keys and is_name(value := values[keys[noun]]):
            domain_id = values[keys["Domain"]] if "Domain" in keys and noun != "Domain" else None
            search = _Search(api, context, references[noun], noun, domain_id)
            values[keys[noun]] = _uuids(search, value) if isinstance(value, tuple) else _find(search, value)


def _uuids(search: _Search, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_find(search, each) if is_name(each) else each for each in given)


def _find(search: _Search, name: str) -> str:
    """Return the UUID of what has the name."""
    api, context, parameter, noun, domain_id = search
    listing = _LISTINGS[noun]
    query = {"limit": str(LARGEST_PAGE), **({"domain_id": domain_id} if domain_id else {})}
    is_unique = noun == "Domain" or (noun == "Project" and domain_id is not None)
    found, unnamed = list[Any](), 0
    for page in each_page(listing.fetch(api), query):
        found += [item for item in page.view.items if (getattr(item, listing.name) or "").strip() == name]
        unnamed += sum(getattr(item, listing.name) is None for item in page.view.items)
        if found and is_unique:
            break
    if len(found) == 1:
        return str(found[0].id).lower()
    if found:
        raise click.BadParameter(_candidates(name, noun, listing, found), context, parameter)
    if unnamed:
        raise click.BadParameter(f"{name!r}: the server lists {noun}s without names; give the UUID", context, parameter)
    where = f" of Domain {domain_id}" if domain_id else ""
    raise not_found(noun, f"no {noun}{where} has the {listing.name} {name!r}", listing.path, page.request_id)


def _candidates(name: str, noun: str, listing: Listing, found: Sequence[Any]) -> str:
    """Say which of several objects the name may mean."""
    owner = listing.owner.removesuffix("_id").capitalize()
    shown = some([f"{item.id} ({owner} {getattr(item, listing.owner)})" for item in found], _MOST_SHOWN)
    advice = "give --domain or the UUID" if noun == "Project" else "give the UUID"
    return f"{name!r} is the {listing.name} of {len(found)} {noun}s: {shown}; {advice}"
