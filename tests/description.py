"""Holds a plane's answers against API descriptions (OpenAPI 3.1): its own, and the public one where it is at hand."""

import gzip
import json
import re
from collections.abc import Collection
from functools import cached_property
from typing import Any

import httpx
import yaml
from jsonschema_rs import Draft202012Validator, Registry

from plexctl.local.control.base.wire_time import from_wire
from tests import published

# What the public description leaves out: statuses of HTTP itself and of a storage that fails, and answers of our own.
UNDESCRIBED = {405, 408, 413, 415, 503}
OURS = {("PostRegister", 409), ("CreateResource", 409), ("CreateResource", 501), ("PostAuthDeviceApprove", 429)}


def _is_instant(text: str) -> bool:
    try:
        from_wire(text)
    except ValueError:
        return False
    return True


class Description:
    """One description; an answer whose status it leaves out is taken only if that is one of the `undescribed`."""

    def __init__(self, document: dict[str, Any], undescribed: Collection[int] = ()) -> None:
        self.document = _nullable(document)
        self._undescribed = undescribed
        self._registry = Registry([("urn:api", self.document)])
        self._validators: dict[int, Draft202012Validator] = {}  # by the id of a schema of the document

    @cached_property
    def operations(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Each operation by its method and path template."""
        return {
            (method.upper(), path): operation
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
        }

    @cached_property
    def _routes(self) -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
        """The operations with what their paths match, literal paths first."""
        rows = sorted(self.operations.items(), key=lambda row: "{" in row[0][1])
        return [(method, re.compile(re.sub(r"{\w+}", "[^/]+", path)), operation) for (method, path), operation in rows]

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """Find the operation that a request is for; where two templates fit, the literal one."""
        return next((row for known, form, row in self._routes if known == method and form.fullmatch(path)), None)

    def check_answer(self, response: httpx.Response) -> None:
        """Fail unless the status, the media type and the body are ones that the operation may answer with."""
        request = response.request
        operation = self.operation(request.method, request.url.path)
        if operation is None:
            return
        described = operation["responses"].get(str(response.status_code))
        if described is None and self._may_be_left_out(operation["operationId"], response.status_code):
            return
        assert described, f"{request.method} {request.url.path} may not answer {response.status_code}: {response.text}"
        content = described.get("content")
        if not content:
            assert response.content == b""
            return
        media_type = response.headers["content-type"]
        assert media_type in content, f"{media_type} for {response.status_code} of {request.url.path}"
        if media_type.endswith("json"):
            self._validate(content[media_type]["schema"], json.loads(response.content))

    def _may_be_left_out(self, operation_id: str, status: int) -> bool:
        return status in self._undescribed or (bool(self._undescribed) and (operation_id, status) in OURS)

    def check_request(self, request: httpx.Request) -> None:
        """Fail unless the body is one that the operation takes."""
        operation = self.operation(request.method, request.url.path)
        assert operation, f"no operation {request.method} {request.url.path}"
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            is_gzip = request.headers.get("content-encoding") == "gzip"
            self._validate(schema, json.loads(gzip.decompress(request.content) if is_gzip else request.content))

    def parameters(self, method: str, path: str) -> set[str]:
        """Name the query parameters that an operation takes."""
        operation = self.operation(method, path)
        assert operation, f"no operation {method} {path}"
        entries = [self._resolved(entry) for entry in operation.get("parameters", ())]
        return {entry["name"] for entry in entries if entry["in"] == "query"}

    def _resolved(self, entry: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in entry:
            found = self.document
            for word in entry["$ref"].removeprefix("#/").split("/"):
                found = found[word]
            entry = found
        return entry

    def _validate(self, schema: dict[str, Any], value: object) -> None:
        if id(schema) not in self._validators:
            anchored = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
            self._validators[id(schema)] = Draft202012Validator(
                anchored, formats={"date-time": _is_instant}, validate_formats=True, registry=self._registry
            )
        self._validators[id(schema)].validate(value)


def public() -> Description | None:
    """Load the public description, where it is at hand."""
    if not published.SHARED.is_dir():
        return None
    return Description(yaml.load(published.API.read_text(encoding="utf-8"), yaml.CSafeLoader), UNDESCRIBED)


def _nullable(node: Any) -> Any:
    """Rewrite OpenAPI 3.0's `nullable`, which JSON Schema does not know."""
    if isinstance(node, list):
        return [_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {name: _nullable(value) for name, value in node.items()}
    if changed.pop("nullable", False) and isinstance(changed.get("type"), str):
        changed["type"] = [changed["type"], "null"]
    return changed
