"""A decoded document → YAML in block style."""

from functools import lru_cache
from typing import Any

from plexctl.render.yaml_scalar import scalar, string

_CONTAINERS = frozenset({dict, list})
_MOST_KEY_CHARACTERS = 128  # characters; YAML requires a question mark before a longer one


def block(node: Any, pad: str = "") -> str:
    """Write a node, whose first line continues the current line; `pad` indents the lines after it."""
    kind = type(node)
    if kind is dict and node:
        return new_line(pad).join(
            [
                f"{key(name, pad)}:{after_name(member, pad)}"
                if type(member) in _CONTAINERS
                else _scalar_member(name, member, pad)
                for name, member in node.items()
            ]
        )
    if kind is list and node:
        return new_line(pad).join([f"- {block(item, pad + '  ')}" for item in node])
    return _empty(node) or scalar(node, pad)


@lru_cache(maxsize=1 << 14, typed=True)
def _scalar_member(name: str, member: str | float | None, pad: str) -> str:
    return f"{key(name, pad)}: {scalar(member, pad + '  ')}"


def after_name(node: Any, pad: str) -> str:
    """Write a member's value after its name: a list's items below it, an object's members below it and indented."""
    if type(node) is dict and node:
        return new_line(pad + "  ") + block(node, pad + "  ")
    if type(node) is list and node:
        return new_line(pad) + block(node, pad)
    return " " + (_empty(node) or scalar(node, pad + "  "))


def _empty(node: Any) -> str:
    return "{}" if type(node) is dict else "[]" if type(node) is list else ""


def new_line(pad: str) -> str:
    """Begin a new line."""
    return "\n" + pad


def key(name: str, pad: str) -> str:
    """Write a member's name, up to the colon."""
    if len(name) < _MOST_KEY_CHARACTERS:
        return string(name, is_key=True)
    return f"? {string(name, is_key=True)}{new_line(pad)}"
