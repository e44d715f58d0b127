"""How this copy of plexctl was installed, and the command that installs it again with an extra."""

import json
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

_NAME = "plexctl"
# What a tool leaves in the environment that it makes for one command, and how it installs into that.
_TOOLS = {"pipx_metadata.json": ("pipx", "pipx install --force"), "uv-receipt.toml": ("uv", "uv tool install --force")}
_UNKNOWN = "SOURCE"


def advice(extra: str) -> str:
    """Return the command that installs this copy again with an extra, from where it came, in one clause."""
    try:
        found = distribution(_NAME)
    except PackageNotFoundError:
        source = f"{Path(__file__).parents[1]}[{extra}]"
        return f"this plexctl is not installed; run: {_pip()} --editable {_quoted(source)}"
    tool, command = _installer(found)
    origin = json.loads(found.read_text("direct_url.json") or "{}")
    manner, flag = (", editable", " --editable") if origin.get("dir_info", {}).get("editable") else ("", "")
    where = "" if origin else f", where {_UNKNOWN} is the checkout, archive or wheel that it came from"
    return (
        f"this plexctl was installed by {tool}{manner}; run: {command}{flag} {_quoted(_source(origin, extra))}{where}"
    )


def _quoted(source: str) -> str:
    """Quote for a shell, also where only some shells need it, as for brackets."""
    return f"'{source}'" if "'" not in source else shlex.quote(source)


def _installer(found: Distribution) -> tuple[str, str]:
    """Return the tool that has installed a distribution, and how it installs into the same environment."""
    for file, tool in _TOOLS.items():
        if (Path(sys.prefix) / file).exists():
            return tool
    if (found.read_text("INSTALLER") or "").strip() == "uv":
        return "uv", f"uv pip install --python {shlex.quote(sys.executable)}"
    return "pip", _pip()


def _pip() -> str:
    if find_spec("pip"):
        return f"{shlex.quote(sys.executable)} -m pip install"
    return f"python3 -m pip --python {shlex.quote(sys.executable)} install"


def _source(origin: Mapping[str, Any], extra: str) -> str:
    """Write a recorded origin (PEP 610) as a requirement; without one, nobody knows whose the name would be."""
    if not origin:
        return f"{_UNKNOWN}[{extra}]"
    parts = urlsplit(origin["url"])
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        return f"{_NAME}[{extra}] @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}"
    if parts.scheme == "file":
        return f"{url2pathname(parts.path)}[{extra}]"
    return f"{_NAME}[{extra}] @ {origin['url']}"
