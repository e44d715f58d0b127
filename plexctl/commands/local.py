"""local: a plexsphere on this machine, for learning and tests."""

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.commands import local_lesson, local_options
from plexctl.invocation import Invocation
from plexctl.options import option
from plexctl.payload import own_payload
from plexctl.render.table import Column, time_cell

if TYPE_CHECKING:
    from plexctl.local.running import Running

command = Family(
    "local",
    "A control plane and a signer on this machine, with the rules of the real ones and nothing to set up. "
    "For development: it listens on loopback only, and its operators' tokens are in its data directory.",
)

COLUMNS = (
    Column("URL", "url"),
    Column("SIGNER_ENDPOINT", "signer_endpoint"),
    Column("PID", "pid"),
    Column("STARTED_AT", "started_at", time_cell),
    Column("DATA_DIR", "data_dir"),
)
PLANE = "local.running:Running"
LOCAL_EXIT_CODES = (0, 1, 2)


@command.leaf(
    "start",
    "Start a local plexsphere in the background",
    Contract(
        columns=COLUMNS,
        document=PLANE,
        idempotent=False,
        exit_codes=LOCAL_EXIT_CODES,
        examples=(
            'plexctl local start && eval "$(plexctl local env)"',
            "plexctl local start --ephemeral --port 0 --signer-port 0",
        ),
    ),
)
@local_options.launch_options
def start(run: Invocation, **options: Any) -> None:
    """The plane is ready when the command returns. Data is kept and reused by the next start."""
    with local_options.translate_errors():
        from plexctl.local import process

        def announce(plane: "Running") -> None:
            run.show(own_payload(asdict(plane), plane), COLUMNS)
            local_options.print_next_step(run, plane)
            local_options.ignore_signals()  # the run has succeeded: one that came now would deny the plane that stays

        process.start(local_options.build_launch(run, **options), announce)


@command.leaf(
    "serve",
    "Run a local plexsphere in the foreground",
    Contract(
        columns=COLUMNS,
        document=PLANE,
        idempotent=False,
        exit_codes=(*LOCAL_EXIT_CODES, 130),
        examples=("plexctl local serve", "plexctl local serve --data-dir /var/lib/plexsphere --port 8080"),
    ),
)
@local_options.launch_options
def serve(run: Invocation, **options: Any) -> None:
    """For containers and systemd, which it informs of its start and stop (Type=notify). Logs to stderr.

    On SIGTERM or SIGHUP, finishes running requests and exits 0.
    """
    with local_options.translate_errors():
        from logging import StreamHandler

        from plexctl.local import daemon, service_manager

        manager = run.environment.get("NOTIFY_SOCKET")

        def ready(plane: "Running") -> None:
            run.show(own_payload(asdict(plane), plane), COLUMNS)
            local_options.print_next_step(run, plane)
            service_manager.notify(manager, service_manager.READY)

        def stopping() -> None:
            service_manager.notify(manager, service_manager.STOPPING)

        ended_by = daemon.serve(local_options.build_launch(run, **options), ready, StreamHandler(), stopping)
    if ended_by == signal.SIGINT:
        raise KeyboardInterrupt


@command.leaf(
    "stop",
    "Stop the local plexsphere",
    Contract(exit_codes=LOCAL_EXIT_CODES, examples=("plexctl local stop",)),
)
@local_options.data_dir_option
def stop(run: Invocation, data_dir: Path | None) -> None:
    """Finishes running requests first. If no plane is running, says so and exits 0."""
    with local_options.translate_errors():
        from plexctl.local import process

        directory = local_options.plane_directory(run, data_dir)
        was_running = process.stop(directory)
    if not was_running:
        run.note(f"no plane is running in {directory}")


@command.leaf(
    "status",
    "Show the running local plexsphere",
    Contract(
        columns=COLUMNS,
        document=PLANE,
        exit_codes=LOCAL_EXIT_CODES,
        examples=("plexctl local status", "plexctl local status -o json | jq -r .url"),
    ),
)
@local_options.data_dir_option
def status(run: Invocation, data_dir: Path | None) -> None:
    """Exits 1 if no plane is running."""
    plane = local_options.running_plane(run, data_dir)
    run.show(own_payload(asdict(plane), plane), COLUMNS)


@command.leaf(
    "logs",
    "Show the log of a local plexsphere",
    Contract(
        document="local.documents:Log",
        exit_codes=LOCAL_EXIT_CODES,
        examples=("plexctl local logs", "plexctl local logs --follow | jq -r .message"),
    ),
)
@local_options.data_dir_option
@click.option("--follow", is_flag=True, help="Print new lines until the plane stops.")
def logs(run: Invocation, data_dir: Path | None, follow: bool) -> None:
    """In text, the lines are JSON objects as the plane of 'plexctl local start' wrote them."""
    if follow and run.settings.output != "text":
        raise click.BadOptionUsage(
            "--follow", "prints lines that are JSON already, and cannot be combined with --output"
        )
    with local_options.translate_errors():
        from plexctl.local.status import logs as read_log

        lines = read_log(local_options.plane_directory(run, data_dir), follow=follow)
        if run.settings.output != "text":
            run.show_document({"items": [local_options.log_line(line) for line in lines]})
            return
        for line in lines:
            run.write(line)


@command.leaf(
    "reset",
    "Delete the data of the local plexsphere",
    Contract(
        destructive=True, exit_codes=LOCAL_EXIT_CODES, examples=("plexctl local stop && plexctl local reset --yes",)
    ),
)
@local_options.data_dir_option
def reset(run: Invocation, data_dir: Path | None) -> None:
    """Deletes all data, also the operators' tokens; the next start makes new ones. Refused while the plane runs."""
    with local_options.translate_errors():
        from plexctl.local.reset import reset as delete_data

        directory = local_options.plane_directory(run, data_dir)
        had_data = delete_data(directory)
    if not had_data:
        run.note(f"there is no data in {directory}")


@command.leaf(
    "env",
    "Print the variables for using the local plexsphere",
    Contract(
        document="local.documents:Variables",
        exit_codes=LOCAL_EXIT_CODES,
        examples=(
            'eval "$(plexctl local env)"',
            "plexctl local env --shell fish | source",
            "plexctl local env --shell powershell | Out-String | Invoke-Expression",
        ),
    ),
)
@local_options.data_dir_option
@click.option("--shell", type=values.OneOf(local_options.SHELL_NAMES), default="sh", help="Shell whose syntax to use.")
def env(run: Invocation, data_dir: Path | None, shell: str) -> None:
    """The token is that of admin. In PowerShell, evaluate the output with Out-String and Invoke-Expression."""
    plane = local_options.running_plane(run, data_dir)
    token = local_options.operator_token(run, Path(plane.data_dir), "admin")
    found = (plane.url, token, plane.signer_endpoint, plane.data_dir)
    variables = dict(zip(local_options.PLANE_VARIABLES, found, strict=True))
    if run.settings.output != "text":
        run.show_document(variables)
        return
    from plexctl.local.shells import assignments

    run.write(assignments(shell, variables))


@command.leaf(
    "token",
    "Print an operator's token of the local plexsphere",
    Contract(
        document="local.documents:OperatorToken",
        exit_codes=LOCAL_EXIT_CODES,
        examples=(
            "plexctl local token --as viewer",
            'PLEXSPHERE_TOKEN=$(plexctl local token --as outsider) plexctl peer list --domain "$DOMAIN_ID"',
        ),
    ),
)
@local_options.data_dir_option
@option(
    "--as",
    "name",
    type=values.OneOf(local_options.PRINCIPALS),
    help="Operator: admin, viewer (may read) or outsider (may do nothing).",
)
def token(run: Invocation, data_dir: Path | None, name: str) -> None:
    """Tokens stay valid until 'plexctl local reset'."""
    bearer = local_options.operator_token(run, data_dir, name)
    if run.settings.output != "text":
        run.show_document({"name": name, "token": bearer})
        return
    run.write(f"{bearer}\n")


@command.leaf(
    "lesson",
    "Play the enrolment lesson against a plane of its own",
    Contract(
        document="local.documents:Lesson",
        exit_codes=LOCAL_EXIT_CODES,
        examples=(
            "plexctl local lesson",
            "plexctl local lesson --pace 5s --keep",
            "plexctl local lesson -o json | jq -r '.steps[].title'",
        ),
    ),
)
@click.option(
    "--pace",
    type=local_lesson.PACE,
    default="0s",
    show_default=True,
    help="Time to rest between two steps at a terminal, up to 2m.",
)
@click.option("--keep", is_flag=True, help="Leave the plane running, and say how to reach and stop it.")
def lesson(run: Invocation, pace: int, keep: bool) -> None:
    """Enrols two Nodes, reads their mesh, rotates one mesh key and two signing keys, and checks every result.

    Stops at the first wrong result with exit code 1. The plane stops with the lesson and keeps no data. At a terminal,
    no table is wider than the window: one that would be has a line per cell.
    """
    with local_options.translate_errors():
        local_lesson.play(run, pace, keep=keep)
