"""A scalar → YAML: a string by PyYAML's rules, a number digit for digit."""

import io
import re
from functools import lru_cache

import yaml

from plexctl.payload import Number
from plexctl.render.document import ACTING, escaped

# Letters and digits that every reader takes for a string, unless PyYAML's rules say otherwise.
_ORDINARY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_./:@+-]*[A-Za-z0-9_/])?")

# Plain scalars that some YAML readers take for numbers or booleans although PyYAML's rules do not.
_AMBIGUOUS = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7_]+|0x[0-9a-fA-F]+|[yYnN]")

_LONGEST_ANALYSED = 1024  # characters; PyYAML looks at each one in Python
# What JSON leaves as it is within a string, and YAML does not take.
_NOT_YAML = re.compile("[\ufeff\ufffe\uffff]")

_STRING = "tag:yaml.org,2002:str"
_RESOLVER = yaml.resolver.Resolver()
_CONSTANTS: dict[bool | None, str] = {None: "null", True: "true", False: "false"}


def scalar(value: str | float | None, pad: str) -> str:
    """Write a scalar; `pad` indents the lines of a string after its first."""
    if isinstance(value, str) and not isinstance(value, Number):
        return string(value, len(pad) if "\n" in value else 0)
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else str(value)


@lru_cache(maxsize=1 << 14)
def string(text: str, indent: int = 0, *, is_key: bool = False) -> str:
    """Write a string; `indent` is how many spaces indent its lines after the first."""
    if _ORDINARY.fullmatch(text):
        return text if _is_plain(text) and not _AMBIGUOUS.fullmatch(text) else f"'{text}'"
    if len(text) > _LONGEST_ANALYSED:
        return _quoted_as_json(text)
    if ACTING.search(text):
        return _quoted(text, 0, "double")
    emitter = yaml.emitter.Emitter(io.StringIO(), allow_unicode=True)
    analysis = emitter.analyze_scalar(text)
    is_awkward = is_key and (analysis.multiline or analysis.empty)
    if analysis.allow_block_plain and not is_awkward and _is_plain(text) and not _AMBIGUOUS.fullmatch(text):
        return text
    single = analysis.allow_single_quoted and not (is_key and analysis.multiline)
    return _quoted(text, indent, "single" if single else "double")


def _is_plain(text: str) -> bool:
    tag = _RESOLVER.resolve(yaml.nodes.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # its stub has no types
    return bool(tag == _STRING)


def _quoted_as_json(text: str) -> str:
    """Quote a long string as JSON does, whose strings are YAML's too."""
    from json import dumps

    quoted = escaped(dumps(text, ensure_ascii=False))
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _quoted(text: str, indent: int, quotes: str) -> str:
    stream = io.StringIO()
    emitter = yaml.emitter.Emitter(stream, allow_unicode=True)
    emitter.indent = indent
    emitter.whitespace = True  # otherwise it writes a space first
    write = emitter.write_single_quoted if quotes == "single" else emitter.write_double_quoted
    write(text, split=False)
    return escaped(stream.getvalue())
