"""support: what somebody who helps has to know."""

from typing import TYPE_CHECKING

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.failures import Failure, usage
from plexctl.invocation import Invocation
from plexctl.options import option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.support_archive import Member

command = Family("support", "What to send to somebody who helps: versions, health and settings, without any secret.")


@command.leaf(
    "bundle",
    "Write an archive to send to support",
    Contract(
        exit_codes=(0, 1, 2),
        examples=(
            "plexctl support bundle --output plexctl-support.tar.gz",
            "plexctl support bundle --profile staging --output staging.tar.gz -o json",
        ),
    ),
)
@option("--output", "archive", type=values.Value("PATH", str), help="Archive to write, mode 0600; replaces a file.")
def bundle(run: Invocation, archive: str) -> None:
    """The archive (tar, gzip) holds what support asks for first, and no secret.

    Its members are version.txt, server-version.json, health.json, openapi.json, whoami.json, config-redacted.json, in
    which a token is ***, and env-redacted.txt, the names of the variables that begin with PLEXSPHERE_. A member that
    cannot be had holds the error document; a warning names it, and the exit code stays 0. --output is the archive's
    path here, after the command's name; the output format is -o.
    """
    from pathlib import Path

    from plexctl import support_archive

    path = Path(archive)
    problem = support_archive.problem_of(path)
    if problem:
        raise usage("--output", f"{archive!r} {problem}")
    contents = [support_archive.content_of(member, run.secrets) for member in _members(run)]
    support_archive.write(path, contents)
    missing = [content.name for content in contents if content.is_error]
    if missing:
        run.warn(f"{archive} has an error in place of {', '.join(missing)}")


def _client(run: Invocation) -> "Callable[[], Plexsphere]":
    """Return what makes the client once: with the run's token, or, where none can be used, with none."""
    from functools import cache

    @cache
    def client() -> "Plexsphere":
        try:
            return run.api
        except Failure:
            return run.api_at(run.settings.server(), None)

    return client


def _members(run: Invocation) -> "Iterator[Member]":
    """Yield the members in the order of the archive; each is read before the next one is asked for."""
    from plexctl import version
    from plexctl.settings.config import read_config
    from plexctl.support_archive import Member, redacted

    api = _client(run)
    yield Member("version.txt", lambda: f"{version.describe()}\n")
    yield Member("server-version.json", lambda: api().server_version().document)
    yield Member("health.json", lambda: api().health().document)
    yield Member("openapi.json", lambda: api().api_description().document)
    yield Member("whoami.json", lambda: run.api.whoami().document)
    yield Member("config-redacted.json", lambda: redacted(read_config(run.environment.config_file)))
    yield Member("env-redacted.txt", lambda: "".join(f"{name}\n" for name in run.environment.own_names))
