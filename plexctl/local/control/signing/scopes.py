"""Signing scopes (`platform`, `domain:<uuid>`) and who may use their keys."""

from plexctl import grammar
from plexctl.local.control.base import authorization, reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.relations import ADMIN, Domain, Platform, Principal
from plexctl.local.control.base.transaction import Control, Transaction

_PLATFORM_REFUSED = {
    "saas": "SaaS deployments require per-Domain keys",
    "selfhosted-multi": "multi-Domain installations require per-Domain keys",
}


def parse(scope: str, *key_ids: str) -> str:
    """Check the form of a scope and of key ids, and return the scope in its canonical spelling.

    Raises: Refusal(signing_invariant_violation).
    """
    try:
        for key_id in key_ids:
            grammar.key_id(key_id)
        return grammar.scope(scope)
    except ValueError:
        raise Refusal(reasons.SIGNING_INVARIANT_VIOLATION) from None


def authenticate(control: Control, bearer: str | None) -> Principal:
    """Find the operator that a call's bearer belongs to.

    Raises: Refusal(signing_caller_not_authenticated).
    """
    caller = None if bearer is None else authorization.authenticate(control, bearer)
    if caller is None:
        raise Refusal(reasons.SIGNING_CALLER_NOT_AUTHENTICATED)
    return caller


def admit(tx: Transaction, scope: str, deployment_profile: str) -> None:
    """Refuse unless the caller is admin of the scope and the deployment has that scope.

    Raises: Refusal(signing_caller_not_permitted, signing_scope_not_permitted, signing_key_not_found).
    """
    _require_admin(tx, scope)
    if scope == "platform" and deployment_profile in _PLATFORM_REFUSED:
        reason = _PLATFORM_REFUSED[deployment_profile]
        raise Refusal(
            reasons.SIGNING_SCOPE_NOT_PERMITTED,
            f'signing scope "platform" not permitted in profile "{deployment_profile}": {reason}',
        )
    if not tx.execute("SELECT 1 FROM signing_keys WHERE scope = ?", (scope,)).fetchone():
        raise Refusal(reasons.SIGNING_KEY_NOT_FOUND)


def _require_admin(tx: Transaction, scope: str) -> None:
    _, _, domain_id = scope.partition(":")
    try:
        tx.require(ADMIN, Domain(domain_id) if domain_id else Platform())
    except Refusal:
        raise Refusal(reasons.SIGNING_CALLER_NOT_PERMITTED) from None
