"""The body of a capability manifest; empty optional fields count as absent."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from plexctl.local.control.base import limits, reasons
from plexctl.local.control.base.fields import ECHOED, Body, check_known
from plexctl.local.control.base.reasons import Reason
from plexctl.local.control.base.refusal import Refusal

Manifest = dict[str, Any]

_SHA_256_LENGTH = 32  # bytes
_FIELDS = (
    "binary_version",
    "binary_checksum",
    "ssh_host_key_fingerprint",
    "declared_hooks",
    "plexd_hooks",
    "builtin_actions",
)
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}=?")
_IMAGE_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_LARGEST_INTEGER = 2**63 - 1


class _ListRule(NamedTuple):
    """A list of named entries: the fields of each, its own check, and the refusals."""

    fields: Collection[str]
    check: Callable[[Body], bool]
    invalid: Reason
    duplicate: Reason
    too_many: Reason


def read(body: Body) -> Manifest:
    """Check a manifest and return it without its empty fields.

    Raises: Refusal(malformed_capabilities_request, binary_version_empty, binary_checksum_invalid,
    ssh_host_key_fingerprint_invalid, declared_hook_invalid, declared_hook_duplicate, declared_hooks_too_many,
    plexd_hook_invalid, plexd_hook_duplicate, plexd_hooks_too_many, builtin_action_invalid, builtin_action_duplicate,
    builtin_actions_too_many).
    """
    check_known(body, _FIELDS, reasons.MALFORMED_CAPABILITIES_REQUEST)
    texts = {name: _text(body, name) for name in _FIELDS[:3]}
    lists = {name: _items(body, name, rule) for name, rule in _LISTS.items()}
    if not texts["binary_version"].strip():
        raise Refusal(reasons.BINARY_VERSION_EMPTY, "binary_version is missing or blank; send the version of plexd")
    if not _is_digest(texts["binary_checksum"]):
        detail = "binary_checksum is not a SHA-256 digest: send its 32 bytes as 44 characters of base64"
        raise Refusal(reasons.BINARY_CHECKSUM_INVALID, detail)
    if texts["ssh_host_key_fingerprint"] and not _FINGERPRINT.fullmatch(texts["ssh_host_key_fingerprint"]):
        detail = "ssh_host_key_fingerprint is not SHA256: and the base64 of 32 bytes"
        raise Refusal(reasons.SSH_HOST_KEY_FINGERPRINT_INVALID, detail)
    for name, items in lists.items():
        _check_list(name, items, _LISTS[name])
    return {name: value for name, value in (texts | lists).items() if value}


def _text(body: Body, name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > limits.MANIFEST_TEXT.most:
        raise _malformed(f"{name} is not text of at most {limits.MANIFEST_TEXT.most} characters")
    return value


def _items(body: Body, name: str, rule: _ListRule) -> list[Body]:
    """Read a list of objects whose members are known."""
    value = body.get(name, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise _malformed(f"{name} is not a list of objects")
    for item in value:
        check_known(item, rule.fields, reasons.MALFORMED_CAPABILITIES_REQUEST)
    return value


def _check_list(name: str, items: list[Body], rule: _ListRule) -> None:
    if len(items) > limits.MANIFEST_ITEMS.most:
        raise Refusal(rule.too_many, f"{name} has {len(items)} entries; {limits.MANIFEST_ITEMS.most} is the most")
    seen: set[object] = set()
    for number, item in enumerate(items, 1):
        if not (_is_name(item.get("name")) and rule.check(item)):
            raise Refusal(rule.invalid, f"entry {number} of {name} has a missing or an unacceptable field")
        if item["name"] in seen:
            raise Refusal(rule.duplicate, f"{name} names {str(item['name'])[:ECHOED]!r} twice")
        seen.add(item["name"])


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= limits.MANIFEST_TEXT.most


def _is_optional_text(value: object) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= limits.MANIFEST_TEXT.most)


def _is_digest(value: object) -> bool:
    try:
        digest = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        return False
    return len(digest) == _SHA_256_LENGTH and base64.b64encode(digest).decode() == value


def _is_plexd_hook(hook: Body) -> bool:
    digest, parameters = hook.get("image_digest"), hook.get("parameters", {})
    timeout = hook.get("timeout_seconds", 0)
    return (
        isinstance(digest, str)
        and bool(_IMAGE_DIGEST.fullmatch(digest))
        and isinstance(parameters, dict)
        and all(isinstance(value, str) for value in parameters.values())
        and type(timeout) is int
        and 0 <= timeout <= _LARGEST_INTEGER
        and isinstance(hook.get("sandbox", False), bool)
    )


def _is_builtin_action(action: Body) -> bool:
    parameters = action.get("parameters", [])
    if not _is_optional_text(action.get("description")) or not isinstance(parameters, list):
        return False
    if len(parameters) > limits.ACTION_PARAMETERS.most:
        detail = f"a built-in action has more than {limits.ACTION_PARAMETERS.most} parameters"
        raise Refusal(reasons.BUILTIN_ACTIONS_TOO_MANY, detail)
    if not all(isinstance(each, dict) and _is_parameter(each) for each in parameters):
        return False
    return len({each["name"] for each in parameters}) == len(parameters)


def _is_parameter(parameter: Body) -> bool:
    check_known(parameter, _PARAMETER_FIELDS, reasons.MALFORMED_CAPABILITIES_REQUEST)
    texts = (parameter.get(name) for name in ("type", "default", "description"))
    is_required = parameter.get("required", False)
    return _is_name(parameter.get("name")) and all(map(_is_optional_text, texts)) and isinstance(is_required, bool)


def _malformed(detail: str) -> Refusal:
    return Refusal(reasons.MALFORMED_CAPABILITIES_REQUEST, detail)


_PARAMETER_FIELDS = ("name", "type", "required", "default", "description")
_LISTS = {
    "declared_hooks": _ListRule(
        ("name", "checksum"),
        lambda hook: _is_digest(hook.get("checksum")),
        reasons.DECLARED_HOOK_INVALID,
        reasons.DECLARED_HOOK_DUPLICATE,
        reasons.DECLARED_HOOKS_TOO_MANY,
    ),
    "plexd_hooks": _ListRule(
        ("name", "image_digest", "parameters", "timeout_seconds", "sandbox"),
        _is_plexd_hook,
        reasons.PLEXD_HOOK_INVALID,
        reasons.PLEXD_HOOK_DUPLICATE,
        reasons.PLEXD_HOOKS_TOO_MANY,
    ),
    "builtin_actions": _ListRule(
        ("name", "description", "parameters"),
        _is_builtin_action,
        reasons.BUILTIN_ACTION_INVALID,
        reasons.BUILTIN_ACTION_DUPLICATE,
        reasons.BUILTIN_ACTIONS_TOO_MANY,
    ),
}
