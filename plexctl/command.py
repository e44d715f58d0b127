"""The classes of plexctl's commands: the root, which imports a family when it is used, families, and leaves."""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from inspect import getdoc
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from plexctl.failures import EXIT_CODES, Failure, Kind, usage
from plexctl.help_page import HelpContext, write_closing, write_opening
from plexctl.options import global_options
from plexctl.settings.defaults import NAME
from plexctl.tree import TREE
from plexctl.values import Reference, is_name

if TYPE_CHECKING:
    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.invocation import Invocation
    from plexctl.render.table import Column


def _configured_api(run: "Invocation", _: Mapping[str, Any]) -> "Plexsphere":
    return run.api


# The exit codes of a leaf that calls a server; besides these, every command can be interrupted.
_EXIT_CODES = (0, *sorted({code for kind, code in EXIT_CODES.items() if kind is not Kind.INTERRUPTED}))


class Contract(NamedTuple):
    """The description of a leaf, which its help, its reference page and the tests of the whole tree read.

    `columns` are those of the text table. `document` names the class that declares the json and yaml document, such as
    `wire:Project`; a name, since help imports no message. A leaf without columns prints its own text, or nothing. The
    `preview_` fields describe --dry-run. `id_field` names the field of the document, or of its items, that -o name
    prints. A destructive leaf is refused without --yes; a second run of an idempotent one has no further effect. A leaf
    that `reads_settings` refuses settings that it could not use; one that does not `calls_server` does everything on
    this machine. `open_api` opens, for the values of its parameters, the API where its names are looked up.
    """

    examples: Sequence[str]
    columns: "Sequence[Column]" = ()
    document: str = ""
    preview_columns: "Sequence[Column]" = ()
    preview_document: str = ""
    id_field: str = ""
    destructive: bool = False
    idempotent: bool = True
    reads_settings: bool = True
    calls_server: bool = True
    exit_codes: Sequence[int] = _EXIT_CODES
    open_api: "Callable[[Invocation, Mapping[str, Any]], Plexsphere]" = _configured_api


class CommandWithContext(click.Command):
    """A command that adds its context to every usage error; Click leaves some without, and the context has the name."""

    context_class = HelpContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Return both names, whoever asks first: Click keeps the option that it makes from them."""
        return ["-h", "--help"]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Have --help written as everything else is; Click's own echo does not see to it that all of it arrives."""
        option = super().get_help_option(ctx)
        if option:
            option.callback = _print_help
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under the heading Flags, the word of the synopsis, in place of Click's Options."""
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        records = [record for option in options if (record := option.get_help_record(ctx))]
        with formatter.section("Flags"):
            formatter.write_dl(records)


class Leaf(CommandWithContext):
    """A command that does something, as its `contract` describes."""

    contract: Contract
    summary: str

    def invoke(self, ctx: click.Context) -> Any:
        try:
            if self.contract.destructive:
                confirm(ctx)
            if self.contract.reads_settings:
                ctx.obj.finish_parsing()
                self._set_shape(ctx)
            self._replace_names(ctx)
            return super().invoke(ctx)
        except Failure as failure:
            if failure.kind is Kind.USAGE:  # Click's own have the hint already
                failure.detail = f"{path_of(ctx)}: {failure.detail}{hint(ctx)}"
            if failure.kind in (Kind.REFUSED, Kind.CONFLICT):
                failure.detail = self._in_flags(failure.detail)
            raise

    def _set_shape(self, ctx: click.Context) -> None:
        """Note how the data is to be printed, where the command line says anything about that.

        Raises: Failure(usage) where the leaf prints nothing of that kind.
        """
        flags = ctx.obj.flags
        if flags.get("output") == NAME or {"query", "columns", "no_headers"} & flags.keys():
            from plexctl.shape import Printed, shape_of

            contract = self.contract
            columns = contract.preview_columns if ctx.params.get("dry_run") else contract.columns
            printed = Printed(contract.document, contract.id_field, columns)
            ctx.obj.shape = shape_of(printed, ctx.obj.settings.output, flags)

    def _in_flags(self, detail: str) -> str:
        """Name the flags in what a server says, in place of the members of the request that they set."""
        for option in self.params:  # the global flags, which expose no value, set no member
            if isinstance(option, click.Option) and option.name and option.expose_value:
                flag = max(option.opts, key=len) + (" (in seconds)" if option.name.endswith("_seconds") else "")
                # a member such as `name` is a word of English, too, and a member where a sentence begins with it
                place = "" if "_" in option.name else "^"
                detail = re.sub(rf"{place}\b{option.name}\b(?!-)", flag, detail)
        return detail

    def _replace_names(self, ctx: click.Context) -> None:
        """Have the leaf see UUIDs where names were typed, and nothing of a Domain that is only a scope."""
        types = {each: each.type for each in self.params if isinstance(each.type, Reference)}
        if any(is_name(ctx.params[each.name or ""]) for each, kind in types.items() if not kind.is_scope):
            from plexctl.names import replace

            api = self.contract.open_api(ctx.obj, ctx.params)
            replace(ctx, {kind.noun: each for each, kind in types.items()}, api)
        for each, kind in types.items():
            if kind.is_scope:
                del ctx.params[each.name or ""]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        synopsis = f"{ctx.command_path} {' '.join(self.collect_usage_pieces(ctx))}"
        write_opening(formatter, self.summary, self.help, self.contract.examples, synopsis)
        self.format_arguments(ctx, formatter)
        self.format_options(ctx, formatter)
        codes = ", ".join(map(str, self.contract.exit_codes))
        write_closing(formatter, f"Exit codes: {codes}; see 'plexctl help exit-codes'.")

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        required = [
            f"{option.opts[0]} {option.make_metavar(ctx)}"
            for option in self.params
            if isinstance(option, click.Option) and option.required
        ]
        arguments = [
            argument.make_metavar(ctx)
            if argument.required or argument.nargs != 1
            else f"[{argument.make_metavar(ctx)}]"
            for argument in self.params
            if isinstance(argument, click.Argument)
        ]
        return [*arguments, *required, "[flags]"]


class CommandGroup(CommandWithContext, click.Group):
    """A group; called without a command, it prints its help and exits 0."""

    def invoke(self, ctx: click.Context) -> Any:
        if not (ctx.args or ctx._protected_args):  # noqa: SLF001  Click keeps a group's own arguments there
            ctx.obj.write(f"{ctx.get_help()}\n")
            return None
        return super().invoke(ctx)


class Family(CommandGroup):
    """A group of leaves over one kind of object."""

    def __init__(self, name: str, introduction: str) -> None:
        self.summary = TREE[name].summary
        super().__init__(
            name, help=introduction, short_help=self.summary, params=global_options(), invoke_without_command=True
        )

    def leaf(self, name: str, summary: str, contract: Contract) -> Callable[[Callable[..., None]], Leaf]:
        """Make a function a leaf; its first argument is the Invocation, its docstring the explanation in its help."""

        def register(function: Callable[..., None]) -> Leaf:
            leaf = make_leaf(name, summary, contract, function)
            self.add_command(leaf)
            return leaf

        return register

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        leaves = [leaf for leaf in self.commands.values() if isinstance(leaf, Leaf)]
        examples = [leaf.contract.examples[0] for leaf in leaves]
        write_opening(formatter, self.summary, self.help, examples, f"{ctx.command_path} COMMAND [flags]")
        with formatter.section("Commands"):
            formatter.write_dl([(leaf.name or "", leaf.summary) for leaf in leaves])
        write_closing(formatter, f"Each command explains itself: {ctx.command_path} COMMAND --help")


class Root(CommandGroup):
    """`plexctl` itself: its commands are imported only when they are used."""

    def __init__(self) -> None:
        super().__init__("plexctl", params=global_options(hidden=False), invoke_without_command=True)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(TREE)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = TREE.get(cmd_name)
        if entry is None:
            return None
        found: click.Command = import_module(entry.module).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in TREE and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=TREE, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from plexctl.topics import ROOT_EXAMPLES, ROOT_EXPLANATION, ROOT_SUMMARY, TOPICS

        write_opening(formatter, ROOT_SUMMARY, ROOT_EXPLANATION, ROOT_EXAMPLES, "plexctl [flags] COMMAND [flags]")
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in TREE.items()])
        self.format_options(ctx, formatter)
        with formatter.section("Topics"):
            formatter.write_dl([(f"plexctl help {name}", topic.summary) for name, topic in TOPICS.items()])


def make_leaf(name: str, summary: str, contract: Contract, function: Callable[..., None]) -> Leaf:
    """Make a leaf from its function, with the global flags after its own."""
    leaf = click.command(name, cls=Leaf, short_help=summary, help=getdoc(function))(click.pass_obj(function))
    leaf.summary = summary
    leaf.contract = contract
    leaf.params += global_options(taken={name for parameter in leaf.params for name in parameter.opts})
    return leaf


def confirm(ctx: click.Context) -> None:
    """Refuse what cannot be undone without --yes, and name what the command would act on.

    Raises: Failure(usage).
    """
    if ctx.obj.flags.get("yes"):
        return
    where = ""
    if isinstance(ctx.command, Leaf) and ctx.command.contract.calls_server:
        with contextlib.suppress(Failure):  # settings that cannot be used are the next thing to complain about
            where = f"; it would act on {ctx.obj.settings.describe_server()}"
    raise usage("--yes", f"is required, since this cannot be undone{where}; nothing was sent")


def _print_help(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001  Click's signature
    if value and not ctx.resilient_parsing:
        ctx.obj.write(f"{ctx.get_help()}\n")
        ctx.exit()


def hint(ctx: click.Context | None) -> str:
    """Return the end of every usage error, which names the command that prints help."""
    return f" (try '{ctx.command_path if ctx else 'plexctl'} --help')"


def path_of(ctx: click.Context | None) -> str:
    """Return a command's name without the program's, such as `peer list`."""
    return ctx.command_path.partition(" ")[2] if ctx else ""
