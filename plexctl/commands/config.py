"""config: the settings of a run, and the profiles of config.json."""

import os
from typing import Any, NoReturn

import click

from plexctl import grammar, values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.render.table import Column
from plexctl.settings.defaults import PROFILE_KEYS

command = Family(
    "config",
    "A profile of config.json has a server, a token and a signer endpoint. The profile that --profile or "
    "PLEXSPHERE_PROFILE names is used, else the default one.",
)

EXIT_CODES = (0, 1, 2, 3)
VIEW_COLUMNS = (Column("SETTING", "setting"), Column("VALUE", "value"), Column("ORIGIN", "origin"))
PROFILE_COLUMNS = (
    Column("NAME", "name"),
    Column("DEFAULT", "default"),
    Column("SERVER", "server"),
    Column("SIGNER_ENDPOINT", "signer_endpoint"),
    Column("TOKEN", "token"),
)

_key_argument = click.argument("key", metavar="KEY", type=values.OneOf(PROFILE_KEYS), help="Key of a profile.")
_name_argument = click.argument("name", metavar="NAME", type=values.PROFILE, help="Name of the profile.")


@command.leaf(
    "view",
    "Show every setting, its value and where it came from",
    Contract(
        columns=VIEW_COLUMNS,
        document="settings.view:SettingsView",
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=("plexctl config view", "plexctl config view --query 'items[0].value'"),
    ),
)
def view(run: Invocation) -> None:
    """The token is shown with --reveal-secrets only. Nothing is checked, so that a wrong value can be found."""
    from plexctl.payload import own_payload
    from plexctl.render.secrets import MASK
    from plexctl.settings.view import view as settings_of

    mask = None if run.flags.get("reveal_secrets") else MASK
    items = list(settings_of(run.settings, run.flags, run.environment, mask))
    run.show(own_payload({"items": [item._asdict() for item in items]}, items), VIEW_COLUMNS, items)


@command.leaf(
    "path",
    "Print where config.json is",
    Contract(
        document="settings.view:ConfigPath",
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=("plexctl config path", 'dirname "$(plexctl config path)"'),
    ),
)
def path(run: Invocation) -> None:
    """Prints the path, whether the file is there or not."""
    file = str(run.environment.config_file)
    if run.in_text:
        run.write(f"{file}\n")
    else:
        run.show_document({"path": file})


@command.leaf(
    "set",
    "Set a key of a profile",
    Contract(
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=(
            "plexctl config set server https://plexsphere.example --profile staging",
            "plexctl local token | plexctl config set token --profile staging",
        ),
    ),
)
@_key_argument
@click.argument(
    "value",
    metavar="VALUE",
    required=False,
    type=values.TEXT,
    help="Its value; the token is read from stdin instead.",
)
def set_key(run: Invocation, key: str, value: str | None) -> None:
    """The profile is that of --profile, else the default one; a new one is created.

    The first profile becomes the default one.
    """
    from plexctl.settings.config_edit import edited, profile_of

    checked = _token(run, value) if key == "token" else _checked(key, value)
    with edited(run.environment.config_file, creates=True) as document:
        profile = profile_of(document, run.settings.profiles.name)
        if key == "server" and profile.get("token") and profile.get("server") not in {None, checked}:
            run.warn(f"the profile's token, which was for {profile['server']}, is kept and goes to {checked} now")
        profile[key] = checked


@command.leaf(
    "unset",
    "Remove a key of a profile",
    Contract(calls_server=False, exit_codes=EXIT_CODES, examples=("plexctl config unset token --profile staging",)),
)
@_key_argument
def unset(run: Invocation, key: str) -> None:
    """Does nothing if the profile, or the key, is not there."""
    from plexctl.settings.config_edit import edited

    with edited(run.environment.config_file) as document:
        document.get("profiles", {}).get(run.settings.profiles.name, {}).pop(key, None)


@command.leaf(
    "list-profiles",
    "List the profiles of config.json",
    Contract(
        columns=PROFILE_COLUMNS,
        document="settings.profile_list:ProfileList",
        id_field="name",
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=("plexctl config list-profiles",),
    ),
)
def list_profiles(run: Invocation) -> None:
    """DEFAULT marks the profile that is used where neither --profile nor PLEXSPHERE_PROFILE names one."""
    from plexctl.payload import own_payload
    from plexctl.render.secrets import MASK
    from plexctl.settings.profile_list import listed

    items = listed(run.settings.profiles.all, run.settings.profiles.pointer, MASK)
    run.show(own_payload({"items": [item._asdict() for item in items]}, items), PROFILE_COLUMNS, items)


@command.leaf(
    "use-profile",
    "Make a profile the default one",
    Contract(calls_server=False, exit_codes=EXIT_CODES, examples=("plexctl config use-profile staging",)),
)
@_name_argument
def use_profile(run: Invocation, name: str) -> None:
    """Success prints nothing."""
    from plexctl.settings.config_edit import edited

    with edited(run.environment.config_file) as document:
        _check_known(document, name)
        document["default_profile"] = name


@command.leaf(
    "delete-profile",
    "Delete a profile, and its token with it",
    Contract(
        destructive=True,
        calls_server=False,
        exit_codes=EXIT_CODES,
        examples=("plexctl config delete-profile staging --yes",),
    ),
)
@_name_argument
def delete_profile(run: Invocation, name: str) -> None:
    """The token is not revoked: see 'plexctl logout --help'. If it is the default one, there is none then."""
    from plexctl.settings.config_edit import edited

    with edited(run.environment.config_file) as document:
        _check_known(document, name)
        del document["profiles"][name]
        if document.get("default_profile") == name:
            del document["default_profile"]


def _check_known(document: dict[str, Any], name: str) -> None:
    profiles = document.get("profiles", {})
    if name not in profiles:
        _refuse("name", f"{name!r} is not a profile; known: {', '.join(sorted(profiles)) or 'none'}")


def _checked(key: str, value: str | None) -> str:
    """Check a server or a signer endpoint.

    Raises: click.BadParameter.
    """
    parse = grammar.server_url if key == "server" else grammar.endpoint
    if value is None:
        _refuse("value", f"is required for {key}")
    try:
        parse(value)
    except ValueError as error:
        _refuse("value", f"{'it' if '@' in value else repr(value)} {error}")
    return value


def _token(run: Invocation, value: str | None) -> str:
    """Read a token from stdin.

    Raises: click.BadParameter; Failure.
    """
    from plexctl.settings.token_file import read_token

    if value is not None:
        _refuse("value", "a token is read from stdin, since other users can see a command line")
    if os.isatty(0):
        _refuse("key", "token is read from stdin, which is a terminal here; use 'plexctl config set token < FILE'")
    return read_token(0, "stdin", run.settings.timeout_seconds)


def _refuse(argument: str, complaint: str) -> NoReturn:
    context = click.get_current_context()
    raise click.BadParameter(complaint, context, next(each for each in context.command.params if each.name == argument))
