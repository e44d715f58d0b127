"""completion: the script that has a shell complete plexctl's command lines."""

import click

from plexctl import values
from plexctl.command import Contract, make_leaf
from plexctl.invocation import Invocation
from plexctl.tree import TREE


@click.argument("shell", metavar="SHELL", type=values.SHELL, help="One of bash, zsh, fish and powershell.")
def completion(run: Invocation, shell: str) -> None:
    """Completes commands, flags and their values, and names if the server answers within half a second.

    The names are those of Domains, Projects, Nodes and tokens. 'plexctl help completion' has the line for each shell's
    start-up file.
    """
    from plexctl.completion.scripts import SCRIPTS

    if shell not in SCRIPTS:
        context = click.get_current_context()
        complaint = f'unknown shell "{shell}"; known: {", ".join(SCRIPTS)}'
        raise click.BadParameter(complaint, context, context.command.params[0])
    run.write(SCRIPTS[shell])


command = make_leaf(
    "completion",
    TREE["completion"].summary,
    Contract(
        calls_server=False,
        reads_settings=False,
        exit_codes=(0, 2),
        examples=('eval "$(plexctl completion bash)"',),
    ),
    completion,
)
