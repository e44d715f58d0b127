"""The plane's own description of its API, which every answer in these tests is held against."""

import re
from concurrent.futures import ThreadPoolExecutor
from importlib import resources

import httpx
import pytest
from jsonschema_rs import meta
from starlette.routing import Route

from plexctl import version
from plexctl.local.http import app, approval_page, openapi
from plexctl.local.http.problems import title
from tests import description, published
from tests.local.reasons import CODES


def _served(plane):
    return plane.nobody.get("/v1/openapi.json").json()


def test_it_is_served_as_it_is_made(untouched):
    document = _served(untouched)

    assert document == openapi.describe(app.operations())
    assert document["openapi"] == "3.1.0"
    assert document["info"]["version"] == version.VERSION


def test_it_has_every_route_and_no_other(untouched):
    described = {(method.upper(), path) for path, item in _served(untouched)["paths"].items() for method in item}

    pages = {(row.method, row.path) for row in approval_page.PAGES}  # for people, who need no description
    with ThreadPoolExecutor() as threads:
        api = app.create(untouched.control, threads, lambda: None)
    routes = [route for route in api.routes if isinstance(route, Route)]
    served = {(method, route.path) for route in routes for method in route.methods or () if method != "HEAD"}
    assert described | pages == served
    assert not described & pages


def test_its_schemas_are_sound_and_each_is_used(untouched):
    document = _served(untouched)
    schemas = document["components"]["schemas"]

    for schema in schemas.values():
        meta.validate(schema)
    used = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert used == set(schemas)


def test_every_body_but_a_registrations_says_that_further_members_are_refused(plane):
    schemas = _served(plane)["components"]["schemas"]
    requested = {row.body.schema for row in app.operations() if row.body} | {"ReachabilityPolicy"}

    assert {name for name in requested if schemas[name].get("additionalProperties") is not False} == {"Registration"}


def test_operation_ids_are_unique():
    names = [row.name for row in app.operations()]

    assert len(names) == len(set(names))


def test_titles_are_spelt_out():
    assert title("mesh_cidr_overlap") == "Mesh CIDR Overlap"
    assert title("nsk_invalid") == "NSK Invalid"
    assert title("node_not_found") == "Node Not Found"
    assert title("internal") == "Internal Server Error"


_PHRASES = {httpx.codes.get_reason_phrase(status) for status in httpx.codes}


def _problems(document):
    """Find every example of a problem in a description."""
    if isinstance(document, dict):
        yield from [document["example"]] if "title" in document.get("example", ()) else []
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _problems(part)


@pytest.fixture
def published_api():
    published.require()
    return description.public()


def test_every_operation_is_one_of_the_public_api(published_api):
    for row in app.operations():
        operation = published_api.operations[row.method, row.path]
        assert operation["operationId"] == row.name


def test_every_status_is_one_that_the_public_api_has_there(published_api):
    undescribed = {str(status) for status in description.UNDESCRIBED | {500}}
    for row in app.operations():
        public = published_api.operations[row.method, row.path]
        own = openapi.describe([row])["paths"][row.path][row.method.lower()]
        ours = {str(status) for name, status in description.OURS if name == row.name}
        extra = own["responses"].keys() - public["responses"].keys() - undescribed - ours
        assert not extra, row.name


def test_titles_are_spelt_as_in_its_examples(published_api):
    examples = [problem for problem in _problems(published_api.document) if problem.get("code") in CODES]
    own_titles = [problem for problem in examples if problem["title"] not in _PHRASES]

    assert {problem["code"] for problem in own_titles} >= {"sub_range_overlap", "mesh_cidr_invalidates_subrange"}
    for problem in own_titles:
        assert title(problem["code"]) == problem["title"]


def test_no_sentence_of_the_public_description_is_repeated():
    published.require()
    ours = resources.files("plexctl.local.http").joinpath("schemas")
    text = "".join(file.read_text() for file in ours.iterdir()) + str(openapi.describe(app.operations()))
    theirs = set(re.findall(r"[A-Z][^.`]{25,}\.", published.API.read_text(encoding="utf-8")))

    assert not [sentence for sentence in theirs if sentence in text]
