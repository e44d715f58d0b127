"""The texts of `plexctl --help` and of the topics of `plexctl help`, which the reference pages share."""

from collections.abc import Callable
from typing import NamedTuple

import click

from plexctl.options import ROOT_FLAGS, SIGNER_FLAGS, Flag
from plexctl.settings.environment import VARIABLES

ROOT_SUMMARY = "Operate plexsphere"
ROOT_EXPLANATION = "Enrol machines into WireGuard meshes, show the meshes, and rotate their keys."

ROOT_EXAMPLES = (
    'plexctl project create --domain "$DOMAIN_ID" --slug edge-fleet --display-name "Edge Fleet"',
    'plexctl bootstrap-token issue --project "$PROJECT_ID" --kind node --env-prefix dev --ttl 1h',
    'plexctl peer list --domain "$DOMAIN_ID"',
    "plexctl help exit-codes",
)


class Topic(NamedTuple):
    """A topic of `plexctl help`: its line in the list of topics, and the function that writes its page."""

    summary: str
    write: Callable[[click.HelpFormatter], None]


def _exit_codes(formatter: click.HelpFormatter) -> None:
    from plexctl.exit_codes import NEVER, exit_table  # no other page of help needs it

    formatter.write_text("The table applies to every command and protocol, so a script can branch on the code.")
    for row in exit_table():
        with formatter.section(f"{row.code}  {row.meaning}"):
            sources = [("HTTP", row.http), ("gRPC", row.grpc), ("local", row.local)]
            formatter.write_dl([(name, source) for name, source in sources if source != NEVER])


def _environment(formatter: click.HelpFormatter) -> None:
    formatter.write_text(
        "A flag wins over the profile that --profile names, that profile over the environment, and the environment "
        "over the default profile. An empty variable counts as unset."
    )
    with formatter.section("Variables"):
        formatter.write_dl([(row.name, row.meaning + (f" (flag {row.flag})" if row.flag else "")) for row in VARIABLES])


def _configuration(formatter: click.HelpFormatter) -> None:
    for paragraph in CONFIGURATION:
        formatter.write_text(paragraph)
        formatter.write_paragraph()
    with formatter.section("Commands"):
        formatter.write_dl(
            [
                ("plexctl config view", "Show every setting, its value and where it came from"),
                ("plexctl config set server URL --profile NAME", "Make a profile, or change it"),
                ("plexctl config use-profile NAME", "Make a profile the default one"),
                ("plexctl login --domain-id UUID", "Sign in, and store the token in a profile"),
            ]
        )


def _completion(formatter: click.HelpFormatter) -> None:
    formatter.write_text(
        "Put the line for your shell into its start-up file. Tab then completes commands, flags with their values, "
        "profiles and file names, and the names of Domains, Projects, Nodes and tokens where the server that is set "
        "answers within half a second."
    )
    for shell, line, file in COMPLETION:
        with formatter.section(f"{shell}, in {file}"):
            formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def _output(formatter: click.HelpFormatter) -> None:
    for paragraph in OUTPUT_RULES:
        formatter.write_text(paragraph)
        formatter.write_paragraph()


def _flags(formatter: click.HelpFormatter) -> None:
    formatter.write_text("Write these before or after the command's name. If a flag is given twice, the last one wins.")
    formatter.write_paragraph()
    formatter.write_text(NAMES)
    with formatter.section("Global flags"):
        formatter.write_dl([_describe(flag) for flag in ROOT_FLAGS])
    with formatter.section("Flags of the signing commands"):
        formatter.write_dl([_describe(flag) for flag in SIGNER_FLAGS])


def _describe(flag: Flag) -> tuple[str, str]:
    return f"{', '.join(flag.names)} {flag.metavar}".rstrip(), flag.help


NAMES = (
    "Where a Domain, a Project or a Node is expected, its UUID is accepted, and the slug of a Domain or Project or the "
    "name of a Node. A name costs one more request. A Project's slug is looked up in the Domain of --domain, else in "
    "all Domains; if several Projects or Nodes have the name, plexctl refuses it and lists their UUIDs."
)

OUTPUT_RULES = (
    "stdout is for data only; notes, warnings, progress and errors go to stderr.",
    "text is a table with upper-case headers and two spaces between columns. No cell is truncated, and a pipe gets the "
    "same bytes as a terminal, except for colour. An absent value is shown as -. Times are RFC 3339, in UTC and whole "
    "seconds.",
    "json and yaml are the server's response with every field, also those that plexctl does not know, in the server's "
    'order. An empty list is {"items": []}. A command without a result prints nothing.',
    "In json and yaml, a number has exactly the digits that the server sent, and an escape such as \\u00e9 is shown as "
    "its character, unless a terminal would act on it. If the server sends a name twice, json keeps both members, and "
    "yaml keeps the last one.",
    "--query EXPR prints the result of a JMESPath expression over the document (https://jmespath.org). json and yaml "
    "print it as a document. text prints a string without quotes, a list an item per line, an object as one line of "
    "JSON, and null as an empty line. Numbers that the expression does not compute keep their digits. A wrong "
    "expression is refused before anything is sent (exit code 2). One that does not fit the document, such as "
    "length(@) of null, is exit code 1, kind local, since the command itself has succeeded.",
    "-o name prints the ids alone, one per line, for every command that prints something with an id. It is a flag "
    "only: PLEXSPHERE_OUTPUT does not accept it. An error is one line then, as in text.",
    "--columns A,B prints these columns of a text table, in this order; --no-headers leaves its headers out. Both are "
    "refused with any other format and with --query.",
    "In text, an error is one line on stderr. In json and yaml, it is one document on stderr, "
    '{"error": {"kind", "exit_code", "status", "grpc_status", "code", "title", "detail", "instance", "request_id", '
    '"correlation_id", "warnings"}}, with the other members of the server\'s problem document.',
    "A response body can have up to 64 MiB, that of a topology 256 MiB; a larger one is exit code 1, kind malformed. "
    "The body of an error is read up to 1 MiB.",
    "With --watch, a list is shown again whenever it has changed: in one place of a terminal, which keeps the last "
    "table, and otherwise as one json document per line, as yaml documents after ---, or as tables after a blank line. "
    "It goes on after a restart of the server, and ends with Ctrl-C, exit code 130.",
    "A list comes in pages. --limit sets the items per page, --cursor continues a list, and --all fetches up to "
    "100,000 items, in pages of 200 unless --limit says otherwise. If a list in text has more, a note on stderr gives "
    "the command that continues it.",
)

CONFIGURATION = (
    "A setting comes from the first of these that has it: its flag, the profile that --profile names, its environment "
    "variable, the default profile.",
    "Profiles are in config.json, in the directory plexctl of $XDG_CONFIG_HOME, else of ~/.config. Each has a server, "
    "a token and a signer_endpoint. The default profile is the one that PLEXSPHERE_PROFILE names, else the file's "
    "default_profile, else the one called default.",
    "A profile's token goes to that profile's server and signer only. A file with a token in it that others can read "
    "is refused.",
)

COMPLETION = (
    ("bash", 'eval "$(plexctl completion bash)"', "~/.bashrc"),
    ("zsh", 'eval "$(plexctl completion zsh)"', "~/.zshrc, after compinit"),
    ("fish", "plexctl completion fish | source", "~/.config/fish/config.fish"),
    ("powershell", "plexctl completion powershell | Out-String | Invoke-Expression", "$PROFILE"),
)

TOPICS = {
    "configuration": Topic("Where settings come from; profiles", _configuration),
    "exit-codes": Topic("What each exit code means", _exit_codes),
    "environment": Topic("The variables that plexctl reads", _environment),
    "output": Topic("text, json and yaml, and parts of them; errors; limits; pages", _output),
    "completion": Topic("How to have a shell complete plexctl's words", _completion),
    "flags": Topic("The flags that every command takes", _flags),
}
