"""Flags: the global ones, declared once and taken at every level, and those that several leaves share."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from plexctl import grammar, values
from plexctl.settings.defaults import FORMATS, TIMEOUT

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Flag(NamedTuple):
    """A flag that sets something for the whole run; a type of None makes it a switch."""

    names: tuple[str, ...]
    type: click.ParamType[Any] | None
    help: str

    @property
    def key(self) -> str:
        return self.names[0].lstrip("-").replace("-", "_")

    @property
    def form(self) -> str:
        """The form of its value, as help shows it; nothing for a switch."""
        if isinstance(self.type, click.Choice):
            return "|".join(self.type.choices)
        return self.type.name if self.type else ""


_path = values.Value("PATH", str)

GLOBAL_FLAGS = (
    Flag(("--server",), values.SERVER, "The HTTP API [env PLEXSPHERE_URL]."),
    Flag(("--token-file",), _path, "A file, mode 0600, with the bearer token [env PLEXSPHERE_TOKEN]."),
    Flag(("--profile",), values.Value("NAME", grammar.text), "A profile of config.json [env PLEXSPHERE_PROFILE]."),
    Flag(("--output", "-o"), values.OneOf(FORMATS), "The output's form; text by default [env PLEXSPHERE_OUTPUT]."),
    Flag(("--timeout",), values.TIMEOUT, f"The deadline of one request, retries included; {TIMEOUT} by default."),
    Flag(
        ("--max-response",),
        values.MAX_RESPONSE,
        "The most bytes of a response, such as 512M; 64M by default, 256M for a topology.",
    ),
    Flag(("--ca-file",), _path, "Trust these authorities for an https server [env PLEXSPHERE_CA_FILE]."),
    Flag(("--cert-file",), _path, "The client's certificate for an https server [env PLEXSPHERE_CERT_FILE]."),
    Flag(("--key-file",), _path, "That certificate's private key [env PLEXSPHERE_KEY_FILE]."),
    Flag(("--yes",), None, "Agree to a command that cannot be undone."),
    Flag(("--reveal-secrets",), None, "Show secrets in plexctl's own messages."),
    Flag(("--verbose", "-v"), None, "Log one line per request to stderr."),
    Flag(("--no-color",), None, "No colour [env NO_COLOR]."),
)

SIGNER_FLAGS = (
    Flag(("--signer-endpoint",), values.ENDPOINT, "Where the signer is [env PLEXSPHERE_SIGNER_ENDPOINT]."),
    Flag(("--signer-tls",), None, "Speak TLS to it [env PLEXSPHERE_SIGNER_TLS]."),
    Flag(("--signer-ca-file",), _path, "Trust these authorities; implies TLS [env PLEXSPHERE_SIGNER_CA_FILE]."),
    Flag(("--signer-cert-file",), _path, "The client's certificate; implies TLS [env PLEXSPHERE_SIGNER_CERT_FILE]."),
    Flag(("--signer-key-file",), _path, "The certificate's private key [env PLEXSPHERE_SIGNER_KEY_FILE]."),
)


def global_options(*, hidden: bool = True) -> list[click.Parameter]:
    """Make the global options; below the root they are hidden, and help points to where they are explained."""
    options: list[click.Parameter] = [_remembered(flag, hidden=hidden) for flag in GLOBAL_FLAGS]
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
        callback=_print_version,
        help="Print version, commit and date.",
    )
    return [*options, version]


def signer_options(function: Decorated) -> Decorated:
    """Declare the signer's flags; a leaf finds what they come to in the invocation's signer."""
    # Click keeps a function's options in reverse, and this is applied before the leaf's own
    function.__click_params__ = [_remembered(flag) for flag in reversed(SIGNER_FLAGS)]  # type: ignore[attr-defined]  # Click's own
    return function


def _remembered(flag: Flag, *, hidden: bool = False) -> click.Option:
    """Make an option whose value goes to the invocation's flags instead of to the command."""

    def remember(ctx: click.Context, _: click.Parameter, value: object) -> None:
        # a later level overrides an earlier one only where the flag was given again
        if value is not None and value is not False:
            ctx.obj.flags[flag.key] = value

    return click.Option(
        list(flag.names),
        type=flag.type,
        # an explicit False would have Click take a flag without its value for a switch
        is_flag=True if flag.type is None else None,
        expose_value=False,
        hidden=hidden,
        callback=remember,
        help=flag.help,
        metavar=flag.form or None,
    )


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  Click's signature
    if value and not ctx.resilient_parsing:
        from plexctl.version import describe

        ctx.obj.write(f"{describe()}\n")
        ctx.exit()


def option(
    *names: str,
    type: click.ParamType[Any],  # noqa: A002  Click's word for it
    help: str,  # noqa: A002  Click's word for it
    required: bool = True,
) -> Callable[[Decorated], Decorated]:
    """Declare a leaf's option; required unless said otherwise."""
    return click.option(*names, type=type, required=required, help=help)


domain_option = option("--domain", "domain_id", type=values.UUID, help="The Domain.")
project_option = option("--project", "project_id", type=values.UUID, help="The Project.")
node_option = option("--node", "node_id", type=values.UUID, help="The Node.")
token_id_option = option("--token-id", type=values.UUID, help="The token.")


def paging_options(function: Decorated) -> Decorated:
    """Declare --limit, --cursor and --all, which `show_pages` takes."""
    for decorate in (
        click.option("--all", "all_pages", is_flag=True, help="Every page, up to 100,000 items."),
        click.option("--cursor", type=values.CURSOR, help="Where to start: an earlier page's next_cursor."),
        click.option("--limit", type=values.LIMIT, default="0", help="Items per page; 0 means the server's default."),
    ):
        function = decorate(function)
    return function
