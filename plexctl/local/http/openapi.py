"""The plane's own API description (OpenAPI 3.1), made from the rows that the routes are made from."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from importlib import resources
from typing import Any

from plexctl import version
from plexctl.local.http.calls import Operation
from plexctl.local.http.problems import MEDIA_TYPE, STATUSES

Document = dict[str, Any]

_UUID = {"type": "string", "format": "uuid"}
_QUERY: Mapping[str, Document] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    "cursor": {"type": "string"},
    "domain_id": _UUID,
}
_QUERY_CODES: Mapping[str, tuple[str, ...]] = {
    "limit": ("invalid_limit",),
    "cursor": ("invalid_cursor", "cursor_binding_mismatch"),
    "domain_id": ("invalid_domain_filter",),
}
_CALLER_CODES: Mapping[str, tuple[str, ...]] = {
    "operator": ("unauthenticated",),
    "node": ("unauthorized", "nsk_invalid", "nsk_revoked"),
    "anyone": (),
}
_SECURITY: Mapping[str, list[Document]] = {
    "operator": [{"operatorBearer": []}],
    "node": [{"nskBearer": []}],
    "anyone": [],
}


def describe(operations: Iterable[Operation]) -> Document:
    paths: Document = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "plexsphere, the local plane of plexctl", "version": version.VERSION},
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "operatorBearer": {"type": "http", "scheme": "bearer", "description": "An operator's token."},
                "nskBearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "nsk_<env>_<base64url of the Node's id and its secret key, unpadded>",
                },
            },
        },
    }


def operation(others: Iterable[Operation]) -> Operation:
    """Make the row of the operation that serves the description, which is in it too."""
    row = Operation(
        "GetOpenAPI",
        "GET",
        "/v1/openapi.json",
        "Read this description.",
        lambda _: document,
        "OpenAPI",
        caller="anyone",
    )
    document = describe([*others, row])
    return row


def _schemas() -> Document:
    folder = resources.files("plexctl.local.http").joinpath("schemas")
    found: Document = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        found.update(json.loads(file.read_text(encoding="utf-8")))
    return found


def codes(operation: Operation) -> list[str]:
    """List every code that an operation may refuse with."""
    found = {"internal", *operation.refusals, *operation.malformed_ids.values(), *_CALLER_CODES[operation.caller]}
    for parameter in operation.query:
        found.update(_QUERY_CODES[parameter])
    if operation.body:
        found |= {operation.body.malformed, operation.body.too_large}
    return sorted(found)


def _operation(operation: Operation) -> Document:
    described: Document = {
        "operationId": operation.name,
        "summary": operation.summary,
        "security": _SECURITY[operation.caller],
        "parameters": _parameters(operation),
        "responses": {
            **{str(status): _answer(operation, status) for status in (operation.status, *operation.also)},
            **_refusals(operation),
        },
    }
    if operation.body:
        described["requestBody"] = {"required": True, "content": _json(_reference(operation.body.schema))}
    return described


def _parameters(operation: Operation) -> list[Document]:
    ids = re.findall(r"{(\w+)}", operation.path)
    return [
        *({"in": "path", "name": name, "required": True, "schema": _UUID} for name in ids),
        *({"in": "query", "name": name, "schema": _QUERY[name]} for name in operation.query),
    ]


def _answer(operation: Operation, status: int) -> Document:
    answer: Document = {"description": HTTPStatus(status).phrase}
    if operation.schema:
        answer["content"] = _json(_reference(operation.schema))
    if operation.location:
        answer["headers"] = {"Location": {"description": "Where it is read.", "schema": {"type": "string"}}}
    return answer


def _refusals(operation: Operation) -> Document:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes(operation):
        by_status[STATUSES[code]].append(code)
    return {str(status): _refusal(status, found) for status, found in sorted(by_status.items())}


def _refusal(status: int, found: list[str]) -> Document:
    schema = {"allOf": [_reference("Problem"), {"properties": {"code": {"enum": found}}}]}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _reference(schema: str) -> Document:
    return {"$ref": f"#/components/schemas/{schema}"}
