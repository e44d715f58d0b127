"""What every failure must look like, whatever failed."""

import json

from tests.yaml_document import load_yaml

MEMBERS = [
    "kind",
    "exit_code",
    "status",
    "grpc_status",
    "code",
    "title",
    "detail",
    "instance",
    "request_id",
    "correlation_id",
    "warnings",
]
KINDS = {
    "usage",
    "credential",
    "denied",
    "not_found",
    "conflict",
    "refused",
    "rate_limited",
    "unavailable",
    "timeout",
    "malformed",
    "interrupted",
    "local",
}


def document(outcome, output):
    """Return the one error document on stderr, once its form is what every failure's is."""
    loaded = json.loads(outcome.stderr) if output == "json" else load_yaml(outcome.stderr)
    assert list(loaded) == ["error"]
    error = loaded["error"]
    assert list(error)[: len(MEMBERS)] == MEMBERS
    assert error["kind"] in KINDS
    assert error["exit_code"] == outcome.code
    assert isinstance(error["title"], str)
    assert isinstance(error["detail"], str)
    assert isinstance(error["warnings"], list)
    return error


def assert_failed(outcome, output, code):
    """Assert an exit code, an empty stdout, and one error on stderr; return its document, None in text."""
    assert (outcome.code, outcome.stdout) == (code, "")
    if output != "text":
        return document(outcome, output)
    assert outcome.stderr.startswith("plexctl: ")
    assert outcome.stderr.endswith("\n")
    assert outcome.stderr.count("\n") == 1
    return None
