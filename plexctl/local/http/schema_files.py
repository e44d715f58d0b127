"""The schemas of the API description, read from files that name a limit in place of its number."""

import json
import re
from importlib import resources
from typing import Any

from plexctl.local.control.base import limits

_LIMIT = re.compile(r"\$\{(?P<name>[A-Z_]+)\.(?P<end>least|most)\}")


def read() -> dict[str, Any]:
    """Return every schema by its name, with the limits' numbers filled in."""
    return {name: _filled(schema) for name, schema in unfilled().items()}


def unfilled() -> dict[str, Any]:
    """Return every schema by its name, with the limits still named."""
    folder = resources.files("plexctl.local.http").joinpath("schemas")
    found: dict[str, Any] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def _filled(node: Any) -> Any:  # noqa: ANN401  any JSON
    """Replace each limit's name by its number: `${NAME.most}` alone becomes a number, within a text digits."""
    if isinstance(node, dict):
        return {name: _filled(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(item) for item in node]
    if not isinstance(node, str):
        return node
    alone = _LIMIT.fullmatch(node)
    return _number(alone) if alone else _LIMIT.sub(lambda match: str(_number(match)), node)


def _number(match: re.Match[str]) -> int:
    return int(getattr(getattr(limits, match["name"]), match["end"]))
