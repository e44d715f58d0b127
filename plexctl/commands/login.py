"""login: signing in through a browser."""

from typing import TYPE_CHECKING

import click

from plexctl import values
from plexctl.command import Contract, make_leaf
from plexctl.failures import usage
from plexctl.invocation import Invocation
from plexctl.options import option
from plexctl.settings.defaults import DEFAULT_PROFILE
from plexctl.tree import TREE

if TYPE_CHECKING:
    from plexctl import wire
    from plexctl.clients.plexsphere import Plexsphere


@option("--domain-id", type=values.UUID, help="UUID of the Domain to sign in to.")
@option(
    "--idp-binding-id",
    type=values.UUID,
    help="UUID of the identity provider binding; may be left out where the Domain has one.",
    required=False,
)
@click.option(
    "--profile-name",
    type=values.PROFILE,
    help=f"Profile that gets server and token; by default that of --profile, else {DEFAULT_PROFILE!r}.",
)
@click.option("--no-browser", is_flag=True, help="Open no browser; print the URL alone.")
def login(
    run: Invocation, domain_id: str, idp_binding_id: str | None, profile_name: str | None, no_browser: bool
) -> None:
    """Prints a URL and a code on stderr, and waits until somebody approves the code on that page.

    The token and the server go into the profile of config.json, whose first profile becomes the default one. Denied or
    expired logins exit 1 and store nothing.
    """
    from plexctl.clients import device_login
    from plexctl.settings import session

    profile_name = profile_name or run.flags.get("profile") or DEFAULT_PROFILE
    server = run.settings.server_for_login(profile_name)
    session.check_can_store(run.environment.config_file)
    api = run.api_at(server, None)
    grant = api.start_device_grant(domain_id, idp_binding_id or _only_binding(api, domain_id)).view
    run.hide(grant.device_code)
    device_login.check_grant(grant)
    _ask_person(run, grant, device_login.lifetime_seconds(grant), opens_browser=not no_browser)
    token = device_login.wait_for_token(api, grant)
    run.hide(token.access_token)
    signer = session.store(run.environment.config_file, profile_name, server.url, token.access_token)
    if signer:
        run.warn(f"the profile's server was another one; check its signer_endpoint, {signer}, which is kept")
    _report(run, profile_name, token.expires_in)


def _only_binding(api: "Plexsphere", domain_id: str) -> str:
    """Return the Domain's identity provider binding where it has one.

    Raises: Failure(usage) where it has none, or several.
    """
    bindings = api.idp_bindings(domain_id)
    if len(bindings) != 1:
        known = ", ".join(f"{binding.id} ({binding.label})" for binding in bindings) or "none"
        raise usage("--idp-binding-id", f"is required: the Domain's identity provider bindings are {known}")
    return bindings[0].id


def _ask_person(run: Invocation, grant: "wire.DeviceGrant", seconds: int, *, opens_browser: bool) -> None:
    run.note(f"open {grant.verification_uri_complete}")
    run.note(f"and approve the code {grant.user_code} within {-(-seconds // 60)} min")
    if opens_browser and run.is_at_terminal:
        import webbrowser

        try:
            browser = webbrowser.get()
        except webbrowser.Error:
            return  # the URL is on the screen
        is_in_terminal = isinstance(browser, webbrowser.GenericBrowser)
        if not is_in_terminal or isinstance(browser, webbrowser.BackgroundBrowser):
            browser.open(grant.verification_uri_complete)


def _report(run: Invocation, profile_name: str, expires_in: int) -> None:
    if run.environment.get("PLEXSPHERE_TOKEN"):
        run.warn("PLEXSPHERE_TOKEN is set and is used in place of the new token of a default profile; unset it")
    if run.in_text:
        run.write(f'Logged in. Stored profile "{profile_name}".\n')
    else:
        run.show_document({"profile": profile_name, "expires_in": expires_in})


command = make_leaf(
    "login",
    TREE["login"].summary,
    Contract(
        document="wire:LoggedIn",
        idempotent=False,
        examples=(
            'plexctl login --domain-id "$DOMAIN_ID"',
            'plexctl login --domain-id "$DOMAIN_ID" --idp-binding-id "$IDP_BINDING_ID" --profile-name lab --no-browser',
        ),
    ),
    login,
)
