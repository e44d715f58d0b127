"""The parameter types of the flags: the forms of `grammar`, as Click's types."""

from collections.abc import Callable
from typing import Any, NoReturn

import click

from plexctl import grammar

_LONGEST_SHOWN = 200  # characters
_LARGEST_COUNT = 999_999_999
_SHORTEST_INTERVAL_NS = 100_000_000


class Value(click.ParamType[Any]):
    """A type whose values one of the grammar's parsers checks; a refusal names the value and the form expected.

    An empty value, such as that of an unset shell variable, is refused whatever the parser says, unless it means
    something; `noun` is what it is not.
    """

    def __init__(
        self, name: str, parse: Callable[[str], Any], noun: str = "", *, empty_has_meaning: bool = False
    ) -> None:
        self.name = name
        self._parse = parse
        self._noun = noun or name.lower()
        self._empty_has_meaning = empty_has_meaning

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            parsed = self._parse(value)
        except ValueError as error:
            refuse(self, value, str(error), param, ctx)
        if value == "" and not self._empty_has_meaning:
            refuse(self, value, f"is not a {self._noun}", param, ctx)
        return parsed


class OneOf(click.Choice[str]):
    """A type with a few words as values, refused in the same form as every other type."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.choices:
            refuse(self, value, f"is not one of {', '.join(self.choices)}", param, ctx)
        return str(value)


class OutputFormat(OneOf):
    """The output format, of which `-o=json` is a form, too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value.removeprefix("="), param, ctx)


class Reference(Value):
    """A UUID, or in its place a name, which `names` replaces before the leaf runs; `noun` says what it refers to.

    A Domain that is only a scope says where the leaf's other names are looked up, and does not reach the leaf.
    """

    def __init__(self, noun: str, name: str, parse: Callable[[str], str], *, is_scope: bool = False) -> None:
        super().__init__(f"UUID|{name}", _uuid_or(name.lower(), parse), f"UUID or {name.lower()}")
        self.noun = noun
        self.is_scope = is_scope


def is_name(value: str | tuple[str, ...] | None) -> bool:
    """Tell whether a reference's value, if there is one, is a name, or one of several values is."""
    if isinstance(value, tuple):
        return any(map(is_name, value))
    return bool(value) and not grammar.is_uuid(value or "")


def _uuid_or(name: str, parse: Callable[[str], str]) -> Callable[[str], str]:
    def either(text: str) -> str:
        try:
            return grammar.uuid(text) if grammar.is_uuid(text) else parse(text)
        except ValueError:
            raise ValueError(f"is neither a UUID nor a {name}") from None

    return either


def refuse(
    kind: click.ParamType[Any], value: str, complaint: str, param: click.Parameter | None, ctx: click.Context | None
) -> NoReturn:
    """Raise Click's refusal; a value that may carry a password is not repeated.

    An empty value is what a shell makes of a variable that nobody has set, and of a command that has failed.
    """
    if value == "":
        complaint += "; a variable is probably unset"
    shown = "the value" if "@" in value else repr(_start_of(grammar.readable(value)))
    kind.fail(f"{shown} {complaint}", param, ctx)


def _start_of(value: str) -> str:
    return value if len(value) <= _LONGEST_SHOWN else f"{value[:_LONGEST_SHOWN]}…"


def _server(text: str) -> str:
    grammar.server_url(text)
    return text


def _endpoint(text: str) -> str:
    grammar.endpoint(text)
    return text


def _duration_as_typed(text: str) -> str:
    grammar.duration(text)
    return text


def _max_response(text: str) -> int:
    size = grammar.byte_count(text)
    if size == 0:
        raise ValueError("must be greater than 0")
    return size


def _whole_seconds(text: str) -> int:
    seconds, rest = divmod(grammar.duration(text), 1_000_000_000)
    if rest:
        raise ValueError("is not a whole number of seconds")
    return seconds


def _bounded_text(most: int) -> Callable[[str], str]:
    """Make a parser of text, without the white space around it, that has at most so many characters."""

    def parse(text: str) -> str:
        trimmed = grammar.text(text).strip()
        if text and not trimmed:
            raise ValueError("is only white space")
        if len(trimmed) > most:
            raise ValueError(f"has more than {most} characters")
        return trimmed

    return parse


def _limit(text: str) -> int:
    try:
        return count(text)
    except ValueError:
        raise ValueError("is not a whole number from 0 (the server's default) to 999999999") from None


def _positive_count(text: str) -> int:
    return count_between(1, _LARGEST_COUNT, text)


def _interval(text: str) -> int:
    nanoseconds = grammar.duration(text)
    if nanoseconds < _SHORTEST_INTERVAL_NS:
        raise ValueError("must be at least 100ms")
    return nanoseconds


def _query(text: str) -> str:
    if grammar.text(text):
        from plexctl.codec.query import check

        check(text)
    return text


def _column_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().upper() for name in grammar.text(text).split(","))
    if text and not all(names):
        raise ValueError("has an empty name")
    return names


def count(text: str) -> int:
    """Read a whole number."""
    return count_between(0, _LARGEST_COUNT, text)


def count_between(least: int, most: int, text: str) -> int:
    """Read a whole number that has two bounds."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most:
        return int(text)
    raise ValueError(f"is not a whole number from {least} to {most}")


TEXT = Value("TEXT", grammar.text)
SHELL = Value("SHELL", grammar.text)
API_PATH = Value("PATH", grammar.api_path)
FIELD = Value("NAME=VALUE", grammar.field)
FILE = Value("FILE", grammar.text)
PROFILE = Value("NAME", grammar.text)
DESCRIPTION = Value("TEXT", grammar.text, empty_has_meaning=True)
CURSOR = Value("CURSOR", grammar.text)
RESOURCE_KIND = Value("KIND", _bounded_text(64))
EXTERNAL_REF = Value("REF", _bounded_text(256), "reference")
UUID = Value("UUID", grammar.uuid)
DOMAIN = Reference("Domain", "SLUG", grammar.slug)
DOMAIN_SCOPE = Reference("Domain", "SLUG", grammar.slug, is_scope=True)
PROJECT = Reference("Project", "SLUG", grammar.slug)
NODE = Reference("Node", "NAME", _bounded_text(256))
SLUG = Value("SLUG", grammar.slug)
ENV_PREFIX = Value("PREFIX", grammar.env_prefix)
KEY_ID = Value("KEY_ID", grammar.key_id)
SCOPE = Value("SCOPE", grammar.scope)
CIDR = Value("CIDR", grammar.cidr)
SERVER = Value("URL", _server)
ENDPOINT = Value("HOST:PORT", _endpoint)
TIMEOUT = Value("DURATION", grammar.timeout)
MAX_RESPONSE = Value("BYTES", _max_response)
WHOLE_SECONDS = Value("DURATION", _whole_seconds)
DURATION = Value("DURATION", grammar.duration)
DURATION_TEXT = Value("DURATION", _duration_as_typed)
INTERVAL = Value("DURATION", _interval)
COUNT = Value("N", _positive_count)
LIMIT = Value("N", _limit)
QUERY = Value("EXPR", _query, "JMESPath expression")
COLUMNS = Value("NAMES", _column_names, "list of columns")
