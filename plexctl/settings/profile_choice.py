"""Which profile of config.json a run uses, and who chose it."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from plexctl.failures import usage
from plexctl.grammar import readable
from plexctl.settings.config import Profile, read_config
from plexctl.settings.defaults import DEFAULT_PROFILE
from plexctl.settings.environment import Environment


class ProfileChoice:
    """The profiles, and the one that --profile, PLEXSPHERE_PROFILE or the file's own pointer names, in that order.

    Raises: Failure, in every property, where config.json cannot be used or has no profile of that name.
    """

    def __init__(self, flags: Mapping[str, Any], environment: Environment, warn: Callable[[str], None]) -> None:
        self._flags = flags
        self._environment = environment
        self._warn = warn

    @cached_property
    def _document(self) -> dict[str, Any]:
        document = read_config(self._environment.config_file)
        if document:
            from plexctl.settings.misspelt import warnings

            for text in warnings(document):
                self._warn(text)
        return document

    @property
    def all(self) -> dict[str, dict[str, Any]]:
        """The profiles' values by their names."""
        profiles: dict[str, dict[str, Any]] = self._document.get("profiles", {})
        return profiles

    @property
    def pointer(self) -> str:
        """The name that the file gives to the default profile, whether there is such a profile or not."""
        pointer: str = self._document.get("default_profile", DEFAULT_PROFILE)
        return pointer

    @property
    def name(self) -> str:
        """The name of the run's profile, whether there is such a profile or not."""
        flag: str | None = self._flags.get("profile")
        variable = self._environment.get("PLEXSPHERE_PROFILE")
        return flag or (variable and readable(variable)) or self.pointer

    @property
    def origin(self) -> str:
        """Who chose the profile."""
        if self._flags.get("profile") is not None:
            return "--profile"
        if self._environment.get("PLEXSPHERE_PROFILE") is not None:
            return "PLEXSPHERE_PROFILE"
        return f"default_profile in {self._environment.config_file}"

    @cached_property
    def named(self) -> Profile | None:
        """The profile that --profile names; it wins over the environment."""
        return self._existing() if self._flags.get("profile") is not None else None

    @cached_property
    def default(self) -> Profile | None:
        """The default profile, or None where --profile names another; the environment wins over it."""
        if self._flags.get("profile") is not None or (self.name == DEFAULT_PROFILE and self._is_left_out):
            return None
        return self._existing()

    @property
    def _is_left_out(self) -> bool:
        return self._environment.get("PLEXSPHERE_PROFILE") is None and DEFAULT_PROFILE not in self.all

    def _existing(self) -> Profile:
        if self.name not in self.all:
            known = ", ".join(sorted(self.all)) or "none"
            raise usage(self.origin, f"{self.name!r} is not a profile; known: {known}")
        return Profile(self.name, self.all[self.name])
