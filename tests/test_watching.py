"""--watch in a pipe: one document per change, and an end that is the user's."""

import json
import re
import signal

import pytest
import yaml

from tests.fake_server import answer, problem
from tests.polling import Waits, interrupt, nothing
from tests.samples import ID, LIST, PROJECT
from tests.tree import leaves
from tests.waiting import PATIENCE_SECONDS, eventually

WATCH = f"peer list --domain {ID} --watch"
TOPOLOGY = f"mesh topology --domain {ID} --watch"


def mesh(state, moment="2026-05-01T12:00:00Z"):
    node = {"node_id": ID, "mesh_ip": "10.50.0.1", "reachability": state}
    return answer(200, {"generated_at": moment, "nodes": [node], "edges": []})


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    return Waits(monkeypatch)


def states(text):
    return [document["items"][0]["reachability"] for document in map(json.loads, text.splitlines())]


def test_json_has_each_change_on_one_line(against, server, pauses):
    server.play(mesh("healthy"), mesh("healthy"), mesh("stale"), mesh("dormant"))
    pauses.play(nothing, nothing, nothing, nothing, interrupt)
    outcome = against(f"{WATCH} -o json")
    assert (outcome.code, states(outcome.stdout)) == (130, ["healthy", "stale", "dormant"])
    assert outcome.error["kind"] == "interrupted"
    assert pauses.asked == [2.0] * 5


def test_a_query_keeps_each_change_on_one_line(against, server, pauses):
    server.play(mesh("healthy"), mesh("healthy"), mesh("stale"), mesh("dormant"))
    pauses.play(nothing, nothing, nothing, nothing, interrupt)
    outcome = against(f"{WATCH} -o json --query items[].reachability")
    assert [json.loads(line) for line in outcome.stdout.splitlines()] == [["healthy"], ["stale"], ["dormant"]]


def test_yaml_is_a_stream_of_documents(against, server, pauses):
    server.play(mesh("healthy"), mesh("stale"))
    pauses.play(nothing, nothing, interrupt)
    outcome = against(f"{WATCH} -o yaml")
    assert outcome.stdout.startswith("---\nitems:\n")
    found = list(yaml.safe_load_all(outcome.stdout))
    assert [document["items"][0]["reachability"] for document in found] == ["healthy", "stale"]


def test_text_has_the_table_again_after_a_blank_line(against, server, pauses):
    server.play(mesh("healthy"), mesh("stale"))
    pauses.play(nothing, nothing, interrupt)
    outcome = against(WATCH)
    server.play(mesh("healthy"))
    once = against(WATCH.removesuffix(" --watch")).stdout
    first, second = outcome.stdout.split("\n\n")
    assert first + "\n" == once
    assert "stale" in second
    assert outcome.stderr == "plexctl: interrupted\n"


def test_the_time_of_a_snapshot_is_no_change(against, server, pauses):
    for output in ("json", "yaml", "text"):
        server.play(mesh("healthy", "2026-05-01T12:00:00Z"), mesh("healthy", "2026-05-01T12:00:02Z"), mesh("stale"))
        pauses.play(nothing, nothing, interrupt)
        outcome = against(f"{TOPOLOGY} -o {output}")
        assert outcome.stdout.count("generated_at") == {"json": 2, "yaml": 2, "text": 0}[output]


def projects(name, moment="2026-05-01T12:00:00Z", cursor=None):
    return answer(200, {"items": [{**PROJECT, "name": name}], "generated_at": moment, "next_cursor": cursor})


@pytest.mark.parametrize("output", ["text", "json", "yaml", "json --query items[].name"])
def test_a_change_after_the_name_of_a_member_that_changes_each_time_is_shown(against, server, pauses, output):
    server.play(projects("next_cursor one"), projects("next_cursor two"), projects("generated_at"))
    pauses.play(nothing, nothing, interrupt)
    shown = against(f"{LIST} --watch -o {output}").stdout
    names = re.findall(r"next_cursor one|next_cursor two|generated_at\b(?!\"?:)", shown)
    assert names == ["next_cursor one", "next_cursor two", "generated_at"]


@pytest.mark.parametrize("expression", ["{t:generated_at}", "[next_cursor,generated_at]"])
def test_a_query_for_what_changes_each_time_waits_for_another_change(against, server, pauses, expression):
    looks = [("a", "2026-05-01T12:00:00Z", "x"), ("a", "2026-05-01T12:00:02Z", "y"), ("b", "2026-05-01T12:00:04Z", "z")]
    server.play(*[projects(*look) for look in looks])
    pauses.play(nothing, nothing, interrupt)
    lines = against(f"{LIST} --watch -o json --query {expression}").stdout.splitlines()
    assert ["12:00:00" in line for line in lines] == [True, False]
    assert "12:00:04" in lines[1]


def test_a_part_that_stays_as_it_is_is_not_shown_again(against, server, pauses):
    server.play(projects("a"), projects("b"))
    pauses.play(nothing, interrupt)
    assert against(f"{LIST} --watch -o json --query items[].slug").stdout.count("\n") == 1


def test_a_member_inside_an_item_is_a_change(against, server, pauses):
    items = [{**PROJECT, "generated_at": moment} for moment in "ab"]
    server.play(*[answer(200, {"items": [item]}) for item in items])
    pauses.play(nothing, interrupt)
    assert against(f"{LIST} --watch -o json").stdout.count("\n") == 2


def test_ids_alone_come_again_after_a_blank_line(against, server, pauses):
    server.play(projects("a"), answer(200, {"items": []}), projects("b"))
    pauses.play(nothing, nothing, interrupt)
    assert against(f"{LIST} --watch -o name").stdout == "{0}\n\n\n{0}\n".format(PROJECT["id"])


def test_what_happens_on_the_plane_is_shown(admin, plane, pauses):
    project = plane.project()
    pauses.play(nothing, lambda: plane.token(project), nothing, interrupt)
    outcome = admin(f"bootstrap-token list --project {project} --watch -o json --interval 5s")
    assert [len(json.loads(line)["items"]) for line in outcome.stdout.splitlines()] == [0, 1]
    assert set(pauses.asked) == {5.0}


@pytest.mark.parametrize(
    ("response", "code"),
    [(problem(403, "permission_denied"), 77), (problem(404), 4), (problem(401), 3), (problem(503), 1)],
)
def test_a_failure_of_the_first_look_is_the_commands_own(against, server, response, code):
    server.play(response)
    watched, plain = against(WATCH), against(WATCH.removesuffix(" --watch"))
    assert (watched.code, watched.stdout) == (plain.code, "") == (code, "")
    assert watched.stderr.partition("request")[0] == plain.stderr.partition("request")[0]


def test_a_denial_later_ends_it(against, server):
    server.play(mesh("healthy"), problem(403, "permission_denied"))
    outcome = against(f"{WATCH} -o json")
    assert (outcome.code, states(outcome.stdout)) == (77, ["healthy"])


def test_an_outage_is_survived_and_said_once(against, server, pauses):
    server.play(mesh("healthy"), *[problem(503)] * 9, mesh("healthy"), mesh("stale"))
    pauses.play(nothing, nothing, nothing, nothing, nothing, interrupt)
    outcome = against(WATCH)
    assert outcome.stdout.count("NODE_ID") == 2
    assert outcome.stderr.splitlines() == [
        "plexctl: warning: watching goes on after A Title: a detail",
        "plexctl: interrupted",
    ]
    server.play(mesh("healthy"), *[problem(503)] * 3, mesh("stale"))
    pauses.play(nothing, nothing, interrupt)
    outcome = against(f"{WATCH} -o json")
    assert states(outcome.stdout) == ["healthy", "stale"]
    assert outcome.error["warnings"] == ["watching goes on after A Title: a detail"]


def test_retry_after_is_obeyed_up_to_an_hour(against, server, pauses):
    server.play(mesh("healthy"), answer(429, headers={"Retry-After": "77"}), mesh("healthy"))
    pauses.play(nothing, nothing, interrupt)
    against(WATCH)
    assert pauses.asked == [2.0, 77.0, 2.0]


def test_a_cursor_that_differs_each_time_is_no_change(admin, pauses):
    for output, count in (("json", 1), ("yaml", 1), ("text", 1)):
        pauses.play(nothing, nothing, interrupt)
        outcome = admin(f"domain list --limit 1 --watch -o {output}")
        assert outcome.stdout.count("acme-corp") == count
        assert outcome.stderr.count("there is more") == (output == "text")


def test_the_note_of_a_longer_list_comes_once(against, server, pauses):
    pages = [{"items": [{**PROJECT, "name": name}], "next_cursor": name} for name in "abc"]
    server.play(*[answer(200, page) for page in pages])
    pauses.play(nothing, nothing, interrupt)
    outcome = against(f"{LIST} --watch")
    assert (outcome.stdout.count("SLUG"), outcome.stderr.count("there is more")) == (3, 1)
    assert "--watch" not in outcome.stderr


def test_every_list_can_be_watched():
    watched = {placed.name for placed in leaves() if any("--watch" in each.opts for each in placed.leaf.params)}
    lists = {placed.name for placed in leaves() if placed.words[-1] == "list" and placed.words[0] != "local"}
    assert watched == {*lists, "mesh topology"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_between_two_looks_ends_it_at_once(against, server, number, code):
    server.play(mesh("healthy"))
    child = against.start(f"{WATCH} --interval 1h")
    lines = [child.stdout.readline() for _ in range(2)]
    assert b"healthy" in lines[1]
    child.send_signal(number)
    assert child.communicate(timeout=PATIENCE_SECONDS)[0] == b""
    assert (child.returncode, len(server.requests)) == (code, 1)


def test_a_closed_pipe_ends_it_quietly_though_nothing_changes(against, server):
    server.play(mesh("healthy"))
    child = against.start(f"{WATCH} --interval 1h")
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    child.stderr.close()
    assert child.wait(timeout=PATIENCE_SECONDS) == 141


def test_a_wait_of_an_hour_is_not_left_to_the_system(against, server):
    """A longer one than the system's clock can express would be an error of its own."""
    server.play(mesh("healthy"), answer(429, headers={"Retry-After": "9" * 300}))
    child = against.start(f"{WATCH} --interval 100ms")
    eventually(lambda: len(server.requests) >= 2)
    child.send_signal(signal.SIGINT)
    assert b"interrupted" in child.communicate(timeout=PATIENCE_SECONDS)[1]
    assert child.returncode == 130


def test_endless_changes_are_shown_one_by_one(against, server):
    moments = iter(range(10**6))

    def change(connection):
        connection.sendall(mesh(f"state-{next(moments)}"))

    server.play(change)
    child = against.start(f"{WATCH} --interval 100ms -o json")
    seen = [states(child.stdout.readline().decode())[0] for _ in range(4)]
    child.stdout.close()
    child.stderr.close()
    assert child.wait(timeout=PATIENCE_SECONDS) == 141
    assert seen == [f"state-{number}" for number in range(4)]
