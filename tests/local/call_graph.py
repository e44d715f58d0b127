"""Which reasons an operation of the HTTP API can refuse for, found by following its handler through the source."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from plexctl.local.control.base.reasons import Reason
from tests.local.reasons import REASONS
from tests.pages import ROOT

LOCAL = ROOT / "plexctl" / "local"
CONTROL = "plexctl.local.control"
FOLLOWED = {"Transaction", "Control", "Call"}  # classes whose methods are called on values rather than by their module


class Module:
    """One source file: what it defines at its top, and which modules its names stand for."""

    def __init__(self, path: Path) -> None:
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.definitions: dict[str, ast.AST] = {}
        self.methods: dict[str, ast.AST] = {}
        self.imported: dict[str, tuple[str, str]] = {}
        for node in self.tree.body:
            self._add(node)

    def _add(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef):
            self.definitions[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            self.definitions |= {target.id: node.value for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ClassDef) and node.name in FOLLOWED:
            self.methods |= {part.name: part for part in node.body if isinstance(part, ast.FunctionDef)}
        elif isinstance(node, ast.ImportFrom) and node.module:
            self.imported |= {name.name: (node.module, name.name) for name in node.names}


@functools.cache
def modules() -> dict[str, Module]:
    """Read the rules and the HTTP API, each module by its dotted name."""
    files = [*(LOCAL / "control").rglob("*.py"), *(LOCAL / "http").glob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts): Module(path) for path in files}


@functools.cache
def handlers() -> dict[str, tuple[str, ast.expr]]:
    """Find each operation's handler by the operation's name: the module that it stands in, and the expression."""
    found = {}
    for name, module in modules().items():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Operation":
                operation, handler = node.args[0], node.args[4]
                assert isinstance(operation, ast.Constant)
                assert isinstance(operation.value, str)
                found[operation.value] = (name, handler)
    return found


@functools.cache
def raised_by(operation: str) -> set[Reason]:
    """Return every reason that is named in the code which an operation's handler leads to."""
    return reached(*handlers()[operation])


def reached(module: str, node: ast.AST) -> set[Reason]:
    """Return every reason that is named in the code that a piece of code leads to."""
    found: set[Reason] = set()
    seen: set[ast.AST] = set()
    waiting = [(module, node)]
    while waiting:
        place, part = waiting.pop()
        for follower in _parts(part):
            reason, following = _step(place, follower)
            found |= {reason} if reason else set()
            waiting += [(where, what) for where, what in following if what not in seen]
            seen |= {what for _, what in following}
    return found


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a piece of code is made of, but for what only declares refusals and for refusals that are caught."""
    yield node
    for child in ast.iter_child_nodes(node):
        is_declaration = isinstance(child, ast.keyword) and child.arg == "refusals"
        is_caught = isinstance(node, ast.Try) and child in node.body and _catches_refusals(node)
        if not is_declaration and not is_caught:
            yield from _parts(child)


def _catches_refusals(node: ast.Try) -> bool:
    return any(isinstance(handler.type, ast.Name) and handler.type.id == "Refusal" for handler in node.handlers)


def _step(place: str, node: ast.AST) -> tuple[Reason | None, list[tuple[str, ast.AST]]]:
    """Resolve one name: a reason, or the definitions that it may stand for."""
    module = modules()[place]
    if isinstance(node, ast.Name):
        if node.id in module.definitions:
            return None, [(place, module.definitions[node.id])]
        source, name = module.imported.get(node.id, ("", ""))
        if source in modules() and name in modules()[source].definitions:
            return None, [(source, modules()[source].definitions[name])]
    if isinstance(node, ast.Attribute):
        source = ".".join(module.imported.get(getattr(node.value, "id", ""), ("", "")))
        if source == f"{CONTROL}.base.reasons":
            return REASONS.get(node.attr), []
        if source in modules():
            definition = modules()[source].definitions.get(node.attr)
            return None, [(source, definition)] if definition else []
        return None, [(name, each.methods[node.attr]) for name, each in modules().items() if node.attr in each.methods]
    return None, []
