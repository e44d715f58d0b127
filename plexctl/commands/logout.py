"""logout: the end of what login began."""

from typing import TYPE_CHECKING

from plexctl.command import Contract, make_leaf
from plexctl.invocation import Invocation
from plexctl.tree import TREE

if TYPE_CHECKING:
    from plexctl.settings.resolve import Session


def logout(run: Invocation) -> None:
    """Acts on the profile that --profile names, else on the default one; no other token is looked at.

    A token that the server does not know any more is removed, too. If the server cannot be reached or refuses, the
    token stays, and the exit code says so. The rest of the profile is kept.
    """
    found = run.settings.session()
    if found is None:
        run.write_error("No active session; nothing to do.\n")
        return
    from plexctl.settings import session

    is_revoked = _revoke(run, found)
    session.clear(run.environment.config_file, found.profile, found.token)
    if run.in_text:
        from plexctl.render.text import visible

        run.write(f'Logged out. Cleared profile "{visible(found.profile)}".\n')
    else:
        run.show_document({"profile": found.profile, "revoked": is_revoked})


def _revoke(run: Invocation, found: "Session") -> bool:
    """Revoke the token on its server; tell whether that was possible.

    Raises: Failure where the server does not revoke it.
    """
    from plexctl.grammar import api_token_id

    run.hide(found.token)
    token_id = api_token_id(found.token)
    if token_id is None or found.server is None:
        lacking = "has no server" if token_id else "holds no API token"
        run.warn(f"profile {found.profile!r} {lacking}: its token is removed here and not revoked")
        return False
    run.api_at(found.server, found.token).revoke_api_token(token_id)
    return True


command = make_leaf(
    "logout",
    TREE["logout"].summary,
    Contract(document="wire:LoggedOut", examples=("plexctl logout", "plexctl logout --profile lab")),
    logout,
)
