"""Showing a list that comes in pages, and the command that continues it."""

from typing import TYPE_CHECKING, Any

import click

from plexctl.grammar import spell_seconds
from plexctl.invocation import Invocation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plexctl.clients.pages import Fetch
    from plexctl.render.table import Column


# What the next page needs as this one did.
_REPEATED = ["server", "profile", "token_file", "ca_file", "cert_file", "key_file", "max_response", "output", "query"]


def show_listing(run: Invocation, fetch: "Fetch[Any]", columns: "Sequence[Column]", **flags: Any) -> None:  # noqa: ANN401  the flags have different types
    """Fetch and show the pages that --limit, --cursor and --all ask for.

    In text, and whenever --all stopped early, a note on stderr gives the command that continues the list.
    """
    from plexctl.clients.pages import MOST_ITEMS, Paging, collect

    paging = Paging(flags["limit"], flags["cursor"], flags["all_pages"])
    if paging.all and paging.cursor is not None:
        raise click.BadOptionUsage("--all", "cannot be combined with --cursor")
    page = collect(fetch, paging, lambda count: run.progress(f"{count:,} fetched"))
    run.show(page, columns, page.view.items)
    cursor = page.view.next_cursor
    if cursor and paging.all:
        run.note(f"stopped at {MOST_ITEMS:,} items; next: {_continuation(cursor)}")
    elif cursor and (not run.reports_documents or "query" in run.flags):  # which may leave out next_cursor
        run.note(f"there is more; next: {_continuation(cursor)}")


def _continuation(cursor: str) -> str:
    """Write the command that was given, with the cursor of the next page."""
    import shlex

    context = click.get_current_context()
    words = [*context.command_path.split()]
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if parameter.name in {"cursor", "all_pages", "watch", "interval"} or value in {None, 0}:
            continue
        words += [max(parameter.opts, key=len), str(value)]
    flags = context.obj.flags
    for flag in _REPEATED:
        if flag in flags:
            words += [f"--{flag.replace('_', '-')}", str(flags[flag])]
    words += ["--timeout", spell_seconds(flags["timeout"] / 1e9)] if "timeout" in flags else []
    words += ["--columns", ",".join(flags["columns"])] if "columns" in flags else []
    words += ["--no-headers"] if "no_headers" in flags else []
    return shlex.join([*words, "--cursor", cursor])
