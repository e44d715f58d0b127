"""The token that a login stores in a profile of config.json, and that a logout removes."""

import os
from pathlib import Path

from plexctl.failures import Failure, Kind
from plexctl.settings.config_edit import edited, profile_of


def check_can_store(path: Path) -> None:
    """Refuse a config.json that cannot be replaced, before anybody approves a login in vain.

    Raises: Failure(local).
    """
    directory = path.resolve().parent
    while not directory.exists():
        directory = directory.parent
    if not (directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)):
        detail = f"{path} cannot be written: {directory} is not a directory that you may write"
        raise Failure(Kind.LOCAL, "Local Failure", detail)


def store(path: Path, profile_name: str, server: str, token: str) -> str | None:
    """Put server and token into a profile, of which the first becomes the default; all else stays as it is.

    Return the profile's signer endpoint where it was that of another server, else None.

    Raises: Failure where the file cannot be used; OSError.
    """
    with edited(path, creates=True) as document:
        profile = profile_of(document, profile_name)
        is_other = profile.get("server") != server
        profile |= {"server": server, "token": token}
        return profile.get("signer_endpoint") if is_other else None


def clear(path: Path, profile_name: str, token: str) -> None:
    """Remove a token from a profile, unless another one has taken its place.

    Raises: Failure where the file cannot be used; OSError.
    """
    with edited(path) as document:
        profile = document.get("profiles", {}).get(profile_name, {})
        if profile.get("token") == token:
            del profile["token"]
