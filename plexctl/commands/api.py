"""api: one request to any operation of the HTTP API."""

from collections.abc import Sequence
from typing import Any

import click

from plexctl import grammar, values
from plexctl.command import Contract, confirm, make_leaf
from plexctl.invocation import Invocation
from plexctl.options import option
from plexctl.tree import TREE

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_WITHOUT_BODY = ("GET", "DELETE")
_LITERALS = {"true": True, "false": False, "null": None}


@click.argument("method", metavar="METHOD", type=values.OneOf(METHODS), help="One of GET, POST, PUT, PATCH and DELETE.")
@click.argument("path", metavar="PATH", type=values.API_PATH, help="Path of the operation, such as /v1/domains.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    type=values.FIELD,
    help="Query parameter of a GET or DELETE, else member of the body; may be given again.",
)
@option("--input", "source", type=values.FILE, help="File with a JSON body; - is stdin.", required=False)
def api(run: Invocation, method: str, path: str, fields: Sequence[tuple[str, str]], source: str | None) -> None:
    """Uses the same server as every other command; PATH cannot name another. Text prints the response as json does.

    In a body, true, false, null and whole numbers are JSON values, and all else is a string; --input takes any JSON. A
    GET is tried again after a transient failure, and a DELETE needs --yes.
    """
    if method == "DELETE":
        confirm(click.get_current_context())
    given = _by_name(fields)
    if source is not None and (given or method in _WITHOUT_BODY):
        raise click.BadOptionUsage("--input", f"cannot be combined with {'--field' if given else method}")
    if method in _WITHOUT_BODY:
        answer = run.api.request(method, path, query=given)
    elif source is not None:
        from plexctl.clients.json_input import read_json

        answer = run.api.request(method, path, body=read_json(source))
    else:
        answer = run.api.request(method, path, body={name: _value(text) for name, text in given.items()})
    if answer is not None:
        run.show_document(answer)


def _by_name(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the fields by their names.

    Raises: click.BadOptionUsage where a name is given twice.
    """
    found: dict[str, str] = {}
    for name, text in fields:
        if name in found:
            raise click.BadOptionUsage("--field", f"gives {name!r} twice")
        found[name] = text
    return found


def _value(text: str) -> Any:
    if text in _LITERALS:
        return _LITERALS[text]
    return int(text) if grammar.is_whole_number(text) else text


command = make_leaf(
    "api",
    TREE["api"].summary,
    Contract(
        document="wire:AnyObject",
        idempotent=False,
        examples=(
            "plexctl api GET /v1/domains --field limit=5",
            "plexctl api GET /v1/domains --query 'items[].slug'",
            'plexctl api PATCH "/v1/domains/$DOMAIN_ID" --field description="A tenant"',
            "echo '{}' | plexctl api POST \"/v1/nodes/$NODE_ID/keys/rotate\" --input -",
        ),
    ),
    api,
)
