"""The flags of a leaf that looks again and again: --watch with --interval, and --wait with --within."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import click

from plexctl import values
from plexctl.invocation import Invocation
from plexctl.options import Decorated

DEFAULT_WITHIN_NS = 60_000_000_000

within_option = click.option("--within", type=values.TIMEOUT, help="How long to wait; 60s by default.")
_interval_option = click.option(
    "--interval", type=values.INTERVAL, help="Time between two requests of --watch; 2s by default."
)
_watch_option = click.option(
    "--watch", is_flag=True, help="Show it again whenever it has changed, until Ctrl-C ends that."
)


def watchable(function: Decorated) -> Decorated:
    """Declare --watch and --interval, for which the leaf runs again and again."""

    @wraps(function)
    def leaf(run: Invocation, *, watch: bool, interval: int | None, **values: Any) -> None:  # noqa: ANN401  the flags have different types
        _require("--interval", "--watch", is_met=watch or interval is None)
        if not watch:
            function(run, **values)
            return
        from plexctl.watching import watch as keep_watching

        keep_watching(run, lambda: function(run, **values), interval)

    return cast("Decorated", _watch_option(_interval_option(leaf)))


def waitable(help: str) -> Callable[[Decorated], Decorated]:  # noqa: A002  Click's name for it
    """Declare --wait and --within; the leaf gets `within`, in nanoseconds, or None where it is not to wait."""

    def decorate(function: Decorated) -> Decorated:
        @wraps(function)
        def leaf(run: Invocation, *, wait: bool, within: int | None, **values: Any) -> None:  # noqa: ANN401  the flags have different types
            _require("--within", "--wait", is_met=wait or within is None)
            function(run, within=(within or DEFAULT_WITHIN_NS) if wait else None, **values)

        return cast("Decorated", click.option("--wait", is_flag=True, help=help)(within_option(leaf)))

    return decorate


def _require(flag: str, other: str, *, is_met: bool) -> None:
    if not is_met:
        raise click.BadOptionUsage(flag, f"needs {other}")
