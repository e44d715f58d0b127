"""What the commands of the local family share: their options, and finding the plane that a command means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl import values
from plexctl.failures import Failure, Kind, usage
from plexctl.invocation import Invocation
from plexctl.options import Decorated, option

if TYPE_CHECKING:
    from plexctl.local.running import Launch, Running

DATA_DIR_VARIABLE = "PLEXCTL_LOCAL_DATA_DIR"
PLANE_VARIABLES = ("PLEXSPHERE_URL", "PLEXSPHERE_TOKEN", "PLEXSPHERE_SIGNER_ENDPOINT", DATA_DIR_VARIABLE)
PROFILES = ("selfhosted-single", "selfhosted-multi", "saas")
SHELL_NAMES = ("sh", "fish", "powershell")
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


_PORT = values.Value("PORT", _port)
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


_LAUNCH_OPTIONS: tuple[Callable[..., Any], ...] = (
    _with_default("--port", _PORT, "8080", "Port of the HTTP API; 0 means any free port."),
    _with_default("--signer-port", _PORT, "9443", "Port of the signer; 0 means any free port."),
    data_dir_option,
    click.option("--ephemeral", is_flag=True, help="Use a new data directory, which is deleted when the plane stops."),
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
)


def launch_options(function: Decorated) -> Decorated:
    """Declare the options of starting a plane."""
    for decorate in reversed(_LAUNCH_OPTIONS):
        function = decorate(function)
    return function


def build_launch(run: Invocation, **options: Any) -> "Launch":
    """Build a Launch from the flags; it converts their durations from nanoseconds to microseconds."""
    from plexctl.local import ephemeral
    from plexctl.local.running import Launch

    default = run.environment.local_plane_directory
    if options["ephemeral"] and options["data_dir"]:
        raise click.BadOptionUsage("--ephemeral", "uses a new data directory and cannot be combined with --data-dir")
    if options["ephemeral"]:
        directory = ephemeral.new(default)
    else:
        directory = options["data_dir"] or _from_environment(run) or default
    delays_us = {f"{name}_us": options[name] // 1000 for name in ("overlap_window", "anchor_delay", "grant_delay")}
    settings = {"deployment_profile": options["deployment_profile"], **delays_us}
    return Launch(str(directory), options["port"], options["signer_port"], settings, options["ephemeral"])


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


def log_line(line: str) -> Any:
    """Decode one line of the log; a line that is not JSON, such as one of a traceback, becomes a message."""
    import json

    try:
        return json.loads(line)
    except ValueError:
        return {"message": line.rstrip("\n")}


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn a PlaneError into a Failure.

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
        raise Failure(Kind.LOCAL, error.title, str(error)) from error
