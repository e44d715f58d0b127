"""config.json: named profiles, each with a server, a token and a signer endpoint."""

import os
import stat
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from plexctl.failures import Failure, Kind, usage
from plexctl.settings.defaults import DEFAULT_PROFILE, PROFILE_KEYS

if TYPE_CHECKING:
    from pathlib import Path


class Profile(NamedTuple):
    """A profile: its name, and its values, which may be `server`, `token`, `signer_endpoint` and unknown keys."""

    name: str
    values: Mapping[str, Any]


TOP_KEYS = ("default_profile", "profiles")


def read_config(path: "Path") -> dict[str, Any]:
    """Return the whole document, unknown keys included; an absent file counts as empty.

    Raises: Failure(usage) where it is malformed; Failure(credential) where others may write it, or read a token in it.
    """
    try:
        # not to wait for the other end of a FIFO
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise usage(str(path), f"cannot be read: {error.strerror}") from error
    try:
        return _read(descriptor, path)
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: "Path") -> dict[str, Any]:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise usage(str(path), "is not a regular file")
    _check_access(descriptor, path, holds_token=False)
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        document = _parse(path, file.read())
    holds_token = any("token" in profile for profile in document["profiles"].values())
    _check_access(descriptor, path, holds_token=holds_token)
    return document


def _check_access(descriptor: int, path: "Path", *, holds_token: bool) -> None:
    from plexctl.permissions import advice_for, problem_of  # most runs have no such file

    problem = problem_of(os.fstat(descriptor), secret=holds_token)
    if problem:
        elsewhere = "copy it to a directory of your own, with mode 0600, and name that in XDG_CONFIG_HOME"
        subject = f"{path} holds a token and" if holds_token else str(path)
        advice = advice_for(descriptor, str(path), elsewhere)
        raise Failure(Kind.CREDENTIAL, "Insecure Configuration", f"{subject} {problem}; {advice}")


def _parse(path: "Path", text: bytes) -> dict[str, Any]:
    import json  # a run without such a file does not need it

    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise usage(str(path), f"is not JSON: {error}; the file was left as it is") from error
    complaint = _complaint(document)
    if complaint:
        raise usage(str(path), f"{complaint}; the file was left as it is")
    document.setdefault("profiles", {})
    return dict(document)


def _complaint(document: object) -> str | None:
    """Return what is wrong with the shape of the document, or None."""
    if not isinstance(document, dict):
        return "is not a JSON object"
    if not isinstance(document.get("default_profile", DEFAULT_PROFILE), str):
        return "default_profile is not a string"
    profiles = document.get("profiles", {})
    if not isinstance(profiles, dict):
        return "profiles is not an object"
    for name, profile in profiles.items():
        if not isinstance(profile, dict):
            return f"profile {name!r} is not an object"
        for key in PROFILE_KEYS:
            if not isinstance(profile.get(key, ""), str):
                return f"{key} of profile {name!r} is not a string"
    return None
