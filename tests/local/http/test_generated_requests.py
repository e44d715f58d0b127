"""Requests generated from the plane's own description, right and wrong ones: never a 500, every answer as described."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexctl.local.http import app, openapi
from tests.each import each
from tests.long_mode import pick
from tests.plane import LivePlane, descriptions, live_plane, nsk_bearer

if TYPE_CHECKING:
    import requests

LABELS = [f"{row.method} {row.path}" for row in app.operations()]
CALLERS = ("admin", "nobody", "node")
# Who may do nothing is mostly refused alike.
EXAMPLES = {caller: pick(3 if caller == "admin" else 1, 300) for caller in CALLERS}


class World(NamedTuple):
    """A plane that holds one of everything, what its callers send, and its ids by the noun of a path."""

    plane: LivePlane
    session: "requests.Session"
    bearers: dict[str, str]
    ids: dict[str, str]


@pytest.fixture(scope="module")
def requested() -> dict[str, st.SearchStrategy[Any]]:
    """Generated requests, right and wrong ones, by method and path."""
    import schemathesis  # it takes as long as all the other imports of a test run, and one worker needs it
    from schemathesis import GenerationMode
    from schemathesis.core.result import Ok

    def generated(operation: Any) -> st.SearchStrategy[Any]:
        right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
        has_wrong = bool(operation.body or operation.path_parameters or operation.query)
        wrong = [operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)] if has_wrong else []
        return st.one_of(right, *wrong)

    schema = schemathesis.openapi.from_dict(openapi.describe(app.operations()))
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    return {operation.label: generated(operation) for operation in operations}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    import requests

    with live_plane(tmp_path_factory.mktemp("plane")) as plane, closing(requests.Session()) as session:
        session.trust_env = False
        domain_id, project_id = plane.domain_id(), plane.project()
        node = plane.enrol(project_id)
        plane.token(project_id)
        path = f"/v1/projects/{project_id}/bootstrap-tokens"
        token_id = plane.admin.get(path).json()["items"][0]["id"]
        ids = {"domains": domain_id, "projects": project_id, "nodes": node["node_id"], "bootstrap-tokens": token_id}
        ids["resources"] = plane.resource(project_id)
        ids["peers"] = plane.enrol(project_id)["node_id"]
        yield World(plane, session, {"admin": plane.bearers["admin"], "node": nsk_bearer(node)}, ids)


@pytest.mark.parametrize("caller", CALLERS)
@each("label", LABELS)
def test_every_answer_to_a_generated_request_is_described(world, requested, label, caller):
    @settings(max_examples=EXAMPLES[caller], suppress_health_check=list(HealthCheck))
    @given(case=requested[label], is_real=st.booleans())
    def check(case: Any, *, is_real: bool) -> None:
        if is_real:
            _name_real_things(case, label, world.ids)
        headers = {"Authorization": f"Bearer {world.bearers[caller]}"} if caller in world.bearers else {}
        answer = case.call(base_url=world.plane.url, session=world.session, headers=headers)
        assert answer.status_code != 500, answer.text
        assert answer.headers["x-request-id"]
        request = httpx.Request(case.method, answer.request.url)
        sent = httpx.Response(
            answer.status_code,
            headers=[(name, value) for name, values in answer.headers.items() for value in values],
            content=answer.content,
            request=request,
        )
        for one in descriptions():
            one.check_answer(sent)

    check()


def _name_real_things(case: Any, label: str, ids: dict[str, str]) -> None:
    nouns = re.findall(r"/([\w-]+)/{(\w+)}", label)
    case.path_parameters = {name: ids.get(noun, "a-word") for noun, name in nouns}
    for place in (case.query, case.body):
        if isinstance(place, dict):
            for name in ("domain_id", "project_id"):
                if name in place:
                    place[name] = ids[f"{name.removesuffix('_id')}s"]
