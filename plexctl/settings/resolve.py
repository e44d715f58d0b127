"""The settings of a run, each from the first source that has it: flag, --profile, environment, default profile."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from plexctl import grammar
from plexctl.failures import Failure, Kind, usage
from plexctl.settings.config import Profile
from plexctl.settings.credential import Credential, check_token
from plexctl.settings.defaults import DEFAULT_TIMEOUT, FORMATS
from plexctl.settings.environment import Environment
from plexctl.settings.profile_choice import ProfileChoice

T = TypeVar("T")


class Setting(NamedTuple):
    """A value, and the flag, variable or profile where it was found."""

    value: str
    origin: str
    profile: Profile | None = None


class Session(NamedTuple):
    """A token that a profile holds, and the server that it belongs to, if the profile names one."""

    profile: str
    token: str
    server: grammar.Server | None


class RunSettings:
    """The settings of one run; `flags` has the global flags of the command line, by their names."""

    def __init__(self, flags: dict[str, Any], environment: Environment, warn: Callable[[str], None]) -> None:
        self._flags = flags
        self._environment = environment
        self.profiles = ProfileChoice(flags, environment, warn)

    @cached_property
    def output(self) -> str:
        """The output format: text, json or yaml; name where the flag says so.

        Raises: Failure(usage) where PLEXSPHERE_OUTPUT is another word.
        """
        flag: str | None = self._flags.get("output")
        if flag is not None:
            return flag
        value = self._environment.get("PLEXSPHERE_OUTPUT") or FORMATS[0]
        if value not in FORMATS:
            raise usage("PLEXSPHERE_OUTPUT", f"{value!r} is not one of {', '.join(FORMATS)}")
        return value

    def check_output(self) -> None:
        """Check that the output format is valid.

        Raises: Failure(usage).
        """
        _ = self.output

    @property
    def timeout_seconds(self) -> float:
        """The deadline of one logical request.

        Raises: Failure(usage) where PLEXSPHERE_TIMEOUT is not a duration longer than 0s.
        """
        flag: int | None = self._flags.get("timeout")
        if flag is not None:
            return flag / 1e9
        variable = "PLEXSPHERE_TIMEOUT"
        return _parsed(Setting(self._environment.get(variable) or DEFAULT_TIMEOUT, variable), grammar.timeout) / 1e9

    def server(self) -> grammar.Server:
        """Return the HTTP API's address.

        Raises: Failure(usage) where none is set, or it is not a URL.
        """
        found = self.find("server", "PLEXSPHERE_URL")
        if found is None:
            raise _no_server()
        return _parsed(found, grammar.server_url)

    def server_for_login(self, profile_name: str) -> grammar.Server:
        """Return the HTTP API's address for a login, whose own profile counts before the default one.

        Raises: Failure where none is set, it is not a URL, or config.json cannot be used.
        """
        own = Profile(profile_name, self.profiles.all.get(profile_name, {}))
        given = ((self._flags.get("server"), "--server"), (self._environment.get("PLEXSPHERE_URL"), "PLEXSPHERE_URL"))
        settings = [Setting(value, origin) for value, origin in given if value is not None]
        found = next(iter(settings), _of_profile(own, "server"))
        if found is None or self.profiles.named:
            return self.server()
        return _parsed(found, grammar.server_url)

    def session(self) -> Session | None:
        """Return what `logout` ends, the token of a profile, or None where that has none.

        Raises: Failure where --server names another server, or config.json cannot be used.
        """
        profile = self.profiles.named or self.profiles.default
        if profile is None or not profile.values.get("token"):
            return None
        own, origin = profile.values.get("server"), f"profile {profile.name!r}"
        server = _parsed(Setting(own, origin), grammar.server_url) if own else None
        flag = self._flags.get("server")
        if flag is not None and not (server and _same_server(server, grammar.server_url(flag))):
            credential = Credential(profile.values["token"], origin, profile)
            raise self._of_another_server(credential, own, grammar.server_url(flag))
        return Session(profile.name, profile.values["token"], server)

    def signer_endpoint(self) -> tuple[str, int]:
        """Return the signer's host and port.

        Raises: Failure(usage) where none is set, or it is not HOST:PORT.
        """
        found = self.find("signer_endpoint", "PLEXSPHERE_SIGNER_ENDPOINT")
        if found is None:
            raise Failure(
                Kind.USAGE,
                "No Signer Endpoint",
                "no signer endpoint is set: give --signer-endpoint HOST:PORT, set PLEXSPHERE_SIGNER_ENDPOINT, "
                "or name a profile with a signer_endpoint (--profile)",
            )
        return _parsed(found, grammar.endpoint)

    def describe_server(self) -> str:
        """Say which server is used, and where it, the profile and the token come from; nothing is checked.

        Raises: Failure where config.json cannot be used.
        """
        token = "--token-file" if self._flags.get("token_file") else _origin(self.find("token", "PLEXSPHERE_TOKEN"))
        return f"server {self._described('server', 'PLEXSPHERE_URL')}, token from {token}"

    def describe_signer(self) -> str:
        """Say which signer is used, and where it and the profile come from; nothing is checked.

        Raises: Failure where config.json cannot be used.
        """
        return f"signer {self._described('signer_endpoint', 'PLEXSPHERE_SIGNER_ENDPOINT')}"

    def _described(self, key: str, variable: str) -> str:
        found, profile = self.find(key, variable), self.profiles.named or self.profiles.default
        of_profile = f"profile {profile.name!r} (from {self.profiles.origin})" if profile else "no profile"
        return f"{found.value if found else 'not set'} (from {_origin(found)}), {of_profile}"

    def credential(self) -> Credential | None:
        """Return the bearer token, whichever server it belongs to, or None.

        Raises: Failure(credential) for a token that cannot be used.
        """
        path = self._flags.get("token_file")
        if path is not None:
            from plexctl.settings.token_file import read_token_file

            self.check_profiles()
            return Credential(read_token_file(path, self.timeout_seconds), "--token-file")
        found = self.find("token", "PLEXSPHERE_TOKEN")
        if found is None:
            return None
        return Credential(check_token(found.value, found.origin), found.origin, found.profile)

    def credential_for_server(self, server: grammar.Server) -> Credential:
        """Return the bearer token for an HTTP server.

        Raises: Failure(credential) where none is set, or it belongs to another server.
        """
        credential = self.credential()
        if credential is None:
            raise Failure(
                Kind.CREDENTIAL,
                "No Credential",
                "no token is set: give --token-file PATH, set PLEXSPHERE_TOKEN, "
                "or name a profile with a token (--profile)",
            )
        if credential.profile is not None:
            own = credential.profile.values.get("server")
            if not own or not _same_server(_parsed(Setting(own, credential.origin), grammar.server_url), server):
                raise self._of_another_server(credential, own, server)
        return credential

    def credential_for_signer(self, host: str, port: int) -> Credential | None:
        """Return the bearer token for a signer, or None; a profile's token goes to that profile's signer only.

        A token that would not be sent is not read.

        Raises: Failure(credential) for a token that would be sent and cannot be used.
        """
        if self._flags.get("token_file") is None:
            found = self.find("token", "PLEXSPHERE_TOKEN")
            if found is None or (found.profile and not _is_signer_of(found.profile, host, port)):
                return None
        return self.credential()

    def _of_another_server(self, credential: Credential, own: str | None, server: grammar.Server) -> Failure:
        belongs = f"belongs to {own}" if own else "belongs to no server (the profile names none)"
        # the profile that --profile names wins over the environment
        source = "--token-file" if self.profiles.named else "--token-file or PLEXSPHERE_TOKEN"
        return Failure(
            Kind.CREDENTIAL,
            "Credential Of Another Server",
            f"the token of {credential.origin} {belongs} and is not sent to {server.url}; "
            f"give {source} for this server",
        )

    def check_profiles(self) -> None:
        """Check that config.json can be used and has the profile asked for.

        Raises: Failure.
        """
        _ = self.profiles.named, self.profiles.default

    def find(self, key: str, variable: str) -> Setting | None:
        """Return a setting, unchecked, from the first source that has it; a profile's key is named like the flag.

        Raises: Failure where config.json cannot be used.
        """
        self.check_profiles()
        value = self._flags.get(key)
        if value is not None:
            return Setting(value, f"--{key}".replace("_", "-"))
        variable_value = self._environment.get(variable)
        return (
            _of_profile(self.profiles.named, key)
            or (None if variable_value is None else Setting(variable_value, variable))
            or _of_profile(self.profiles.default, key)
        )


def _origin(found: Setting | None) -> str:
    return found.origin if found else "nowhere"


def _no_server() -> Failure:
    return Failure(
        Kind.USAGE,
        "No Server",
        "no server is set: give --server URL, set PLEXSPHERE_URL, or name a profile with a server (--profile)",
    )


def _of_profile(profile: Profile | None, key: str) -> Setting | None:
    value = profile.values.get(key) if profile else None
    return Setting(value, f"profile {profile.name!r}", profile) if profile and value else None


def _is_signer_of(profile: Profile, host: str, port: int) -> bool:
    try:
        own_host, own_port = grammar.endpoint(profile.values.get("signer_endpoint") or "")
    except ValueError:
        return False
    return (_identity(own_host), own_port) == (_identity(host), port)


def _parsed(setting: Setting, parse: Callable[[str], T]) -> T:
    try:
        return parse(setting.value)
    except ValueError as error:
        shown = "its value" if "@" in setting.value else repr(setting.value)
        raise usage(setting.origin, f"{shown} {error}") from error


def _same_server(one: grammar.Server, other: grammar.Server) -> bool:
    return (one.scheme, _identity(one.host), one.port) == (other.scheme, _identity(other.host), other.port)


def _identity(host: str) -> str:
    """Normalise a host for comparison: case does not count, and the loopback names are one host."""
    name = host.lower().rstrip(".")
    return "localhost" if name in {"localhost", "127.0.0.1", "::1"} else name
