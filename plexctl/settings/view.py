"""Every setting of a run, its value, and where it came from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypedDict

from plexctl.grammar import spell_seconds
from plexctl.settings.defaults import COLORS, DEFAULT_TIMEOUT, FORMATS, PROFILE_KEYS
from plexctl.settings.environment import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plexctl.settings.environment import Environment
    from plexctl.settings.resolve import RunSettings

_FILES = ("ca_file", "cert_file", "key_file")
_SIGNER = ("signer_tls", *(f"signer_{name}" for name in _FILES))
_VARIABLES = {row.flag: row.name for row in VARIABLES}
_PROFILE_VARIABLES = dict(
    zip(PROFILE_KEYS, ("PLEXSPHERE_URL", "PLEXSPHERE_TOKEN", "PLEXSPHERE_SIGNER_ENDPOINT"), strict=True)
)


class ViewedSetting(NamedTuple):
    """A setting of the run."""

    setting: Annotated[str, "its name"]
    value: Annotated[str | None, "what it is; absent where it is not set; *** for a token"]
    origin: Annotated[str | None, "the flag, variable or profile that sets it, or default"]


class SettingsView(TypedDict):
    """The document of `config view`."""

    items: Annotated[list[ViewedSetting], "every setting"]


class ConfigPath(TypedDict):
    """The document of `config path`."""

    path: Annotated[str, "the file, whether it is there or not"]


def view(
    settings: "RunSettings", flags: "Mapping[str, Any]", environment: "Environment", mask: str | None
) -> Iterator[ViewedSetting]:
    """Yield every setting, with `mask` in place of the token; nothing is checked, so that a wrong one can be found.

    Raises: Failure where config.json cannot be used.
    """
    for key, variable in _PROFILE_VARIABLES.items():
        if key == "token" and flags.get("token_file") is not None:
            yield ViewedSetting(key, mask, f"--token-file {flags['token_file']}")
            continue
        found = settings.find(key, variable)
        shown = mask if found and key == "token" and mask else found and found.value
        yield ViewedSetting(key, shown, found.origin if found else None)
    profile = settings.profiles.named or settings.profiles.default
    yield ViewedSetting("profile", profile and profile.name, settings.profiles.origin if profile else None)
    yield _of("output", flags, environment, FORMATS[0])
    yield _of("timeout", {**flags, "timeout": _duration(flags.get("timeout"))}, environment, DEFAULT_TIMEOUT)
    yield _of("max_response", flags, environment, "64M")
    yield _color(flags, environment)
    for name in (*_FILES, *_SIGNER):
        yield _of(name, flags, environment, None)


def _of(name: str, flags: "Mapping[str, Any]", environment: "Environment", default: str | None) -> ViewedSetting:
    flag = f"--{name.replace('_', '-')}"
    value = flags.get(name)
    if value is not None:
        return ViewedSetting(name, str(value), flag)
    variable = _VARIABLES.get(flag)
    value = variable and environment.get(variable)
    if value is not None:
        return ViewedSetting(name, value, variable)
    return ViewedSetting(name, default, "default" if default else None)


def _duration(nanoseconds: int | None) -> str | None:
    return None if nanoseconds is None else spell_seconds(nanoseconds / 1e9)


def _color(flags: "Mapping[str, Any]", environment: "Environment") -> ViewedSetting:
    if "color" in flags:
        return ViewedSetting("color", flags["color"], "--color")
    origin = {"never": "NO_COLOR", "always": "FORCE_COLOR"}.get(environment.color or "", "default")
    return ViewedSetting("color", environment.color or COLORS[0], origin)
