"""What the commands of the local family share: their options, and the way to the plane that is meant."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl import values
from plexctl.failures import Failure, Kind
from plexctl.invocation import Invocation
from plexctl.options import Decorated, option

if TYPE_CHECKING:
    from plexctl.local.running import Launch, Running

VARIABLES = ("PLEXSPHERE_URL", "PLEXSPHERE_TOKEN", "PLEXSPHERE_SIGNER_ENDPOINT")
PROFILES = ("selfhosted-single", "selfhosted-multi", "saas")
SHELLS = ("sh", "fish", "powershell")
PRINCIPALS = ("admin", "viewer", "outsider")
_EXTRA = ("argon2", "cryptography", "starlette", "uvicorn")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError("is not a port: 0 (any free one) to 65535")
    return int(text)


_PORT = values.Value("PORT", _port)
data_dir_option = option(
    "--data-dir",
    type=values.Value("DIR", lambda text: Path(text).absolute(), "directory"),
    help="The plane's data directory, in place of $XDG_STATE_HOME/plexctl/local.",
    required=False,
)


def _with_default(
    name: str, value_type: click.ParamType[Any], default: str, text: str
) -> Callable[[Decorated], Decorated]:
    return click.option(name, type=value_type, default=default, show_default=True, help=text)


_LAUNCH_OPTIONS: tuple[Callable[..., Any], ...] = (
    _with_default("--port", _PORT, "8080", "The HTTP API's port; 0 picks a free one."),
    _with_default("--signer-port", _PORT, "9443", "The signer's port; 0 picks a free one."),
    data_dir_option,
    click.option("--ephemeral", is_flag=True, help="Keep nothing: a directory of its own that goes with it."),
    _with_default("--overlap-window", values.DURATION, "24h", "How long the old and the new signing key overlap."),
    _with_default(
        "--deployment-profile", values.OneOf(PROFILES), PROFILES[0], "Which signing scopes the signer allows."
    ),
    _with_default("--anchor-delay", values.DURATION, "0s", "How late a Node becomes a Peer."),
    _with_default("--grant-delay", values.DURATION, "0s", "How late grants on a Project land."),
)


def launch_options(function: Decorated) -> Decorated:
    """Declare what a plane can be started with."""
    for decorate in reversed(_LAUNCH_OPTIONS):
        function = decorate(function)
    return function


def build_launch(run: Invocation, **options: Any) -> "Launch":  # noqa: ANN401  one value per flag
    """Build the order for a plane from the flags, whose durations are in nanoseconds; the order's are microseconds."""
    from plexctl.local import ephemeral
    from plexctl.local.running import Launch

    default = run.environment.local_plane_directory
    if options["ephemeral"] and options["data_dir"]:
        raise click.BadOptionUsage("--ephemeral", "has a directory of its own and takes no --data-dir")
    directory = ephemeral.new(default) if options["ephemeral"] else options["data_dir"] or default
    delays_us = {f"{name}_us": options[name] // 1000 for name in ("overlap_window", "anchor_delay", "grant_delay")}
    settings = {"deployment_profile": options["deployment_profile"], **delays_us}
    return Launch(str(directory), options["port"], options["signer_port"], settings, options["ephemeral"])


def directory(run: Invocation, data_dir: Path | None) -> Path:
    """Choose the directory meant: the one named, else that of the running plane that was started last."""
    from plexctl.local import ephemeral

    return data_dir or ephemeral.current(run.environment.local_plane_directory)


def running(run: Invocation, data_dir: Path | None) -> "Running":
    with translate_errors():
        from plexctl.local import process

        return process.status(directory(run, data_dir))


def bearer(run: Invocation, data_dir: Path | None, name: str) -> str:
    with translate_errors():
        from plexctl.local.bearers import read_bearers

        return read_bearers(directory(run, data_dir))[name]


def print_next_step(run: Invocation, data_dir: Path | None) -> None:
    """Print, once a plane answers, what it is for and the command that a shell needs to use it."""
    import shlex

    named = f" --data-dir {shlex.quote(str(data_dir))}" if data_dir else ""
    run.note(f'for development only; to use it: eval "$(plexctl local env{named})"')


def log_line(line: str) -> Any:  # noqa: ANN401  whatever the line is in JSON
    """Parse one line of the log; a line that is not JSON, such as one of a traceback, becomes a message."""
    import json

    try:
        return json.loads(line)
    except ValueError:
        return {"message": line.rstrip("\n")}


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate the local plane's error into the command's failure.

    Raises: Failure, also where the extra that the local plane needs is not installed.
    """
    if not all(find_spec(module) for module in _EXTRA):
        missing = "the local plane is an extra that is not installed; run: pip install 'plexctl[local]'"
        raise Failure(Kind.USAGE, "Extra Not Installed", missing)
    from plexctl.local.plane_error import PlaneError

    try:
        yield
    except PlaneError as error:
        raise Failure(Kind.LOCAL, error.title, str(error)) from error
