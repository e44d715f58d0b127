"""local env, token, logs and lesson: the use of a plane."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from plexctl import values
from plexctl.command import Contract
from plexctl.commands import local_lesson, local_options
from plexctl.commands.local_family import EXIT_CODES, family
from plexctl.invocation import Invocation
from plexctl.streams import check_stdout

if TYPE_CHECKING:
    from datetime import datetime


@family.leaf(
    "env",
    "Print the variables for using the local plexsphere",
    Contract(
        document="local.documents:Variables",
        exit_codes=EXIT_CODES,
        examples=(
            'eval "$(plexctl local env)"',
            'eval "$(plexctl local env --unset)"',
            "plexctl local env --shell fish | source",
            "plexctl local env --shell powershell | Out-String | Invoke-Expression",
        ),
    ),
)
@local_options.data_dir_option
@click.option("--shell", type=values.OneOf(local_options.SHELL_NAMES), default="sh", help="Shell whose syntax to use.")
@click.option("--unset", is_flag=True, help="Print what removes the variables again; no plane has to run.")
def env(run: Invocation, data_dir: Path | None, shell: str, unset: bool) -> None:
    """The token is that of admin. In PowerShell, evaluate the output with Out-String and Invoke-Expression."""
    from plexctl.local.shells import assignments, removals

    if unset:
        if not run.in_text:
            raise click.BadOptionUsage(
                "--unset", "prints lines for a shell, and cannot be combined with --output or --query"
            )
        run.write(removals(shell, local_options.PLANE_VARIABLES))
        return
    variables = local_options.plane_variables(run, local_options.running_plane(run, data_dir))
    if not run.in_text:
        run.show_document(variables)
    else:
        run.write(assignments(shell, variables))


@family.leaf(
    "token",
    "Print an operator's token of the local plexsphere",
    Contract(
        document="local.documents:OperatorToken",
        exit_codes=EXIT_CODES,
        examples=(
            "plexctl local token",
            "plexctl local token --as viewer",
            'PLEXSPHERE_TOKEN=$(plexctl local token --as outsider) plexctl peer list --domain "$DOMAIN_ID"',
        ),
    ),
)
@local_options.data_dir_option
@click.option(
    "--as",
    "name",
    type=values.OneOf(local_options.PRINCIPALS),
    default=local_options.PRINCIPALS[0],
    help="Operator: admin (the default), viewer (may read) or outsider (may do nothing).",
)
def token(run: Invocation, data_dir: Path | None, name: str) -> None:
    """Tokens stay valid until 'plexctl local reset'."""
    bearer = local_options.operator_token(run, data_dir, name)
    if not run.in_text:
        run.show_document({"name": name, "token": bearer})
        return
    run.write(f"{bearer}\n")


@family.leaf(
    "logs",
    "Show the log of a local plexsphere",
    Contract(
        document="local.documents:Log",
        exit_codes=EXIT_CODES,
        examples=(
            "plexctl local logs --tail 20 -f",
            "plexctl local logs --since 5m",
            "plexctl local logs --follow | jq -r .message",
        ),
    ),
)
@local_options.data_dir_option
@click.option("--follow", "-f", is_flag=True, help="Print new lines until the plane stops.")
@click.option("--tail", type=local_options.LINES, help="Print the last N lines only.")
@click.option(
    "--since",
    type=local_options.SINCE,
    help="Print lines since a time (RFC 3339), or of the last duration, such as 5m.",
)
def logs(run: Invocation, data_dir: Path | None, follow: bool, tail: int | None, since: "datetime | None") -> None:
    """On a terminal, one readable line per entry; in a pipe, the JSON objects that the plane wrote, one per line."""
    in_text = run.in_text
    if follow and not in_text:
        raise click.BadOptionUsage(
            "--follow", "prints lines that are JSON already, and cannot be combined with --output or --query"
        )
    with local_options.translate_errors():
        from plexctl.local import log_lines
        from plexctl.local.status import logs as read_log
        from plexctl.render.text import visible

        directory = local_options.plane_directory(run, data_dir)
        lines = read_log(directory, follow=follow, tail=tail, start=since, meanwhile=check_stdout)
        if not in_text:
            run.show_document({"items": [log_lines.as_object(line) for line in lines]})
            return
        for line in lines:
            run.write(f"{visible(log_lines.readable(line))}\n" if run.is_stdout_terminal else line)


@family.leaf(
    "lesson",
    "Play the enrolment lesson against a plane of its own",
    Contract(
        document="local.documents:Lesson",
        exit_codes=EXIT_CODES,
        examples=(
            "plexctl local lesson",
            "plexctl local lesson --pace 5s --keep",
            "plexctl local lesson --query 'steps[].title'",
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
@click.option("--keep", is_flag=True, help="Leave the plane and its Nodes, and say how to reach and stop it.")
def lesson(run: Invocation, pace: int, keep: bool) -> None:
    """Enrols two Nodes, reads their mesh, rotates mesh and signing keys, cleans up, and checks every result.

    Stops at the first wrong result with exit code 1. The plane stops with the lesson and keeps no data; with --keep,
    each run leaves another plane. At a terminal, no table is wider than the window: one that would be has a line per
    cell.
    """
    with local_options.translate_errors():
        local_lesson.play(run, pace, keep=keep)
