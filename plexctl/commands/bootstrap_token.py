"""bootstrap-token: single-use credentials with which machines enrol."""

from typing import TYPE_CHECKING

from plexctl import values
from plexctl.command import Contract, Family
from plexctl.invocation import Invocation
from plexctl.listing import show_listing
from plexctl.options import option, paging_options, project_option, token_id_option
from plexctl.render.table import Column, time_cell
from plexctl.render.text import instant, visible
from plexctl.repeating import watchable
from plexctl.settings.defaults import NAME

if TYPE_CHECKING:
    from plexctl.wire import Token

command = Family(
    "bootstrap-token",
    "A bootstrap token enrols one machine into one Project. It is shown once, when it is issued.",
)


_project_option = project_option("--project")


def _state(token: "Token") -> str:
    """Return a token's state; `consumed` and `revoked` win over `expired`."""
    from datetime import UTC, datetime

    if token.consumed_at:
        return "consumed"
    if token.revoked_at:
        return "revoked"
    return "expired" if instant(token.expires_at) <= datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") else "active"


COLUMNS = (
    Column("ID", "id"),
    Column("PROJECT", "project_id"),
    Column("ENV", "env_prefix"),
    Column("KIND", "kind"),
    Column("ISSUED_AT", "issued_at", time_cell),
    Column("EXPIRES_AT", "expires_at", time_cell),
    Column("STATE", _state, is_state=True),
)


@command.leaf(
    "issue",
    "Issue a bootstrap token",
    Contract(
        document="wire:IssuedToken",
        id_field="token_id",
        idempotent=False,
        examples=(
            'plexctl bootstrap-token issue --project "$PROJECT_ID" --kind node --env-prefix dev --ttl 1h',
            'TOKEN=$(plexctl bootstrap-token issue --project "$PROJECT_ID" --kind node --env-prefix dev --ttl 1h '
            "--query token)",
        ),
    ),
)
@_project_option
@option("--kind", type=values.OneOf(("node", "bridge")), help="What the token enrols.")
@option("--env-prefix", type=values.ENV_PREFIX, help="Name of the environment, in the token's text; only a-z.")
@option("--ttl", "ttl_seconds", type=values.WHOLE_SECONDS, help="How long the token is valid, from 5m to 24h.")
def issue(run: Invocation, project_id: str, kind: str, env_prefix: str, ttl_seconds: int) -> None:
    """The output is the only place that ever shows the plaintext. Text has a warning line; scripts use --query."""
    issued = run.api.issue_token(project_id, {"kind": kind, "env_prefix": env_prefix, "ttl_seconds": ttl_seconds})
    if not run.in_text:
        if run.flags.get("output") == NAME:
            run.warn("the plaintext of the token is not shown now, and can never be shown later")
        run.show_document(issued.document)
        return
    token = issued.view
    run.write(
        "# WARNING: this is the only time this plaintext will be displayed\n"
        f"{visible(token.token)}\n\n"
        f"token_id:   {visible(token.token_id)}\n"
        f"issued_at:  {visible(instant(token.issued_at))}\n"
        f"expires_at: {visible(instant(token.expires_at))}\n"
    )


@command.leaf(
    "list",
    "List a Project's bootstrap tokens",
    Contract(
        columns=COLUMNS,
        document="wire:TokenPage",
        id_field="id",
        examples=('plexctl bootstrap-token list --project "$PROJECT_ID"',),
    ),
)
@_project_option
@paging_options
@watchable
def list_tokens(run: Invocation, project_id: str, **paging: object) -> None:
    show_listing(run, lambda query: run.api.tokens(project_id, query), COLUMNS, **paging)


@command.leaf(
    "get",
    "Show one bootstrap token, without its plaintext",
    Contract(
        columns=COLUMNS,
        document="wire:Token",
        id_field="id",
        examples=('plexctl bootstrap-token get --project "$PROJECT_ID" --token-id "$TOKEN_ID"',),
    ),
)
@_project_option
@token_id_option
def get(run: Invocation, project_id: str, token_id: str) -> None:
    run.show(run.api.token(project_id, token_id), COLUMNS)


@command.leaf(
    "revoke",
    "Revoke a bootstrap token",
    Contract(
        destructive=True,
        examples=('plexctl bootstrap-token revoke --project "$PROJECT_ID" --token-id "$TOKEN_ID" --yes',),
    ),
)
@_project_option
@token_id_option
def revoke(run: Invocation, project_id: str, token_id: str) -> None:
    """Refused with exit code 1 if the token is redeemed or revoked already. Success prints nothing."""
    run.api.revoke_token(project_id, token_id)
