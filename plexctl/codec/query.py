"""JMESPath: an expression checked before anything is sent, and evaluated over a JSON text."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, LexerError, ParseError
from jmespath.functions import Functions
from jmespath.lexer import Lexer

from plexctl.codec.interpreter import MOST_VALUES, Interpreter, Node, TooManyValuesError
from plexctl.codec.numeric import Raw, encoded
from plexctl.payload import Bytes

_MOST_CHARACTERS = 4_096
_MOST_LEVELS = 50
_NOT_BLANK = re.compile(rb"[^ \t\n\r]")
_COPYING = frozenset({"multi_select_dict", "multi_select_list"})
# What jmespath lets out beside its own errors, as for `'a' > `1`` or the first character of nothing.
_EVALUATION_ERRORS = (JMESPathError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)


class QueryError(Exception):
    """An expression cannot be evaluated over a document; its message says why."""


def check(expression: str) -> None:
    """Check an expression.

    Raises: ValueError, which says what is wrong with it and where.
    """
    _parsed(expression)


def search(text: Bytes, expression: str) -> bytes:
    """Evaluate an expression over a checked JSON text, and return the result as JSON.

    Raises: QueryError.
    """
    root = _parsed(expression)
    try:
        found = Interpreter().lazily(root, _trimmed(text))
        if sum(node["type"] in _COPYING for node, _ in _nodes(root)) > 1:
            _check_size(found)
        return encoded(found)
    except TooManyValuesError:
        raise QueryError(f"the result has more than {MOST_VALUES:,} values") from None
    except JMESPathTypeError as error:
        expected = " or ".join(error.expected_types)
        raise QueryError(f"{error.function_name}() takes {expected}, and got {error.actual_type}") from None
    except _EVALUATION_ERRORS as error:
        raise QueryError(str(error) or type(error).__name__) from None


def _trimmed(text: Bytes) -> Raw:
    """Leave out white space at the start, without a copy of a text that can be very long."""
    found = _NOT_BLANK.search(text)
    return Raw(memoryview(text)[found.start() if found else 0 :])


def _parsed(expression: str) -> Node:
    if len(expression) > _MOST_CHARACTERS:
        raise ValueError(f"has more than {_MOST_CHARACTERS:,} characters")
    try:
        root = jmespath.compile(expression).parsed
        too_deep = any(depth > _MOST_LEVELS for _, depth in _nodes(root))
    except RecursionError:
        too_deep = True
    except (JMESPathError, LookupError) as error:
        raise ValueError(f"is not a JMESPath expression: {_complaint(error, expression)}") from None
    if too_deep:
        raise ValueError(f"is nested in more than {_MOST_LEVELS} levels")
    _check_nodes(root, expression)
    return root


def _complaint(error: Exception, expression: str) -> str:
    if isinstance(error, LexerError):
        return f"{error.message[:1].lower()}{error.message[1:]} at character {error.lexer_position + 1}"
    if not isinstance(error, ParseError) or not error.token_value:
        return f"it ends too early, at character {len(expression) + 1}"
    return f"unexpected {error.token_value!r} at character {error.lex_position + 1}"


def _nodes(root: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node of an expression with its depth, without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in node["children"] if isinstance(child, dict)]


def _check_nodes(root: Node, expression: str) -> None:
    """Check what jmespath notices only when it evaluates an expression.

    Raises: ValueError.
    """
    expected = 0
    for node, _ in _nodes(root):
        if node["type"] == "function_expression":
            expected += _check_call(node, expression)
        if node["type"] == "slice" and node["children"][2] == 0:
            raise ValueError("is not a JMESPath expression: the step of a slice cannot be 0")
    if sum(node["type"] == "expref" for node, _ in _nodes(root)) > expected:
        raise ValueError("is not a JMESPath expression: & belongs to an argument of a function")


def _check_call(node: Node, expression: str) -> int:
    """Check the name and the arguments of a function, and return how many of these are expressions.

    Raises: ValueError.
    """
    name, arguments = node["value"], node["children"]
    where = f"{name}() at character {_position(name, expression)}"
    known = Functions.FUNCTION_TABLE.get(name)
    if known is None:
        names = ", ".join(sorted(Functions.FUNCTION_TABLE))
        raise ValueError(f"calls an unknown function: {where} is not one of {names}")
    signature: Any = known["signature"]
    is_variadic = signature[-1].get("variadic", False)
    if len(arguments) < len(signature) or (len(arguments) > len(signature) and not is_variadic):
        least = "at least " if is_variadic else ""
        raise ValueError(f"has a wrong call: {where} takes {least}{len(signature)} arguments, and got {len(arguments)}")
    takes = [each["types"] == ["expref"] for each in signature]
    if any((argument["type"] == "expref") != is_taken for argument, is_taken in zip(arguments, takes, strict=False)):
        form = f"an expression with & as argument {takes.index(True) + 1}" if True in takes else "no expression with &"
        raise ValueError(f"has a wrong call: {where} takes {form}")
    return sum(takes)


def _position(name: str, expression: str) -> int:
    tokens = list(Lexer().tokenize(expression))
    for token, following in pairwise(tokens):
        if token["value"] == name and following["type"] == "lparen":
            return int(token["start"]) + 1
    return 1


def _check_size(found: Any) -> None:
    """Count the values that writing a result would write; parts of it may be one and the same list many times.

    Raises: TooManyValuesError.
    """
    known: dict[int, int] = {}

    def size(value: Any) -> int:
        if not isinstance(value, dict | list):
            return 1
        if id(value) not in known:
            known[id(value)] = 1 + sum(map(size, value.values() if isinstance(value, dict) else value))
        return known[id(value)]

    if size(found) > MOST_VALUES:
        raise TooManyValuesError
