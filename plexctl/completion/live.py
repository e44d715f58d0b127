"""Names that only a server knows, asked for once and not waited for: in half a second, or not at all."""

import os
import stat
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from plexctl import grammar
from plexctl.failures import Failure

if TYPE_CHECKING:
    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.command import Leaf
    from plexctl.invocation import Invocation

_TIMEOUT_NS = 350_000_000  # with what plexctl needs to start, half a second
_MOST = {"limit": "200"}  # of a name per page; a longer list is of no use at a prompt
_SETTINGS = ("server", "profile", "token_file", "ca_file", "cert_file", "key_file")


def names(noun: str, leaf: "Leaf", given: dict[str, str], run: "Invocation") -> Iterator[tuple[str, str]]:
    """Yield the names of Domains, Projects or Nodes, or the ids of tokens, each with what distinguishes it.

    `given` has the options of the command line, which is that of the leaf. Nothing is yielded where there is no server,
    no credential, or no answer in time.
    """
    settings = {key: given[flag] for key in _SETTINGS if (flag := key.replace("_", "-")) in given}
    if not _is_file_or_none(settings.get("token_file")):
        return
    run.flags.clear()
    run.flags.update(settings, timeout=_TIMEOUT_NS, output="json")
    try:
        api = leaf.contract.open_api(run, {flag.replace("-", "_"): text for flag, text in given.items()})
        found = list(_READERS[noun](api, given))
    except (Failure, OSError):
        return
    yield from ((name, text) for name, text in found if name)


def _is_file_or_none(path: str | None) -> bool:
    """Tell whether a token file can be read without taking from a pipe what the command itself needs."""
    try:
        return path is None or stat.S_ISREG(os.stat(path).st_mode)  # noqa: PTH116  pathlib is slow to import
    except OSError:
        return False


def _in_domain(api: "Plexsphere", given: dict[str, str]) -> dict[str, str]:
    domain = given.get("domain", "")
    if domain and not grammar.is_uuid(domain):
        domain = next((each.id for each in api.domains(_MOST).view.items if each.slug == domain), "")
    return {**_MOST, **({"domain_id": domain} if domain else {})}


def _domains(api: "Plexsphere", _: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((each.slug, each.name) for each in api.domains(_MOST).view.items)


def _projects(api: "Plexsphere", given: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from ((each.slug, each.name) for each in api.projects(_in_domain(api, given)).view.items)


def _nodes(api: "Plexsphere", given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for each in api.nodes(_in_domain(api, given)).view.items:
        yield each.name or each.id, " ".join(filter(None, (each.mesh_ip, each.reachability)))


def _tokens(api: "Plexsphere", given: dict[str, str]) -> Iterator[tuple[str, str]]:
    project = given.get("project", "")
    if not grammar.is_uuid(project):
        found = [each.id for each in api.projects(_in_domain(api, given)).view.items if each.slug == project]
        project = found[0] if len(found) == 1 else ""
    if project:
        yield from ((each.id, f"{each.kind}, {each.env_prefix}") for each in api.tokens(project, _MOST).view.items)


_READERS: "dict[str, Callable[[Plexsphere, dict[str, str]], Iterator[tuple[Any, str]]]]" = {
    "Domain": _domains,
    "Project": _projects,
    "Node": _nodes,
    "token": _tokens,
}
