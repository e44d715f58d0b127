"""The limits of request bodies: one number for rule and description, and that number is where the API refuses."""

import itertools
import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx
import pytest

from plexctl.local.control.base import limits
from plexctl.local.http import app, openapi, schema_files
from tests import description, published
from tests.each import each
from tests.plane import LivePlane, nsk_bearer, running

WITH_BODY = [(row, row.body.schema) for row in app.operations() if row.body]
SCHEMAS = openapi.describe(app.operations())["components"]["schemas"]
STEPS = {"minLength": -1, "minimum": -1, "maxLength": 1, "maximum": 1}
NUMBERS = itertools.count(1)


class Edge(NamedTuple):
    """One limit of one field: the last number that is taken, and the way to the first that is not."""

    row: Any
    field: str
    last: int
    step: int


def _references(schema: Any) -> set[str]:
    return set(re.findall(r"#/components/schemas/(\w+)", str(schema)))


def _requested() -> dict[str, Any]:
    """Return each schema of a request as its file has it."""
    schemas, found = schema_files.unfilled(), {}
    waiting = {name for _, name in WITH_BODY}
    while waiting:
        name = waiting.pop()
        found[name] = schemas[name]
        waiting |= _references(schemas[name]) - found.keys()
    return found


def _numbers(node: Any) -> list[float]:
    if isinstance(node, dict | list):
        return [number for part in (node.values() if isinstance(node, dict) else node) for number in _numbers(part)]
    return [node] if isinstance(node, int | float) and not isinstance(node, bool) else []


def _edges():
    for row, name in WITH_BODY:
        for field, schema in SCHEMAS[name]["properties"].items():
            is_named = "$ref" in schema or "anyOf" in schema
            limited = SCHEMAS[next(iter(_references(schema)))] if is_named else schema
            for keyword, step in STEPS.items():
                may_be_empty = "anyOf" in schema and keyword == "minLength"
                if keyword in limited and not may_be_empty:
                    yield Edge(row, field, limited[keyword], step)


EDGES = list(_edges())


# The least and the most of everything that a request may have.
LIMITS = {
    "NAME": (1, 255),
    "DESCRIPTION": (0, 1024),
    "SLUG": (1, 64),
    "CIDR": (1, 49),
    "ENV_PREFIX": (1, 32),
    "RESOURCE_KIND": (1, 64),
    "EXTERNAL_REF": (1, 256),
    "REGISTRATION_TEXT": (1, 4096),
    "HEARTBEAT_TEXT": (1, 4096),
    "REPORT_VALUE": (0, 4096),
    "WORKLOAD_TAG": (0, 4096),
    "REPORTS_PER_NODE": (0, 256),
    "MANIFEST_TEXT": (1, 4096),
    "MANIFEST_ITEMS": (0, 128),
    "ACTION_PARAMETERS": (0, 64),
    "PORT": (1, 65535),
    "SIGN_IN_TEXT": (0, 4096),
    "DEVICE_CODE": (1, 4096),
    "API_TOKEN_TTL_SECONDS": (1, 31536000),
    "USER_CODES_TRIED": (0, 10),
    "CLIENT_NAME": (0, 120),
    "TTL_SECONDS": (300, 86400),
    "CLOCK_SKEW_SECONDS": (0, 60),
    "PATCHED_FIELDS": (1, 5),
    "PAGE_ITEMS": (1, 200),
}


def test_every_limit_is_the_promised_one():
    found = {name: tuple(limit) for name, limit in vars(limits).items() if isinstance(limit, limits.Limit)}
    assert found == LIMITS


def test_the_limits_of_fields_are_the_published_ones():
    published.require()
    api = description.public()
    assert api
    compared = 0
    for edge in EDGES:
        body = api.operations[edge.row.method, edge.row.path]["requestBody"]["content"]
        schema = _resolved(api, next(iter(body.values()))["schema"])
        limited = _resolved(api, schema["properties"].get(edge.field, {}))
        promised = [limited[keyword] for keyword, step in STEPS.items() if step == edge.step and keyword in limited]
        assert promised in ([], [edge.last]), edge
        compared += len(promised)
    assert compared > 40


def _resolved(api, schema):
    while "$ref" in schema:
        schema = api.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _value(field: str, size: int) -> object:
    if field in {"ttl_seconds", "listen_port"}:
        return size
    if field.endswith("_cidr"):  # the longest block that there is, since the published limit is longer still
        network = "fd00" if field == "sub_range_cidr" else "fd01"
        block = f"{network}:1111:2222:3333:4444:5555:6666:{next(NUMBERS) + 0x7000:x}/128"
        return block if len(block) <= size == 49 else "f" * size
    return "a" * size


class Populated(LivePlane):
    mesh: str
    enrolled: dict[str, Any]
    node: httpx.Client


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    with running(Populated, tmp_path_factory.mktemp("plane")) as live:
        live.mesh = live.domain("large", "fd00:1111:2222:3333::/64")
        live.enrolled = live.enrol(live.project())
        live.node = live.client(nsk_bearer(live.enrolled))
        yield live


def _create_domain(plane, number):
    return plane.admin, "/v1/domains", {"name": "D", "slug": f"d-{number}", "mesh_cidr": f"10.9.{number}.0/24"}


def _patch_domain(plane, number):
    return plane.admin, f"/v1/domains/{plane.domain(f'p-{number}', f'10.8.{number}.0/24')}", {}


def _create_project(plane, number):
    return plane.admin, "/v1/projects", {"domain_id": plane.mesh, "slug": f"c-{number}", "name": "P"}


def _patch_project(plane, number):
    return plane.admin, f"/v1/projects/{plane.project(f'p-{number}', plane.mesh)}", {}


def _issue(plane, number):
    path = f"/v1/projects/{plane.project(f't-{number}')}/bootstrap-tokens"
    return plane.admin, path, {"kind": "node", "env_prefix": "dev", "ttl_seconds": 3600}


def _register(plane, number):
    project_id = plane.project(f"r-{number}")
    return plane.nobody, "/v1/register", plane.registration(project_id, plane.token(project_id))


def _adopt(plane, number):
    return plane.admin, f"/v1/projects/{plane.project(f'a-{number}')}/resources", {"origin": "adopted", "kind": "vm"}


def _relay(plane, number):
    project_id = plane.project(f"b-{number}")
    bridge = plane.resource(project_id, kind="bridge")
    return (
        plane.admin,
        f"/v1/projects/{project_id}/resources/{bridge}/bridge/relay",
        {"enabled": True, "listen_port": 7},
    )


def _report(plane, number):
    return plane.node, f"/v1/nodes/{plane.enrolled['node_id']}/state/reports/r{number}", {"value": "x"}


def _capabilities(plane, _):
    body = {"binary_version": "v1", "binary_checksum": "A" * 43 + "="}
    return plane.node, f"/v1/nodes/{plane.enrolled['node_id']}/capabilities", body


def _heartbeat(plane, _):
    now = datetime.fromtimestamp(plane.clock() / 1_000_000, UTC).isoformat()
    body = {"client_now": now, "binary_checksum": "A" * 43 + "=", "binary_version": "v1", "nat_summary": {}}
    return plane.node, f"/v1/nodes/{plane.enrolled['node_id']}/heartbeat", body


def _device_code(plane, _):
    return plane.nobody, "/v1/auth/device-code", {"domain_id": plane.domain_id()}


def _device_token(plane, _):
    return plane.nobody, "/v1/auth/device-token", {"device_code": "unknown"}


def _api_token(plane, _):
    subject = plane.admin.get("/v1/auth/whoami").json()["subject"]
    return plane.admin, "/v1/auth/tokens", {"identity_ref": f"user:{subject}", "env_prefix": "dev"}


# Each gives somebody who may call the operation, its path at something new, and a body that is taken.
REQUESTS = {
    "CreateDomain": _create_domain,
    "PatchDomain": _patch_domain,
    "CreateProject": _create_project,
    "PatchProject": _patch_project,
    "IssueBootstrapToken": _issue,
    "PostRegister": _register,
    "CreateResource": _adopt,
    "ConfigureBridgeRelay": _relay,
    "PutNodeStateReport": _report,
    "PutNodeCapabilities": _capabilities,
    "PostNodeHeartbeat": _heartbeat,
    "PostAuthDeviceCode": _device_code,
    "PostAuthDeviceToken": _device_token,
    "PostAuthTokens": _api_token,
}


def _answer(plane, edge: Edge, size: int):
    client, path, body = REQUESTS[edge.row.name](plane, next(NUMBERS))
    if edge.field == "resource_id":  # an older name, read where the newer one is left out
        del body["resource_handle"]
    return client.request(edge.row.method, path, json=body | {edge.field: _value(edge.field, size)})


@each("edge", EDGES)
def test_the_last_value_is_taken_and_the_next_is_not(plane, edge):
    taken, refused = (_answer(plane, edge, size) for size in (edge.last, edge.last + edge.step))
    if edge.field == "bootstrap_token":  # of the right length, but not of a token's form
        assert (taken.status_code, taken.json()["code"]) == (422, "bootstrap_token_invalid")
        assert refused.json()["code"] == "invariant_violation"
    elif edge.row.name == "PostAuthDeviceToken":  # of the right length, but of no device
        assert taken.json()["code"] == "invalid_grant"
        assert refused.json()["code"] == "invalid_body"
    elif edge.field == "idp_binding_alias":
        assert taken.status_code == 404
    else:
        assert taken.is_success, taken.text
    assert refused.status_code in {400, 422}, refused.text


def test_every_operation_with_limits_is_tried():
    assert {edge.row.name for edge in EDGES} == REQUESTS.keys()
    untried = {"PostKeysRotate", "PutNodeEndpoint", "PostAuthDeviceApprove"}  # a key and a code have one length
    assert {row.name for row, _ in WITH_BODY} - REQUESTS.keys() == untried
    assert len(EDGES) > 25


def test_no_request_schema_carries_a_number_of_its_own():
    assert {name: numbers for name, schema in _requested().items() if (numbers := _numbers(schema))} == {}
    assert all(isinstance(number, int) for number in _numbers(SCHEMAS["Slug"]))
