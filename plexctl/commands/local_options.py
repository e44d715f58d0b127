"""What the commands of the local family share: their options, and finding the plane that a command means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl import grammar, values
from plexctl.failures import Failure, Kind, usage
from plexctl.invocation import Invocation
from plexctl.options import Decorated, option

if TYPE_CHECKING:
    from datetime import datetime

    from plexctl.local.running import Launch, Running

DATA_DIR_VARIABLE = "PLEXCTL_LOCAL_DATA_DIR"
PLANE_VARIABLES = ("PLEXSPHERE_URL", "PLEXSPHERE_TOKEN", "PLEXSPHERE_SIGNER_ENDPOINT", DATA_DIR_VARIABLE)
PROFILES = ("selfhosted-single", "selfhosted-multi", "saas")
SHELL_NAMES = ("sh", "bash", "zsh", "fish", "powershell")
PRINCIPALS = ("admin", "viewer", "outsider")
_EXTRA = ("argon2", "cryptography", "starlette", "uvicorn")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError("is not a port: 0 (any free port) to 65535")
    return int(text)


def _data_dir(text: str) -> Path:
    try:
        return Path(text).absolute()
    except FileNotFoundError:
        raise ValueError("is relative, and the working directory has been removed") from None


def _since(text: str) -> "datetime":
    """Read a time of RFC 3339, or a duration before now."""
    from datetime import UTC, datetime, timedelta

    complaint = "is neither a time such as 2026-05-01T12:00:00Z nor a duration such as 5m"
    try:
        if text[:1].isdigit() and "T" in text.upper():
            start = datetime.fromisoformat(text.upper())
        else:
            start = datetime.now(UTC) - timedelta(microseconds=grammar.duration(text) // 1000)
    except (ValueError, OverflowError):
        raise ValueError(complaint) from None
    if start.tzinfo is None:
        raise ValueError(f"{complaint}: it has no time zone")
    return start


_PORT = values.Value("PORT", _port)
SINCE = values.Value("TIME", _since)
LINES = values.Value("N", values.count)
data_dir_option = option(
    "--data-dir",
    type=values.Value("DIR", _data_dir, "directory"),
    help=f"Data directory of the plane; by default $XDG_STATE_HOME/plexctl/local [env {DATA_DIR_VARIABLE}].",
    required=False,
)


def _with_default(
    name: str, value_type: click.ParamType[Any], default: str, help_text: str
) -> Callable[[Decorated], Decorated]:
    return click.option(name, type=value_type, default=default, show_default=True, help=help_text)


_Decorators = tuple[Callable[..., Any], ...]


def _ports(http: str, signer: str) -> _Decorators:
    return (
        _with_default("--port", _PORT, http, "Port of the HTTP API; 0 means any free port."),
        _with_default("--signer-port", _PORT, signer, "Port of the signer; 0 means any free port."),
    )


_WHERE: _Decorators = (
    data_dir_option,
    click.option("--ephemeral", is_flag=True, help="Use a new data directory, which is deleted when the plane stops."),
)
_RULES: _Decorators = (
    _with_default("--overlap-window", values.DURATION, "24h", "How long the old and the new signing key overlap."),
    _with_default(
        "--deployment-profile", values.OneOf(PROFILES), PROFILES[0], "Which signing scopes the signer allows."
    ),
    _with_default(
        "--anchor-delay", values.DURATION, "0s", "Time between the enrolment of a Node and its becoming a Peer."
    ),
    _with_default(
        "--grant-delay", values.DURATION, "0s", "Time between the creation of a Project and the grants on it."
    ),
    click.option("--events", is_flag=True, help="Have the plane stream signed events to Nodes."),
)


def launch_options(function: Decorated) -> Decorated:
    """Declare the options of starting a plane."""
    return _decorated(function, (*_ports("8080", "9443"), *_WHERE, *_RULES))


def own_plane_options(function: Decorated) -> Decorated:
    """Declare the options of a plane that belongs to one command: its ports are free ones, and it is ephemeral."""
    return _decorated(function, (*_ports("0", "0"), *_RULES))


def _decorated(function: Decorated, decorators: _Decorators) -> Decorated:
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def build_launch(run: Invocation, *, ephemeral: bool = True, data_dir: Path | None = None, **options: Any) -> "Launch":
    """Build a Launch from the flags; it converts their durations from nanoseconds to microseconds.

    Raises: click.BadOptionUsage for --ephemeral with --data-dir; Failure(usage); PlaneError; OSError.
    """
    from plexctl.local import ephemeral as ephemerals
    from plexctl.local.running import Launch

    default = run.environment.local_plane_directory
    if ephemeral and data_dir:
        raise click.BadOptionUsage("--ephemeral", "uses a new data directory and cannot be combined with --data-dir")
    directory = ephemerals.new(default) if ephemeral else data_dir or _from_environment(run) or default
    if not ephemeral and ephemerals.is_abandoned(directory, default):
        subject, advice = ("--data-dir", "choose another") if data_dir else (DATA_DIR_VARIABLE, "unset it")
        raise usage(subject, f"{str(directory)!r} is of an ephemeral plane that has ended, and is removed; {advice}")
    delays_us = {f"{name}_us": options[name] // 1000 for name in ("overlap_window", "anchor_delay", "grant_delay")}
    settings = {"deployment_profile": options["deployment_profile"], "events": options["events"], **delays_us}
    return Launch(str(directory), options["port"], options["signer_port"], settings, ephemeral)


def plane_directory(run: Invocation, data_dir: Path | None) -> Path:
    """Return the directory given by the flag or the variable, else that of the only running plane, else the default.

    Raises: Failure(usage) where none is given and several planes are running; PlaneError.
    """
    from plexctl.local import ephemeral

    named = data_dir or _from_environment(run)
    if named:
        return named
    default = run.environment.local_plane_directory
    running = ephemeral.in_use(default)
    if len(running) > 1:
        listed = ", ".join(map(str, running))
        raise usage("", f"several planes are running, so name one by --data-dir or {DATA_DIR_VARIABLE}: {listed}")
    return running[0] if running else default


def _from_environment(run: Invocation) -> Path | None:
    """Return the directory that the variable names.

    Raises: Failure(usage) where it names none.
    """
    text = run.environment.get(DATA_DIR_VARIABLE)
    try:
        return _data_dir(text) if text else None
    except ValueError as error:
        raise usage(DATA_DIR_VARIABLE, f"{text!r} {error}") from None


def running_plane(run: Invocation, data_dir: Path | None) -> "Running":
    """Describe the running plane that a command means.

    Raises: Failure(local) where none is running; Failure(usage) where several are and none is named.
    """
    with translate_errors():
        from plexctl.local.status import status

        return status(plane_directory(run, data_dir))


def operator_token(run: Invocation, data_dir: Path | None, name: str) -> str:
    """Return the bearer token of an operator.

    Raises: Failure(local) where no plane has been started in the directory; Failure(usage) where none is named and
    several are running.
    """
    with translate_errors():
        from plexctl.local.bearers import read_bearers

        return read_bearers(plane_directory(run, data_dir))[name]


def plane_variables(run: Invocation, plane: "Running") -> dict[str, str]:
    """Return the variables that lead to a plane, as its admin.

    Raises: Failure(local) where the plane's tokens cannot be read.
    """
    found = (plane.url, operator_token(run, Path(plane.data_dir), "admin"), plane.signer_endpoint, plane.data_dir)
    return dict(zip(PLANE_VARIABLES, found, strict=True))


def print_next_step(run: Invocation, plane: "Running") -> None:
    """Print what the plane is for, and the command that points a shell at it."""
    run.note(f'for development only; to use it: eval "$(plexctl local env{naming(run, plane)})"')


def naming(run: Invocation, plane: "Running") -> str:
    """Return the flag by which a command names the plane, or nothing where a command without it means that plane."""
    import shlex

    return "" if _is_meant(run, plane) else f" --data-dir {shlex.quote(plane.data_dir)}"


def ignore_signals() -> None:
    """Have Ctrl-C and SIGTERM end the run no more, where `main` has them end it."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) not in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, signal.SIG_IGN)


def _is_meant(run: Invocation, plane: "Running") -> bool:
    """Tell whether a command that names no directory means this plane."""
    try:
        return plane_directory(run, None) == Path(plane.data_dir)
    except Failure:
        return False


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn a PlaneError into a Failure, whose advice names the directory that --data-dir gave.

    Raises: Failure(local); Failure(usage) where the extra that the local plane needs is not installed.
    """
    if not all(find_spec(module) for module in _EXTRA):
        from plexctl.installation import advice

        missing = "the local plane needs an extra that is not installed"
        raise Failure(Kind.USAGE, "Extra Not Installed", f"{missing}; {advice('local')}")
    from plexctl.local.plane_error import PlaneError

    try:
        yield
    except PlaneError as error:
        named = PlaneError(error.title, error.detail, _with_data_dir(error.advice))
        raise Failure(Kind.LOCAL, error.title, str(named)) from error


def _with_data_dir(advice: str) -> str:
    """Add --data-dir to each command of the local family in an advice, where it was given."""
    context = click.get_current_context(silent=True)  # there is none during a completion
    data_dir = context and context.params.get("data_dir")
    if data_dir is None:
        return advice
    import re
    import shlex

    flag = f" --data-dir {shlex.quote(str(data_dir))}"
    return re.sub(r"'plexctl local [a-z]+", lambda found: found[0] + flag, advice)
