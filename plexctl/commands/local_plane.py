"""local start, serve, run, stop, status and reset: the life of a plane."""

import signal
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl.command import Contract
from plexctl.commands import local_options
from plexctl.commands.local_family import COLUMNS, EXIT_CODES, PLANE, STATUS_COLUMNS, family
from plexctl.failures import usage
from plexctl.invocation import Invocation
from plexctl.payload import own_payload

if TYPE_CHECKING:
    from plexctl.local.running import Running


@family.leaf(
    "start",
    "Start a local plexsphere in the background",
    Contract(
        columns=COLUMNS,
        document=PLANE,
        exit_codes=EXIT_CODES,
        examples=(
            'plexctl local start && eval "$(plexctl local env)"',
            "plexctl local start --ephemeral --port 0 --signer-port 0",
        ),
    ),
)
@local_options.launch_options
def start(run: Invocation, **options: Any) -> None:
    """The plane is ready when the command returns. Data is kept and reused by the next start.

    A plane that runs already with the same options is shown, and nothing is started; with --ephemeral, each run starts
    another plane.
    """
    with local_options.translate_errors():
        from plexctl.local import process

        def announce(plane: "Running") -> None:
            run.show(own_payload(asdict(plane), plane), COLUMNS)
            local_options.print_next_step(run, plane)
            local_options.ignore_signals()  # the run has succeeded: one that came now would deny the plane that stays

        launch = local_options.build_launch(run, **options)
        found = process.already_running(launch)
        if found:
            run.note(f"a plane was already running in {found.data_dir}")
            announce(found)
        else:
            process.start(launch, announce)


@family.leaf(
    "serve",
    "Run a local plexsphere in the foreground",
    Contract(
        columns=COLUMNS,
        document=PLANE,
        idempotent=False,
        exit_codes=(*EXIT_CODES, 130),
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


@family.leaf(
    "run",
    "Run a command with a local plexsphere of its own",
    Contract(
        idempotent=False,
        exit_codes=(*EXIT_CODES, 130),
        examples=(
            "plexctl local run -- pytest tests/",
            "plexctl local run -- sh -c 'plexctl domain list -o json'",
            "plexctl local run --anchor-delay 2s -- ./enrol.sh",
        ),
    ),
)
@local_options.own_plane_options
@click.argument(
    "command_line",
    metavar="COMMAND...",
    nargs=-1,
    type=click.UNPROCESSED,
    required=True,
    help="Command and its arguments.",
)
def run_command(run: Invocation, command_line: tuple[str, ...], **options: Any) -> None:
    """The plane has free ports and a new data directory, and ends with the command, however that ends.

    Only the command gets the variables that 'plexctl local env' prints. The exit code is the command's, or 128 and the
    number of the signal that ended it. What stands behind -- belongs to the command alone.
    """
    with local_options.translate_errors():
        from plexctl.local import own_command

        with own_command.plane(local_options.build_launch(run, **options)) as plane:
            variables = local_options.plane_variables(run, plane)
            try:
                code = own_command.run(command_line, run.environment.variables, variables)
            except OSError as error:
                raise usage("COMMAND", f"{command_line[0]!r} cannot be run: {error.strerror}") from None
    click.get_current_context().exit(code)


@family.leaf(
    "stop",
    "Stop the local plexsphere",
    Contract(exit_codes=EXIT_CODES, examples=("plexctl local stop",)),
)
@local_options.data_dir_option
def stop(run: Invocation, data_dir: Path | None) -> None:
    """Finishes running requests first. Says which plane it stopped; if none is running, says so and exits 0."""
    with local_options.translate_errors():
        from plexctl.local import process

        directory = local_options.plane_directory(run, data_dir)
        was_running = process.stop(directory)
    run.note(f"stopped the plane in {directory}" if was_running else f"no plane is running in {directory}")


@family.leaf(
    "status",
    "Show the running local plexsphere",
    Contract(
        columns=STATUS_COLUMNS,
        document=PLANE,
        exit_codes=EXIT_CODES,
        examples=("plexctl local status", "plexctl local status --query url"),
    ),
)
@local_options.data_dir_option
def status(run: Invocation, data_dir: Path | None) -> None:
    """Exits 1 if no plane is running."""
    plane = local_options.running_plane(run, data_dir)
    run.show(own_payload(asdict(plane), plane), STATUS_COLUMNS)


@family.leaf(
    "reset",
    "Delete the data of the local plexsphere",
    Contract(
        destructive=True,
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=("plexctl local stop && plexctl local reset --yes",),
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
