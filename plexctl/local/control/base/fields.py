"""Readers for the fields of request bodies: each checks the JSON type (invalid_body) and the limits.

An absent field reads as empty text or false; each rule decides whether empty is allowed, and refuses with its own
reason.
"""

from collections.abc import Callable, Collection, Mapping

from plexctl import grammar
from plexctl.local.control.base import limits, reasons
from plexctl.local.control.base.limits import Limit
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal

Body = Mapping[str, object]
ECHOED = 40  # characters of an unknown or refused value that its refusal repeats


def text(body: Body, field: str) -> str:
    """Read text.

    Raises: Refusal(invalid_body).
    """
    value = body.get(field, "")
    if not isinstance(value, str):
        raise Refusal(reasons.INVALID_BODY, f"{field} is not text")
    return value


def flag(body: Body, field: str) -> bool:
    """Read true or false.

    Raises: Refusal(invalid_body).
    """
    value = body.get(field, False)
    if not isinstance(value, bool):
        raise Refusal(reasons.INVALID_BODY, f"{field} is neither true nor false")
    return value


def whole_number(body: Body, field: str, limit: Limit) -> int:
    """Read an integer within a limit; 300.0 is an integer in JSON.

    Raises: Refusal(invalid_body).
    """
    value = body.get(field)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not limit.least <= value <= limit.most:
        raise Refusal(reasons.INVALID_BODY, f"{field} {value!r} is not an integer from {limit.least} to {limit.most}")
    return value


def name(body: Body, reason: Reason) -> str:
    """Read a name, without the white space around it.

    Raises: Refusal(invalid_body, reason).
    """
    value = text(body, "name")
    if len(value) > limits.NAME.most:
        raise Refusal(reason, f"name has {len(value)} characters; {limits.NAME.most} is the most")
    if not value.strip():
        raise Refusal(reason, f"name is empty; give one to {limits.NAME.most} characters")
    return value.strip()


def description(body: Body, reason: Reason) -> str:
    """Read a description; an empty one clears it, one of white space only is refused as a mistake.

    Raises: Refusal(invalid_body, reason).
    """
    value = text(body, "description")
    if len(value) > limits.DESCRIPTION.most:
        raise Refusal(reason, f"description has {len(value)} characters; {limits.DESCRIPTION.most} is the most")
    if value and not value.strip():
        raise Refusal(reason, "description is nothing but white space; send an empty one to clear it")
    return value


def slug(body: Body, field: str, reason: Reason) -> str:
    """Read a slug.

    Raises: Refusal(invalid_body, reason).
    """
    return _grammatical(body, field, reason, grammar.slug)


def cidr(body: Body, field: str, reason: Reason) -> str:
    """Read a CIDR block in its standard spelling.

    Raises: Refusal(invalid_body, reason).
    """
    return _grammatical(body, field, reason, grammar.cidr)


def _grammatical(body: Body, field: str, reason: Reason, parse: Callable[[str], str]) -> str:
    value = text(body, field)
    try:
        return parse(value)
    except ValueError as error:
        raise Refusal(reason, f"{field} {value!r} {error}") from None


def check_known(body: Body, known: Collection[str], reason: Reason) -> None:
    """Refuse an object with a member that the operation does not know.

    Raises: Refusal(reason).
    """
    unknown = sorted(body.keys() - set(known))
    if unknown:
        raise Refusal(reason, f"{unknown[0][:ECHOED]!r} is not a field here; the fields are {', '.join(known)}")


def check_patch(body: Body, known: Collection[str]) -> None:
    """Refuse a patch that is empty, names the slug, or names a field that cannot be patched.

    Raises: Refusal(slug_immutable, invalid_body, empty_patch).
    """
    if "slug" in body:
        raise Refusal(reasons.SLUG_IMMUTABLE, "a slug never changes; leave it out of the patch")
    check_known(body, known, reasons.INVALID_BODY)
    if not body:
        raise Refusal(reasons.EMPTY_PATCH, f"the patch changes nothing; set one of {', '.join(known)}")
