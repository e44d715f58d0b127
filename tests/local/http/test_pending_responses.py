"""What a registration leads to becomes visible after its answer, and does so whatever becomes of the answer."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexctl.local.control.worker import deliver_due
from plexctl.local.http import app
from tests.local.database import value


class Api:
    """The HTTP API without a server, so that a test stands where an answer goes out."""

    def __init__(self, control, threads):
        self.woken = 0
        self._app = app.create(control, threads, self._wake)

    def post(self, path, document, send):
        body = json.dumps(document).encode()

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [],
            "state": {},
        }
        asyncio.run(self._app(scope, receive, send))

    def _wake(self):
        self.woken += 1


@pytest.fixture
def api(control):
    with ThreadPoolExecutor(1) as threads:
        yield Api(control, threads)


@pytest.fixture
def request_body(seeded):
    return seeded.request(seeded.project())


def peers(control):
    return value(control, "SELECT count(*) FROM peers")


def test_no_work_is_done_before_the_answer_is_out(control, api, request_body):
    seen = []

    async def send(message):
        deliver_due(control)  # a worker that is awake for another reason
        seen.append((message["type"], message.get("status"), peers(control), api.woken))

    api.post("/v1/register", request_body, send)

    assert seen == [("http.response.start", 201, 0, 0), ("http.response.body", None, 0, 0)]
    assert api.woken == 1
    assert deliver_due(control) == 1
    assert peers(control) == 1


def test_an_answer_that_cannot_be_sent_holds_nothing_up(control, api, request_body):
    async def send(_):
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        api.post("/v1/register", request_body, send)

    assert api.woken == 1
    assert deliver_due(control) == 1


def test_a_request_holds_up_its_own_work_alone(control, api, request_body, seeded):
    delivered = []

    async def send(_):
        delivered.append(deliver_due(control))

    seeded.enrol(request_body["project_id"])
    api.post("/v1/register", request_body, send)

    assert delivered == [1, 0]


def test_a_refused_request_wakes_nobody(api, request_body):
    statuses = []

    async def send(message):
        statuses.append(message.get("status"))

    api.post("/v1/register", request_body | {"nonce": ""}, send)

    assert statuses == [422, None]
    assert api.woken == 0
