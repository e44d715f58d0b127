"""The reference page of a family or of a command without one, generated from the leaves and their contracts."""

from collections.abc import Iterator, Sequence

import click
from tables import NONE, all_exit_codes, code, meaning, table, twin

from plexctl.command import Family, Leaf
from plexctl.document_fields import Field, document_class, fields_of
from plexctl.exit_codes import exit_table
from plexctl.options import GLOBAL_FLAGS
from plexctl.render.table import Column

_PRINTED = {
    "plexctl completion": "Prints the script.",
    "plexctl local run": "Prints nothing of its own: stdout and stderr are the command's.",
}
_TYPES = {str: "string", bool: "boolean", int: "integer", list: "list", dict: "object"}


def family_page(family: Family) -> str:
    """Write the generated part of a family's page."""
    leaves = [leaf for leaf in family.commands.values() if isinstance(leaf, Leaf)]
    parts = [
        table(("command", "what it does"), ((_link(family, leaf), leaf.summary) for leaf in leaves)),
        *(_leaf(leaf, f"{family.name} {leaf.name}") for leaf in leaves),
        *_closing(),
    ]
    return "\n".join(parts)


def leaf_page(leaf: Leaf) -> str:
    """Write the generated part of the page of a command that belongs to no family."""
    return "\n".join((_leaf(leaf, leaf.name or ""), *_closing()))


def _closing() -> Iterator[str]:
    yield (
        "Every command also takes the [global flags](flags.md), and can end with exit code 130 (interrupted), 141 "
        "(stdout was closed) or 143 (terminated).\n"
    )
    yield "## All exit codes\n\nThe table applies to every command and every protocol.\n\n" + all_exit_codes()


def _link(family: Family, leaf: Leaf) -> str:
    name = f"plexctl {family.name} {leaf.name}"
    return f"[{code(name)}](#{name.replace(' ', '-')})"


def _leaf(leaf: Leaf, name: str) -> str:
    context = click.Context(leaf, info_name=f"plexctl {name}")
    return "\n".join(
        (
            f"## {context.command_path}\n",
            f"{leaf.summary}.{' ' + ' '.join(leaf.help.split()) if leaf.help else ''}\n",
            f"```text\n{context.command_path} {' '.join(leaf.collect_usage_pieces(context))}\n```\n",
            f"{_repetition(leaf)}\n",
            *_sections(leaf, context),
        )
    )


def _repetition(leaf: Leaf) -> str:
    if leaf.contract.destructive:
        return "Cannot be undone: refused without `--yes` (exit code 2, nothing is sent)."
    if leaf.contract.idempotent:
        return "Idempotent: a second run has no further effect."
    return "Not idempotent: a second run acts again or is refused."


def _sections(leaf: Leaf, context: click.Context) -> Iterator[str]:
    contract = leaf.contract
    parameters = [
        _parameter(parameter, context) for parameter in leaf.params if not getattr(parameter, "hidden", False)
    ]
    if parameters:
        title = "Arguments and flags" if any(isinstance(found, click.Argument) for found in leaf.params) else "Flags"
        yield _section(title, table(("flag", "required", "default", "environment", "meaning"), parameters))
    if not contract.document:
        yield f"{_PRINTED.get(context.command_path, 'Success prints nothing on stdout.')}\n"
    yield from _output(contract.columns, contract.document, "")
    yield from _output(contract.preview_columns, contract.preview_document, " with `--dry-run`")
    yield _section("Exit codes", _exit_codes(leaf))
    yield _section("Examples", "```sh\n" + "\n".join(contract.examples) + "\n```\n")


def _section(title: str, content: str) -> str:
    return f"### {title}\n\n{content}"


def _parameter(parameter: click.Parameter, context: click.Context) -> Sequence[str]:
    name, environment = parameter.make_metavar(context), NONE
    text = getattr(parameter, "help", None) or ""
    if isinstance(parameter, click.Option):
        long = max(parameter.opts, key=len)
        name = long if parameter.is_flag else f"{long} {name}"
        environment = NONE if _is_global(long) else twin(long)
    default = parameter.default if isinstance(parameter.default, str) else ""
    return code(name), "yes" if parameter.required else "no", code(default), environment, meaning(text)


def _is_global(flag: str) -> bool:
    """Tell whether a global flag has the name of this leaf's own; the variable is that of the global one."""
    return any(flag in each.names for each in GLOBAL_FLAGS)


def _output(columns: Sequence[Column], document: str, when: str) -> Iterator[str]:
    fields = list(_fields(document_class(document))) if document else []
    if columns:
        rows = ((code(column.header), _source(column, fields)) for column in columns)
        yield _section(f"Text columns{when}", table(("column", "shows"), rows))
    elif fields:
        yield _section(f"Text{when}", "Text is not a table here; the introduction of this page shows it.\n")
    if fields:
        yield _section(f"json and yaml fields{when}", table(("field", "type", "always present", "meaning"), fields))


def _source(column: Column, fields: Sequence[Sequence[str]]) -> str:
    """Return the field that a column shows; some columns are computed from several fields."""
    found = next((row for row in fields if row[0].strip("`").split(".")[-1] == column.value), None)
    return f"{found[0]}: {found[3]}" if found else "computed; see above"


def _fields(document: type, prefix: str = "") -> Iterator[Sequence[str]]:
    """List a document's fields, each followed by those nested in it."""
    for field in fields_of(document):
        yield code(prefix + field.name), _TYPES[field.kind], "yes" if field.required else "no", field.meaning
        if field.item:
            yield from _fields(field.item, f"{prefix}{field.name}{_items(field)}.")


def _items(field: Field) -> str:
    return "[]" if field.kind is list else ""


def _exit_codes(leaf: Leaf) -> str:
    rows = (row for row in exit_table() if row.code in leaf.contract.exit_codes)
    return table(("code", "meaning"), ((str(row.code), row.meaning) for row in rows))
