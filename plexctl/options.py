"""The global flags, which every command takes, and the flags that several leaves share."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

import click

from plexctl import values
from plexctl.settings.defaults import COLORS, DEFAULT_TIMEOUT, FORMATS, NAME

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Flag(NamedTuple):
    """A flag that sets something for the whole run; one without a type is a switch.

    `stands_for` is another flag and its value, of which a switch is the short form.
    """

    names: tuple[str, ...]
    type: click.ParamType[Any] | None
    help: str
    stands_for: tuple[str, str] | None = None

    @property
    def key(self) -> str:
        """The flag's name in `Invocation.flags`."""
        return self.names[0].lstrip("-").replace("-", "_")

    @property
    def metavar(self) -> str:
        """The form of its value in help; empty for a switch."""
        if isinstance(self.type, click.Choice):
            return "|".join(self.type.choices)
        return self.type.name if self.type else ""


_path = values.Value("PATH", str)

GLOBAL_FLAGS = (
    Flag(("--server",), values.SERVER, "URL of the HTTP API [env PLEXSPHERE_URL]."),
    Flag(("--token-file",), _path, "File with the bearer token, mode 0600 [env PLEXSPHERE_TOKEN]."),
    Flag(("--profile",), values.PROFILE, "Profile of config.json to use [env PLEXSPHERE_PROFILE]."),
    Flag(
        ("--output", "-o"),
        values.OutputFormat((*FORMATS, NAME)),
        "Output format; text by default, name for the ids alone [env PLEXSPHERE_OUTPUT].",
    ),
    Flag(("--query",), values.QUERY, "JMESPath expression over the document; its result is printed."),
    Flag(("--columns",), values.COLUMNS, "Columns of a text table to print, such as ID,SLUG, in this order."),
    Flag(("--no-headers",), None, "Print a text table without its headers."),
    Flag(
        ("--timeout",),
        values.TIMEOUT,
        f"Deadline of one request, retries included; {DEFAULT_TIMEOUT} by default [env PLEXSPHERE_TIMEOUT].",
    ),
    Flag(
        ("--max-response",),
        values.MAX_RESPONSE,
        "Largest response to accept, such as 512M; 64M by default, 256M for a topology.",
    ),
    Flag(("--ca-file",), _path, "Authorities to trust for an https server [env PLEXSPHERE_CA_FILE]."),
    Flag(("--cert-file",), _path, "Client certificate for an https server [env PLEXSPHERE_CERT_FILE]."),
    Flag(("--key-file",), _path, "Private key of that certificate [env PLEXSPHERE_KEY_FILE]."),
    Flag(("--yes",), None, "Confirm a command that cannot be undone."),
    Flag(("--reveal-secrets",), None, "Show secrets in plexctl's own messages."),
    Flag(("--verbose", "-v"), None, "Log the server used, and one line per request, to stderr."),
    Flag(("--color",), values.OneOf(COLORS), "When to write in colour; auto is on a terminal [env FORCE_COLOR]."),
    Flag(("--no-color",), None, "The same as --color never [env NO_COLOR].", stands_for=("color", "never")),
)

_VERSION = Flag(("--version",), None, "Print version, commit and date.")
_HELP = Flag(("--help", "-h"), None, "Show this message and exit.")  # Click adds it to every command
ROOT_FLAGS = (*GLOBAL_FLAGS, _VERSION, _HELP)

_BEFORE_HELP = ("--color", "--no-color")  # help is written as soon as it is asked for

SIGNER_FLAGS = (
    Flag(("--signer-endpoint",), values.ENDPOINT, "Address of the signer [env PLEXSPHERE_SIGNER_ENDPOINT]."),
    Flag(("--signer-tls",), None, "Use TLS to the signer [env PLEXSPHERE_SIGNER_TLS]."),
    Flag(("--signer-ca-file",), _path, "Authorities to trust; implies TLS [env PLEXSPHERE_SIGNER_CA_FILE]."),
    Flag(("--signer-cert-file",), _path, "Client certificate; implies TLS [env PLEXSPHERE_SIGNER_CERT_FILE]."),
    Flag(("--signer-key-file",), _path, "Private key of that certificate [env PLEXSPHERE_SIGNER_KEY_FILE]."),
)


def global_options(*, hidden: bool = True, taken: Collection[str] = ()) -> list[click.Parameter]:
    """Make the global options; below the root they are hidden, and help says where they are explained.

    A name that is `taken` means something else; the flag keeps its others.
    """
    options: list[click.Parameter] = [_remembered(flag, hidden=hidden, taken=taken) for flag in GLOBAL_FLAGS]
    version = click.Option(
        [*_VERSION.names],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        hidden=hidden,
        callback=_print_version,
        help=_VERSION.help,
    )
    return [*options, version]


def signer_options(function: Decorated) -> Decorated:
    """Declare the signer's flags, which the invocation's `signer` reads."""
    # Click stores a function's options in reverse order; the leaf's own decorators run later
    function.__click_params__ = [_remembered(flag) for flag in reversed(SIGNER_FLAGS)]  # type: ignore[attr-defined]  # Click adds this attribute
    return function


def _remembered(flag: Flag, *, hidden: bool = False, taken: Collection[str] = ()) -> click.Option:
    """Make an option whose value goes to the invocation's flags instead of to the leaf."""

    def remember(ctx: click.Context, _: click.Parameter, value: object) -> None:
        # a flag after the command overrides the same flag before it only where it was given
        if value is not None and value is not False:
            key, meant = flag.stands_for or (flag.key, value)
            ctx.obj.flags[key] = meant

    return click.Option(
        [name for name in flag.names if name not in taken],
        type=flag.type,
        # with False, Click would accept the flag without its value
        is_flag=True if flag.type is None else None,
        expose_value=False,
        is_eager=flag.names[0] in _BEFORE_HELP,
        hidden=hidden,
        callback=remember,
        help=flag.help,
        metavar=flag.metavar or None,
    )


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  the signature of Click's callbacks
    if value and not ctx.resilient_parsing:
        from plexctl.version import describe

        ctx.obj.write(f"{describe()}\n")
        ctx.exit()


def option(
    *names: str,
    type: click.ParamType[Any],  # noqa: A002  Click's name for it
    help: str,  # noqa: A002  Click's name for it
    required: bool = True,
) -> Callable[[Decorated], Decorated]:
    """Declare a leaf's option, which is required by default."""
    return click.option(*names, type=type, required=required, help=help)


domain_option = option("--domain", "domain_id", type=values.DOMAIN, help="UUID or slug of the Domain.")
domain_filter = option(
    "--domain", "domain_id", type=values.DOMAIN, help="List only what belongs to this Domain.", required=False
)
domain_scope = option(
    "--domain", "domain_id", type=values.DOMAIN_SCOPE, help="Domain of the Project, for its slug.", required=False
)
node_option = option("--node", "node_id", type=values.NODE, help="UUID or name of the Node.")
token_id_option = option("--token-id", type=values.UUID, help="UUID of the token.")


def project_option(*names: str) -> Callable[[Decorated], Decorated]:
    """Declare the option for a Project, and the --domain in which its slug is looked up."""
    project = option(*names, "project_id", type=values.PROJECT, help="UUID or slug of the Project.")
    return lambda function: project(domain_scope(function))


def given(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that were given."""
    return {name: value for name, value in flags.items() if value is not None}


def paging_options(function: Decorated) -> Decorated:
    """Declare --limit, --cursor and --all, the arguments of `show_listing`."""
    for decorate in (
        click.option("--all", "all_pages", is_flag=True, help="Fetch every page, up to 100,000 items."),
        click.option("--cursor", type=values.CURSOR, help="Start at this cursor, the next_cursor of an earlier page."),
        click.option("--limit", type=values.LIMIT, default="0", help="Items per page; 0 means the server's default."),
    ):
        function = decorate(function)
    return function
