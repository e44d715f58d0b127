"""The API description against the rules: what an operation declares is raised, and what is raised is declared."""

from plexctl.local.control.base import reasons
from plexctl.local.http import app, openapi
from tests.each import each
from tests.local import call_graph
from tests.local.reasons import REASONS

OPERATIONS = app.operations()
BEFORE_EVERY_OPERATION = {reasons.NOT_FOUND, reasons.METHOD_NOT_ALLOWED, reasons.MALFORMED_HTTP_REQUEST}


def raised(row):
    """Find what a row's own columns refuse, and what its handler leads to."""
    found = {*row.malformed_ids.values(), *(parameter.refusals[0] for parameter in row.query)}
    if row.caller == "operator":
        found.add(reasons.UNAUTHENTICATED)
    if row.body:
        found |= {row.body.malformed, row.body.too_large, reasons.REQUEST_TIMEOUT}
        found |= {reasons.UNSUPPORTED_CONTENT_CODING, reasons.UNSUPPORTED_MEDIA_TYPE}
    return found | call_graph.raised_by(row.name)


def codes(found):
    return sorted(reason.code for reason in found if reason.http_status)


@each("row", OPERATIONS)
def test_what_an_operation_declares_some_path_raises(row):
    assert codes(openapi.refusals(row) - {reasons.INTERNAL} - openapi.STORAGE - raised(row)) == []


@each("row", OPERATIONS)
def test_what_a_path_raises_the_operation_declares(row):
    assert codes(raised(row) - openapi.refusals(row)) == []


def test_every_reason_belongs_to_some_operation_or_to_the_signer():
    declared = {reason for row in OPERATIONS for reason in openapi.refusals(row)} | BEFORE_EVERY_OPERATION
    assert codes(set(REASONS.values()) - declared) == []
    assert all(bool(reason.http_status) != bool(reason.grpc_status) for reason in REASONS.values())


def test_every_reason_of_the_signer_is_raised():
    source = "".join(path.read_text() for path in (call_graph.LOCAL / "control" / "signing").glob("*.py"))
    assert [name for name, reason in REASONS.items() if reason.grpc_status and f"reasons.{name}" not in source] == []


def test_no_code_has_two_reasons():
    assert len({reason.code for reason in REASONS.values()}) == len(REASONS)
