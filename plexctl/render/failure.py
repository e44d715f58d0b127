"""A failure on stderr: one line in text, one document in json and yaml."""

from collections.abc import Collection, Mapping, Sequence

from plexctl.failures import Failure, Kind
from plexctl.render.document import FORMS
from plexctl.render.secrets import masked
from plexctl.render.text import visible


def report(failure: Failure, output: str, warnings: Sequence[str], secrets: Collection[str]) -> str:
    """Write a failure in the output format asked for; a document takes the warnings in, text has shown them."""
    if output == "text":
        return line(failure, secrets)
    return "".join(FORMS[output](document(failure, warnings, secrets)))


def line(failure: Failure, secrets: Collection[str]) -> str:
    """Write `plexctl: <title>: <detail> (<code>, <status>, request <id>, correlation <id>)`."""
    usage = failure.kind is Kind.USAGE
    text = failure.detail if usage and failure.detail else ": ".join(filter(None, (failure.title, failure.detail)))
    facts = [
        failure.code,
        failure.grpc_status,
        None if failure.status is None else str(failure.status),
        failure.request_id and f"request {failure.request_id}",
        failure.correlation_id and f"correlation {failure.correlation_id}",
    ]
    known = ", ".join(fact for fact in facts if fact)
    return visible(masked(f"plexctl: {text}" + (f" ({known})" if known else ""), secrets)) + "\n"


def document(failure: Failure, warnings: Sequence[str], secrets: Collection[str]) -> Mapping[str, object]:
    """Build `{"error": {…}}`: plexctl's own members first, then the problem's extensions."""
    members: dict[str, object] = {
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
    extensions = {name: value for name, value in failure.extensions.items() if name not in members}
    masked_members = _masked_within(members | extensions, secrets)
    return {"error": masked_members}


def _masked_within(value: object, secrets: Collection[str]) -> object:
    if isinstance(value, str):
        return masked(value, secrets)
    if isinstance(value, Mapping):
        return {name: _masked_within(member, secrets) for name, member in value.items()}
    if isinstance(value, list):
        return [_masked_within(member, secrets) for member in value]
    return value
