"""JMESPath over a JSON text that is decoded only where an expression needs values, so that a long one takes no room."""

from collections.abc import Callable, Mapping
from typing import Any

from jmespath.visitor import TreeInterpreter

from plexctl.codec.numeric import Raw, decoded
from plexctl.codec.parts import items, members

MOST_VALUES = 10_000_000
_LONG_BYTES = 1 << 16  # a text that is taken apart once, however often an expression looks into it

Node = Any  # jmespath's own: a dict with `type`, `value` and `children`


class TooManyValuesError(Exception):
    """An expression makes more values than any use of it needs."""


class _Items(list[Any]):
    """A list whose items may be texts that are not decoded yet."""


class Interpreter(TreeInterpreter):
    """Evaluates an expression; `lazily` may return texts of objects and lists, which `visit` decodes."""

    def __init__(self) -> None:
        super().__init__()
        self._taken_apart: dict[int, tuple[Raw, Any]] = {}  # by the identity of a long text, which is kept with it

    def visit(self, node: Node, *args: Any, **_: Any) -> Any:
        """Evaluate a node to plain values."""
        return _whole(self.lazily(node, *args))

    def lazily(self, node: Node, value: Any) -> Any:
        """Evaluate a node; objects and lists that are passed through may stay texts."""
        return super().visit(node, value)

    def visit_field(self, node: Node, value: Any) -> Any:
        """Take a member of an object."""
        found = self._members(value)
        return None if found is None else _lazy(found.get(node["value"]))

    def visit_subexpression(self, node: Node, value: Any) -> Any:
        """Evaluate one node after the other, each with the value of the one before."""
        for child in node["children"]:
            value = self.lazily(child, value)
        return value

    visit_pipe = visit_index_expression = visit_subexpression

    def visit_index(self, node: Node, value: Any) -> Any:
        """Take an item of a list."""
        return _lazy(super().visit_index(node, self._items(value)))

    def visit_slice(self, node: Node, value: Any) -> Any:
        """Take some items of a list."""
        found = super().visit_slice(node, self._items(value))
        return None if found is None else _Items(found)

    def visit_flatten(self, node: Node, value: Any) -> Any:
        """Put the items of a list's lists in their place."""
        base = self._items(self.lazily(node["children"][0], value))
        if base is None:
            return None
        merged = _Items()
        for item in base:
            inner = self._items(item)
            if len(merged) + len(inner or ()) > MOST_VALUES:
                raise TooManyValuesError
            merged += [item] if inner is None else inner
        return merged

    def visit_projection(self, node: Node, value: Any) -> Any:
        """Evaluate a node for each item of a list."""
        base, each = node["children"]
        return self._projected(self._items(self.lazily(base, value)), each)

    def visit_value_projection(self, node: Node, value: Any) -> Any:
        """Evaluate a node for each member of an object."""
        base, each = node["children"]
        found = self._members(self.lazily(base, value))
        return self._projected(None if found is None else list(found.values()), each)

    def visit_filter_projection(self, node: Node, value: Any) -> Any:
        """Evaluate a node for each item of a list for which a condition holds."""
        base, each, condition = node["children"]
        found = self._items(self.lazily(base, value))
        if found is None:
            return None
        return self._projected([item for item in found if _holds(self.visit(condition, _short(item)))], each)

    def _projected(self, found: list[Any] | None, node: Node) -> Any:
        if found is None:
            return None
        is_identity = node["type"] == "identity"
        results = (self.lazily(node, _lazy(item) if is_identity else _short(item)) for item in found)
        return _Items(result for result in results if result is not None)

    def _members(self, value: Any) -> Mapping[str, Any] | None:
        """Return the members of an object, or None for anything else."""
        if isinstance(value, Raw):
            return self._apart(value, members) if _first(value) == b"{" else None
        return value if isinstance(value, dict) else None

    def _items(self, value: Any) -> list[Any] | None:
        """Return the items of a list, or None for anything else."""
        if isinstance(value, Raw):
            return self._apart(value, items) if _first(value) == b"[" else None
        return value if isinstance(value, list) else None

    def _apart(self, text: Raw, take: Callable[[Raw], Any]) -> Any:
        if len(memoryview(text)) <= _LONG_BYTES:
            return take(text)
        if id(text) not in self._taken_apart:
            self._taken_apart[id(text)] = text, take(text)
        return self._taken_apart[id(text)][1]


def _holds(value: Any) -> bool:
    """Tell whether a condition holds; unlike in Python, 0 is true."""
    return value is not None and value is not False and value not in ("", [], {})


def _first(text: Raw) -> bytes:
    return bytes(memoryview(text)[:1])


def _lazy(value: Any) -> Any:
    """Decode the text of anything but an object or a list."""
    return decoded(value) if isinstance(value, Raw) and _first(value) not in {b"{", b"["} else value


def _short(value: Any) -> Any:
    """Decode a text unless it is long."""
    return decoded(value) if isinstance(value, Raw) and len(memoryview(value)) <= _LONG_BYTES else value


def _whole(value: Any) -> Any:
    if isinstance(value, Raw):
        return decoded(value)
    return [_whole(item) for item in value] if isinstance(value, _Items) else value
