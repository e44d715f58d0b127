"""Identity provider bindings: the plane has one, which all Domains share, and whose users are its operators."""

from plexctl.local.control.base import reasons
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.control.base.transaction import Transaction
from plexctl.local.running import IDP_BINDING_ID

ALIAS = "local"


def list_shared(domain_id: str, scope: str) -> list[dict[str, object]]:
    """List the bindings of a Domain, whether it exists or not, or of the platform; the empty texts stand for none."""
    if not domain_id and not scope:
        return []
    binding = {
        "id": IDP_BINDING_ID,
        "alias": ALIAS,
        "label": ALIAS,
        "issuer_host": "localhost",
        "primary": True,
        "platform_scoped": True,
    }
    return [binding]


def check(tx: Transaction, domain_id: str, binding_id: str, alias: str) -> None:
    """Refuse unless the Domain exists and has the binding that the id or the alias names, if one does.

    Raises: Refusal(idp_binding_not_found).
    """
    is_known = binding_id in ("", IDP_BINDING_ID) and alias in ("", ALIAS)
    if not is_known or not tx.execute("SELECT 1 FROM domains WHERE id = ?", (domain_id,)).fetchone():
        raise Refusal(reasons.IDP_BINDING_NOT_FOUND)
