"""User codes: eight characters that a person can compare and type, such as ABCD-EFGH."""

import base64
import re

from plexctl.local.control.base import fields, limits, reasons
from plexctl.local.control.base.fields import Body
from plexctl.local.control.base.refusal import Refusal
from plexctl.local.vault import Vault

_RANDOM_LENGTH = 5  # bytes: 40 random bits, in eight characters
_SEPARATORS = re.compile(r"[\s-]+")


def generate(vault: Vault) -> str:
    """Make a new code."""
    return _spaced(base64.b32encode(vault.random_bytes(_RANDOM_LENGTH)).decode())


def read(body: Body) -> str:
    """Read the code that a program sends, which is in upper case.

    Raises: Refusal(invalid_body).
    """
    fields.check_known(body, ("user_code",), reasons.INVALID_BODY)
    code = fields.text(body, "user_code")
    if not re.fullmatch(limits.USER_CODE, code):
        raise Refusal(reasons.INVALID_BODY, f"user_code {code[: fields.ECHOED]!r} is not a code such as ABCD-EFGH")
    return code


def normalize(typed: str) -> str:
    """Return a code as it is stored, however it was typed; text that is no code is returned as a code of no device."""
    return _spaced(_SEPARATORS.sub("", typed).upper())


def _spaced(letters: str) -> str:
    return f"{letters[:4]}-{letters[4:]}"
