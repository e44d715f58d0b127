"""A failure on stderr: one line in text, one document in json and yaml."""

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from plexctl.failures import Failure, Kind
from plexctl.render.document import WRITERS
from plexctl.render.secrets import masked, masked_excerpt
from plexctl.render.text import visible

if TYPE_CHECKING:
    from plexctl.payload import Document

_PROBLEM = "problem"
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"')


def report(failure: Failure, output: str, warnings: Sequence[str], secrets: Collection[str]) -> str:
    """Write a failure in an output format; a document includes the warnings, which text has printed already."""
    if output not in WRITERS:
        return as_line(failure, secrets)
    return b"".join(WRITERS[output](error_document(failure, warnings, secrets))).decode()


def as_line(failure: Failure, secrets: Collection[str]) -> str:
    """Write `plexctl: <title>: <detail> (<code>, <status>, request <id>, correlation <id>)`, each text cut at 4 KiB."""
    usage = failure.kind is Kind.USAGE and failure.detail
    texts = [failure.detail] if usage else [text for text in (failure.title, failure.detail) if text]
    facts = [
        failure.code,
        failure.grpc_status,
        None if failure.status is None else str(failure.status),
        failure.request_id and f"request {failure.request_id}",
        failure.correlation_id and f"correlation {failure.correlation_id}",
    ]
    texts += filter(None, [_counts(failure)])
    text = ": ".join(masked_excerpt(text, secrets) for text in texts)
    known = ", ".join(masked_excerpt(fact, secrets) for fact in facts if fact)
    return visible(f"plexctl: {text}" + (f" ({known})" if known else "")) + "\n"


def _counts(failure: Failure) -> str:
    """Write what is still owned, which a refusal to delete the owner has as an extension: `projects 2, nodes 1`."""
    for name, text in failure.extensions:
        if name.endswith("child_counts"):
            from json import loads

            counts = loads(text)
            if isinstance(counts, dict):
                return ", ".join(f"{kind} {count}" for kind, count in counts.items())
    return ""


def error_document(failure: Failure, warnings: Sequence[str], secrets: Collection[str]) -> "Document":
    """Build `{"error": {…}}`: plexctl's members first, then the problem's extensions as the server sent them.

    Extensions with the name of one of plexctl's members are in an object of their own, `problem`.
    """
    from json import dumps  # an error in text does not need it

    own = {name: _masked_within(member, secrets) for name, member in _members(failure, warnings).items()}
    if not failure.extensions:
        return {"error": own}
    shown: list[str] = []
    taken: list[str] = []
    for name, text in failure.extensions:
        among = taken if name in own or name == _PROBLEM else shown
        among.append(f"{dumps(masked(name, secrets))}:{_masked_text(text, secrets)}")
    if taken:
        shown.append(f'"{_PROBLEM}":{{{",".join(taken)}}}')
    return f'{{"error":{{{",".join([dumps(own)[1:-1], *shown])}}}}}'.encode()


def _members(failure: Failure, warnings: Sequence[str]) -> dict[str, object]:
    return {
        "kind": str(failure.kind),
        "exit_code": failure.exit_code,
        "status": failure.status,
        "grpc_status": failure.grpc_status,
        "code": failure.code,
        "title": failure.title,
        "detail": failure.detail,
        "instance": failure.instance,
        "request_id": failure.request_id,
        "correlation_id": failure.correlation_id,
        "warnings": list(warnings),
    }


def _masked_within(value: object, secrets: Collection[str]) -> object:
    if isinstance(value, str):
        return masked(value, secrets)
    if isinstance(value, list):
        return [_masked_within(member, secrets) for member in value]
    return value


def _masked_text(text: bytes, secrets: Collection[str]) -> str:
    """Mask secrets in the strings of a JSON text; other strings stay as they were written."""
    import json

    def mask(string: re.Match[str]) -> str:
        content = json.loads(string[0])
        hidden = masked(content, secrets)
        return string[0] if hidden == content else json.dumps(hidden)

    return _STRING.sub(mask, text.decode())
