"""The plane's own API description (OpenAPI 3.1), generated from the rows that the routes are generated from."""

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from plexctl import version
from plexctl.local.control.base import reasons
from plexctl.local.control.base.reasons import Reason
from plexctl.local.http import browser, parameters, schema_files
from plexctl.local.http.calls import Operation
from plexctl.local.http.problems import MEDIA_TYPE

Document = dict[str, Any]

_TEXT = {"type": "string"}
_CALLER_REFUSALS: Mapping[str, tuple[Reason, ...]] = {
    "operator": (reasons.UNAUTHENTICATED,),
    "session": (reasons.UNAUTHENTICATED, reasons.CSRF_ORIGIN_MISMATCH, reasons.CSRF_TOKEN_MISMATCH),
    "node": (reasons.UNAUTHORIZED, reasons.NSK_INVALID, reasons.NSK_REVOKED),
    "either": (reasons.NSK_INVALID, reasons.NSK_REVOKED),
    "anyone": (),
}
STORAGE = {reasons.STORAGE_FULL, reasons.STORAGE_UNAVAILABLE}  # refusals of every operation that needs the database
# Refusals of every operation with a body, whose content could not be read.
_UNREADABLE = {reasons.REQUEST_TIMEOUT, reasons.UNSUPPORTED_CONTENT_CODING, reasons.UNSUPPORTED_MEDIA_TYPE}
_SECURITY: Mapping[str, list[Document]] = {
    "operator": [{"operatorBearer": []}],
    "session": [{"sessionCookie": []}],
    "node": [{"nskBearer": []}],
    "either": [{"operatorBearer": []}, {"nskBearer": []}],
    "anyone": [],
}


def describe(operations: Iterable[Operation]) -> Document:
    """Return the description of the operations."""
    paths: Document = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "plexsphere, the local plane of plexctl", "version": version.VERSION},
        "paths": paths,
        "components": {
            "schemas": schema_files.read(),
            "securitySchemes": {
                "operatorBearer": {"type": "http", "scheme": "bearer", "description": "An operator's token."},
                "sessionCookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": browser.SESSION_COOKIE,
                    "description": "A session of the approval page; needs X-Plexsphere-CSRF with the cookie's value.",
                },
                "nskBearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "nsk_<env>_<base64url of the Node's id and its secret key, unpadded>",
                },
            },
        },
    }


def operation(others: Iterable[Operation]) -> Operation:
    """Make the row of the operation that serves the description, which includes it and is made at the first request."""

    @functools.cache
    def document() -> Document:
        return describe([*others, row])

    row = Operation(
        "GetOpenAPI",
        "GET",
        "/v1/openapi.json",
        "Read this description.",
        lambda _: document(),
        "OpenAPI",
        caller="anyone",
        is_stored=False,
    )
    return row


def refusals(operation: Operation) -> set[Reason]:
    """Return every reason that an operation may refuse for."""
    found = {reasons.INTERNAL, *operation.refusals, *operation.malformed_ids.values()}
    found.update(_CALLER_REFUSALS[operation.caller])
    if operation.is_stored:
        found |= STORAGE
    for parameter in (*operation.query, *operation.header):
        found.update(parameter.refusals)
    if operation.body:
        found |= {operation.body.malformed, operation.body.too_large, *_UNREADABLE}
    return found


def _operation(operation: Operation) -> Document:
    described: Document = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": _SECURITY[operation.caller],
        "parameters": _parameters(operation),
        "responses": {
            **{str(status): _answer(operation, status) for status in (operation.status, *operation.also)},
            **_problems(operation),
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(_reference(operation.body.schema))}
    return described


def _parameters(operation: Operation) -> list[Document]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [
        *({"in": "path", "name": name, "required": True, "schema": parameters.path_schema(name)} for name in names),
        *({"in": "query", "name": given.name, "schema": given.schema} for given in operation.query),
        *({"in": "header", "name": given.name, "schema": given.schema} for given in operation.header),
    ]


def _answer(operation: Operation, status: int) -> Document:
    answer: Document = {"description": HTTPStatus(status).phrase}
    if operation.schema:
        answer["content"] = {operation.media_type: {"schema": _reference(operation.schema)}}
    described = {**({"Location": "Where it is read."} if operation.location else {}), **operation.headers}
    if described:
        answer["headers"] = {name: {"description": text, "schema": _TEXT} for name, text in described.items()}
    return answer


def _problems(operation: Operation) -> Document:
    by_status: dict[int, list[str]] = defaultdict(list)
    for reason in refusals(operation):
        by_status[reason.http_status or 500].append(reason.code)
    return {str(status): _problem(codes) for status, codes in sorted(by_status.items())}


def _problem(codes: list[str]) -> Document:
    schema = {"allOf": [_reference("Problem"), {"properties": {"code": {"enum": sorted(codes)}}}]}
    return {"description": "A problem document (RFC 9457).", "content": {MEDIA_TYPE: {"schema": schema}}}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _reference(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}
