"""Click's usage errors → the one failure type, and the output format of such an error."""

from collections.abc import Sequence

import click
from click.exceptions import BadOptionUsage, MissingParameter, NoSuchCommand, NoSuchOption

from plexctl.command import hint, path_of
from plexctl.failures import Failure, usage
from plexctl.settings.defaults import FORMATS
from plexctl.settings.environment import Environment

_ARCHIVING = frozenset({"support", "bundle"})
_LIKENESS = 0.65  # of two letters of three; `--limit` is less like `--timeout`
_LONGEST_MESSAGE = 2000  # characters; Click repeats what was typed


def failure_of_usage(error: click.UsageError) -> Failure:
    """Make a failure that names the command, the flag, the value, the form expected, and the command's help."""
    return usage(path_of(error.ctx), _complaint(error) + hint(error.ctx))


def _complaint(error: click.UsageError) -> str:
    match error:
        case MissingParameter(param=click.Parameter() as parameter, ctx=click.Context() as context):
            return f"{_name(parameter)}: is required ({_name_and_form(parameter, context)})"
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"{_name(parameter)}: {error.message}"
        case BadOptionUsage():
            return f"{error.option_name}: {_misuse(error)}"
        case NoSuchOption():
            return f"{error.option_name}: no such flag{_suggestion(_similar(error))}"
        case NoSuchCommand():
            return f"{error.command_name!r} is not a command{_suggestion(error.possibilities)}"
    return error.message[:1].lower() + error.message[1:_LONGEST_MESSAGE].rstrip(".")


def _similar(error: NoSuchOption) -> list[str]:
    """Keep the flags whose words are like the one typed; Click counts the hyphens that all of them share.

    Where there is none, it is a flag with more words than were typed, or with fewer: --display-name for --name.
    """
    from difflib import SequenceMatcher

    typed = error.option_name.lstrip("-")
    alike = [
        name for name in error.possibilities or () if SequenceMatcher(None, name.lstrip("-"), typed).ratio() > _LIKENESS
    ]
    return alike or [name for name in _own_flags(error.ctx) if _shares_all_words(name.lstrip("-"), typed)]


def _own_flags(context: click.Context | None) -> list[str]:
    """Return the names of a command's flags without the global ones, which expose no value."""
    parameters = context.command.params if context else ()
    return [_name(each) for each in parameters if isinstance(each, click.Option) and each.expose_value]


def _shares_all_words(one: str, other: str) -> bool:
    first, second = set(one.split("-")), set(other.split("-"))
    return first <= second or second <= first


def _suggestion(possibilities: Sequence[str] | None) -> str:
    if not possibilities:
        return ""
    *others, last = possibilities
    return f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"


def _misuse(error: BadOptionUsage) -> str:
    if "does not take a value" in error.message:
        return "takes no value"
    if "requires an argument" not in error.message or error.ctx is None:
        return error.message
    option = next(option for option in error.ctx.command.params if error.option_name in option.opts)
    return f"needs a value ({error.option_name} {_form(option, error.ctx)})"


def _name_and_form(parameter: click.Parameter, context: click.Context) -> str:
    """Return what is to be typed; the name of an argument can be its form already."""
    name, form = _name(parameter), _form(parameter, context)
    return form if form.startswith(name) else f"{name} {form}"


def _form(parameter: click.Parameter, context: click.Context) -> str:
    if isinstance(parameter, click.Option) or parameter.nargs != 1:
        return parameter.make_metavar(context)
    return "|".join(parameter.type.choices) if isinstance(parameter.type, click.Choice) else parameter.type.name


def _name(parameter: click.Parameter) -> str:
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.human_readable_name.removesuffix("...")


def requested_format(arguments: Sequence[str], environment: Environment) -> str:
    """Return the output format of a command line that cannot be parsed: the last one that it names, else text."""
    asked = environment.get("PLEXSPHERE_OUTPUT")
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        if _is_archive(argument, arguments[:index]):
            continue
        value = _output_value(argument, arguments[index + 1 : index + 2])
        asked = asked if value is None else value
    return asked if asked in FORMATS else FORMATS[0]


def _is_archive(argument: str, before: Sequence[str]) -> bool:
    """Tell whether this is the --output of `support bundle`, which names an archive and no format."""
    return argument.partition("=")[0] == "--output" and set(before) >= _ARCHIVING


def _output_value(argument: str, following: Sequence[str]) -> str | None:
    """Return the value of -o json, -ojson, -vo json, --output json or --output=json, else None."""
    name, equals, value = argument.partition("=")
    if name == "--output":
        return value if equals else next(iter(following), "")
    if not argument.startswith("-") or argument.startswith("--"):
        return None
    switches, letter, value = argument[1:].partition("o")
    if not letter or switches.strip("v"):
        return None
    return value.removeprefix("=") if value else next(iter(following), "")
