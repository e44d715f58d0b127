"""Fields of request bodies: of the right JSON type (invalid_body otherwise) and within their limits.

An absent field reads as empty text or false; each rule says with its own code whether empty will do.
"""

from collections.abc import Callable, Collection, Mapping

from plexctl import grammar
from plexctl.local.control.base.refusal import Refusal

Body = Mapping[str, object]

NAME_LENGTH = 255
DESCRIPTION_LENGTH = 1024


def text(body: Body, field: str) -> str:
    value = body.get(field, "")
    if not isinstance(value, str):
        raise Refusal("invalid_body", f"{field} is not text")
    return value


def flag(body: Body, field: str) -> bool:
    value = body.get(field, False)
    if not isinstance(value, bool):
        raise Refusal("invalid_body", f"{field} is neither true nor false")
    return value


def name(body: Body, code: str) -> str:
    """Read a name, without the white space around it."""
    value = text(body, "name")
    if len(value) > NAME_LENGTH:
        raise Refusal(code, f"name has {len(value)} characters; {NAME_LENGTH} is the most")
    if not value.strip():
        raise Refusal(code, f"name is empty; give one to {NAME_LENGTH} characters")
    return value.strip()


def description(body: Body, code: str) -> str:
    """Read a description; an empty one clears it, one of white space is taken for a slip."""
    value = text(body, "description")
    if len(value) > DESCRIPTION_LENGTH:
        raise Refusal(code, f"description has {len(value)} characters; {DESCRIPTION_LENGTH} is the most")
    if value and not value.strip():
        raise Refusal(code, "description is nothing but white space; send an empty one to clear it")
    return value


def slug(body: Body, field: str, code: str) -> str:
    return _grammatical(body, field, code, grammar.slug)


def cidr(body: Body, field: str, code: str) -> str:
    return _grammatical(body, field, code, grammar.cidr)


def _grammatical(body: Body, field: str, code: str, parse: Callable[[str], str]) -> str:
    value = text(body, field)
    try:
        return parse(value)
    except ValueError as error:
        raise Refusal(code, f"{field} {value!r} {error}") from None


def check_patch(body: Body, known: Collection[str]) -> None:
    """Refuse a patch of nothing, of the slug, or of what is not there."""
    if "slug" in body:
        raise Refusal("slug_immutable", "a slug never changes; leave it out of the patch")
    unknown = sorted(body.keys() - set(known))
    if unknown:
        raise Refusal("invalid_body", f"{', '.join(unknown)} cannot be patched; {', '.join(known)} can")
    if not body:
        raise Refusal("empty_patch", f"the patch changes nothing; set one of {', '.join(known)}")
