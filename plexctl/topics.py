"""What `plexctl --help` and `plexctl help TOPIC` say; the reference pages are made of the same tables."""

from collections.abc import Callable
from typing import NamedTuple

import click

from plexctl.options import GLOBAL_FLAGS, SIGNER_FLAGS, Flag
from plexctl.settings.environment import VARIABLES

ROOT_SUMMARY = "Operate plexsphere"
ROOT_EXPLANATION = "Enrol machines into WireGuard meshes, read the meshes, and rotate their keys."

ROOT_EXAMPLES = (
    'plexctl project create --domain "$DOMAIN_ID" --slug edge-fleet --display-name "Edge Fleet"',
    'plexctl bootstrap-token issue --project "$PROJECT_ID" --kind node --env-prefix dev --ttl 1h',
    'plexctl peer list --domain "$DOMAIN_ID"',
    "plexctl help exit-codes",
)


class Topic(NamedTuple):
    summary: str
    write: Callable[[click.HelpFormatter], None]


def _exit_codes(formatter: click.HelpFormatter) -> None:
    from plexctl.exit_codes import NEVER, exit_table  # no other page of help needs it

    formatter.write_text("Every command, every protocol, one table. A script can branch on the code alone.")
    for row in exit_table():
        with formatter.section(f"{row.code}  {row.meaning}"):
            sources = [("HTTP", row.http), ("gRPC", row.grpc), ("local", row.local)]
            formatter.write_dl([(name, source) for name, source in sources if source != NEVER])


def _environment(formatter: click.HelpFormatter) -> None:
    formatter.write_text(
        "A flag wins over the profile that --profile names, that over the environment, and that over the default "
        "profile. An empty variable counts as unset."
    )
    with formatter.section("Variables"):
        formatter.write_dl([(row.name, row.meaning + (f" (flag {row.flag})" if row.flag else "")) for row in VARIABLES])


def _output(formatter: click.HelpFormatter) -> None:
    for paragraph in OUTPUT_RULES:
        formatter.write_text(paragraph)
        formatter.write_paragraph()


def _flags(formatter: click.HelpFormatter) -> None:
    formatter.write_text("These are taken before and after the command's name; given twice, the later one wins.")
    with formatter.section("Global flags"):
        formatter.write_dl([_describe(flag) for flag in GLOBAL_FLAGS])
    with formatter.section("Flags of the signing commands"):
        formatter.write_dl([_describe(flag) for flag in SIGNER_FLAGS])


def _describe(flag: Flag) -> tuple[str, str]:
    return f"{', '.join(flag.names)} {flag.metavar}".rstrip(), flag.help


OUTPUT_RULES = (
    "stdout carries data and nothing else; notes, warnings, progress and errors go to stderr.",
    "text is a table: upper-case headers, columns two spaces apart, nothing cut off, the same bytes in a pipe as on a "
    "terminal, colour aside. What is absent shows as -, times are RFC 3339 in UTC and whole seconds.",
    "json and yaml are the server's answer with every field, also those that plexctl does not know, in the server's "
    'order. An empty list is {"items": []}. A command with nothing to say prints nothing.',
    "An error is one line on stderr in text. In json and yaml it is one document on stderr, "
    '{"error": {"kind", "exit_code", "status", "grpc_status", "code", "title", "detail", "instance", "request_id", '
    '"correlation_id", "warnings"}} and whatever else the server said of it.',
    "Lists come in pages: --limit sets their size, --cursor continues, --all fetches up to 100,000 items. A text list "
    "that has more says so on stderr, with the command that continues.",
)

TOPICS = {
    "exit-codes": Topic("What each exit code means", _exit_codes),
    "environment": Topic("The variables that plexctl reads", _environment),
    "output": Topic("text, json and yaml; errors; pages", _output),
    "flags": Topic("The flags that every command takes", _flags),
}
