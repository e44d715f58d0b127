"""The lists of modules in docs/architecture.md are complete, and imports run down them and never up."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.pages import ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGES = ("plexctl", "plexctl/local", "plexctl/local/control")
WINGS = ROOT / "plexctl" / "local" / "control"
UNLISTED = {"__init__.py", "__main__.py", "_stamp.py", "py.typed", "__pycache__", "local/", "schema.sql"}
GROUND = {
    "payload.py",
    "failures.py",
    "identifiers.py",
    "grammar.py",
    "pieces.py",
    "version.py",
    "private_files.py",
    "permissions.py",
    "signing/",
}
BRIDGES = {
    f"plexctl/commands/{name}.py"
    for name in ("local", "local_fleet", "local_lesson", "local_options", "local_plane", "local_use")
}


def listed(package: str) -> dict[str, int]:
    """Return each part of a package with the number of the line that names it."""
    block = re.search(rf"^{package}/(?: .*)?\n((?:  .*\n)+)", PAGE, re.MULTILINE)
    assert block
    lines = (re.split(r" {2,}", line.strip())[0] for line in block[1].splitlines())
    return {part: number for number, line in enumerate(lines) for part in line.split(", ")}


def part(path: Path, package: str) -> str:
    first, *rest = path.relative_to(ROOT / package).parts
    return f"{first}/" if rest else first


def imports(package: str) -> Iterator[tuple[Path, Path]]:
    """Yield each module under a package with each module of the project that it imports."""
    for module in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):  # one form of import, so that this finds all
                assert not any(name.name.startswith("plexctl.") for name in node.names), module
            assert not (isinstance(node, ast.ImportFrom) and node.level), module
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("plexctl"):
                place = ROOT / str(node.module).replace(".", "/")
                yield from ((module, _file(place, name.name)) for name in node.names)


def _file(place: Path, name: str) -> Path:
    candidates = (place / f"{name}.py", place / name / "__init__.py", place.with_suffix(".py"), place / "__init__.py")
    return next(path for path in candidates if path.exists())


def test_every_part_is_listed():
    for package in PACKAGES:
        there = {f"{path.name}/" if path.is_dir() else path.name for path in (ROOT / package).iterdir()}
        assert there - UNLISTED - {"__pycache__/"} == listed(package).keys()


def test_imports_run_down():
    for package in PACKAGES:
        rank = listed(package)
        for module, imported in imports(package):
            if imported.is_relative_to(ROOT / package):
                above, below = part(module, package), part(imported, package)
                if {above, below} <= rank.keys():
                    assert rank[above] <= rank[below], f"{module} imports {imported}"


def test_inside_a_wing_imports_run_in_no_circle():
    below: dict[Path, set[Path]] = {}
    for module, imported in imports("plexctl/local/control"):
        if imported.parent == module.parent and imported.name != "__init__.py":
            below.setdefault(module, set()).add(imported)
    assert {path.parent.name for path in below} >= {path.name for path in WINGS.iterdir() if path.is_dir()} - {
        "__pycache__"
    }
    list(TopologicalSorter(below).static_order())  # raises CycleError, which names the circle


def test_one_module_knows_the_database_driver():
    for path in (ROOT / "plexctl").rglob("*.py"):
        if re.search(r"^\s*(import|from) sqlite3\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert path == ROOT / "plexctl" / "local" / "store.py"


def test_no_rule_takes_a_transaction_and_what_begins_one():
    begun = 0
    for path in WINGS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                taken = {ast.unparse(argument.annotation) for argument in node.args.args if argument.annotation}
                assert not {"Transaction", "Control"} <= taken, f"{path}: {node.name}"
                assert not {"Connection", "Store"} & taken or node.name == "__init__", f"{path}: {node.name}"
                begun += "Transaction" in taken
    assert begun


def test_the_two_programs_meet_in_one_family():
    local = ROOT / "plexctl" / "local"
    for module, imported in imports("plexctl"):
        if imported.is_relative_to(local) and not module.is_relative_to(local):
            assert str(module.relative_to(ROOT)) in BRIDGES
        if module.is_relative_to(local) and not imported.is_relative_to(local):
            is_client = part(module, "plexctl/local") in {"fleet/", "lesson/"}
            http = ROOT / "plexctl" / "clients" / "http.py"
            assert part(imported, "plexctl") in GROUND or (is_client and imported == http), module
