"""Keyset listings: one page, every page, and the note on more."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from plexctl.clients.pages import MOST_ITEMS
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer, problem
from tests.samples import EMPTY_PAGE, FORMATS, ID, LIST, PROJECT
from tests.tree import leaves

TOKENS = f"bootstrap-token list --project {ID}"
LISTINGS = [placed for placed in leaves() if placed.is_paged]


class Listing:
    """A listing of numbered items behind the scripted server; a cursor is the number of the next item."""

    def __init__(self, server, count, default=50):
        self._server = server
        self._count = count
        self._default = default
        server.play(self._act)

    @property
    def queries(self):
        return [parse_qs(urlsplit(request.target).query) for request in self._server.requests]

    def _act(self, connection):
        query = self.queries[-1]
        start, size = int(query.get("cursor", ["0"])[0]), int(query.get("limit", [str(self._default)])[0])
        if size > 200:
            connection.sendall(problem(400, "invalid_limit"))
            return
        end = min(start + size, self._count)
        page = {"items": [{**PROJECT, "slug": str(number)} for number in range(start, end)]}
        connection.sendall(answer(200, page | ({"next_cursor": str(end)} if end < self._count else {})))


def slugs(document):
    return [int(item["slug"]) for item in document["items"]]


@each("placed", LISTINGS)
@each(
    ("flags", "query"),
    [
        ("", {}),
        ("--limit 0", {}),
        ("--limit 7", {"limit": ["7"]}),
        ("--cursor 'c=&é'", {"cursor": ["c=&é"]}),
        ("--limit 200 --cursor -x", {"limit": ["200"], "cursor": ["-x"]}),
        ("--all", {"limit": ["200"]}),
        ("--all --limit 0", {"limit": ["200"]}),
        ("--all --limit 7", {"limit": ["7"]}),
    ],
)
def test_what_is_asked_for(against, server, placed, flags, query):
    server.play(answer(200, EMPTY_PAGE))
    assert against(f"{placed.least} {flags}").code == 0
    assert parse_qs(urlsplit(server.requests[0].target).query) == query
    assert len(server.requests) == 1


@pytest.mark.parametrize("output", FORMATS)
def test_one_page_is_the_servers_object(against, server, output):
    Listing(server, 120)
    outcome = against(f"{LIST} -o {output}")
    assert outcome.code == 0
    if output == "json":
        assert slugs(outcome.json) == list(range(50))
        assert list(outcome.json) == ["items", "next_cursor"]
    assert bool(outcome.stderr) == (output == "text")


@pytest.mark.parametrize("cursor", [None, ""])
def test_a_cursor_that_leads_nowhere_ends_the_listing(against, server, cursor):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": cursor}))
    assert against(LIST).stderr == ""
    assert against(f"{LIST} --all").stderr == ""
    assert len(server.requests) == 2


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("flags", ["", "--limit 7", "--limit 200"])
def test_all_is_every_item_once_and_in_order(against, server, flags, output):
    listing = Listing(server, 120)
    outcome = against(f"{LIST} --all {flags} -o {output}")
    assert (outcome.code, outcome.stderr) == (0, "")
    if output == "json":
        assert slugs(outcome.json) == list(range(120))
        assert list(outcome.json) == ["items"]
    if output == "text":
        assert outcome.stdout.count("\n") == 121
    assert all(query["limit"] == [flags.rpartition(" ")[2] or "200"] for query in listing.queries)


def test_the_filter_goes_along_on_every_page(against, server):
    listing = Listing(server, 420)
    against(f"{LIST} --domain {ID} --all")
    assert [query["domain_id"] for query in listing.queries] == [[ID]] * 3


@pytest.mark.parametrize("output", FORMATS)
def test_all_excludes_a_cursor(against, server, output):
    for cursor in ("c", ""):
        error = assert_failed(against(f"{LIST} --all -o {output} --cursor", cursor), output, 2)
        assert error is None or "--cursor" in error["detail"]
    assert server.requests == []


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "9999999999", "٣"])
def test_a_limit_that_is_no_number_is_refused(against, server, value):
    outcome = against(f"{LIST} --limit", value)
    assert_failed(outcome, "text", 2)
    assert "--limit" in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("output", FORMATS)
def test_a_cursor_sent_twice_is_refused(against, server, output):
    for first, second in (("a", "a"), ("a", "b")):
        server.play(*(answer(200, {"items": [PROJECT], "next_cursor": cursor}) for cursor in (first, second, "a")))
        outcome = against(f"{LIST} --all -o {output}")
        error = assert_failed(outcome, output, 1)
        assert error is None or error["kind"] == "malformed"


@pytest.mark.parametrize("output", FORMATS)
def test_a_cursor_sent_twice_ends_the_search_for_a_slug(against, server, output):
    for first, second in (("a", "a"), ("a", "b")):
        server.play(*(answer(200, {"items": [], "next_cursor": cursor}) for cursor in (first, second, "a")))
        error = assert_failed(against(f"domain get acme-corp -o {output}"), output, 1)
        assert error is None or error["kind"] == "malformed"


def test_an_empty_page_in_the_middle_does_not_end_it(against, server):
    pages = [{"items": [PROJECT], "next_cursor": "a"}, {"items": [], "next_cursor": "b"}, {"items": [PROJECT]}]
    server.play(*(answer(200, page) for page in pages))
    assert against(f"{LIST} --all -o json").json == {"items": [PROJECT, PROJECT]}


def test_a_joined_list_keeps_every_member_that_is_true_of_it_as_a_whole(against, server):
    first = b'{"deprecated":"use /v2","items":[{"a":1e5}],"took":1.10,"next_cursor":"b","empty_reason":"r"}'
    second = b'{"took":2.50,"items":[{"a":-0}],"added":null}'
    whole = json.dumps(PROJECT)[:-1].encode() + b',"a"'
    server.play(*(answer(200, page.replace(b'{"a"', whole)) for page in (first, second)))
    document = against(f"{LIST} --all -o json")
    assert list(document.json) == ["deprecated", "items", "took", "added"]
    for digits in ('"a": 1e5', '"a": -0', '"took": 2.50', '"added": null'):
        assert digits in document.stdout


@pytest.mark.parametrize("output", FORMATS)
def test_a_failure_in_the_middle_prints_nothing_of_what_came_before(against, server, output):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": "a"}), problem(404, "domain_not_found"))
    assert_failed(against(f"{LIST} --all -o {output}"), output, 4)


def test_all_stops_at_as_many_items_as_are_held_at_once(against, server, monkeypatch):
    assert MOST_ITEMS == 100_000
    monkeypatch.setattr("plexctl.clients.pages.MOST_ITEMS", 1000)
    Listing(server, 1200, default=150)
    outcome = against(f"{LIST} --all -o json")
    assert slugs(outcome.json) == list(range(1000))
    assert outcome.json["next_cursor"] == "1000"
    assert outcome.stderr.startswith("plexctl: stopped at 1,000 items; next: plexctl project list ")


@pytest.mark.parametrize(
    ("count", "default", "flags"),
    [
        (1500, 50, ""),
        (1500, 170, ""),
        (1500, 200, ""),
        (1001, 50, ""),
        (1500, 50, "--limit 150"),
        (1500, 50, "--limit 7"),
        (1500, 50, "--limit 200"),
    ],
)
def test_its_cursor_continues_where_the_items_end(against, server, monkeypatch, count, default, flags):
    monkeypatch.setattr("plexctl.clients.pages.MOST_ITEMS", 1000)
    Listing(server, count, default)
    outcome = against(f"-o json {LIST} --all {flags}")
    assert slugs(outcome.json) == list(range(1000))
    assert outcome.json["next_cursor"] == "1000"
    assert outcome.stderr.count("\n") == 1
    page = int(flags.rpartition(" ")[2] or default)  # the note repeats the command's flags, and 200 is no flag
    assert slugs(against(next_command(outcome.stderr)).json) == list(range(1000, count))[:page]


def test_a_listing_that_ends_just_there_has_no_more(against, server, monkeypatch):
    monkeypatch.setattr("plexctl.clients.pages.MOST_ITEMS", 1000)
    Listing(server, 1000)
    outcome = against(f"{LIST} --all -o json")
    assert (len(outcome.json["items"]), outcome.json.get("next_cursor"), outcome.stderr) == (1000, None, "")


def next_command(note):
    """Return the command line that a note gives, without the program's name."""
    program, _, line = note.partition("next: ")[2].partition(" ")
    assert program == "plexctl"
    return line


@pytest.mark.parametrize(
    "line",
    [
        LIST,
        f"{LIST} --limit 9",
        f"{LIST} --domain {ID} --limit 9",
        TOKENS,
        "domain list",
        f"-v {LIST} --cursor 0",
    ],
)
def test_the_note_on_more_can_be_pasted_and_continues(against, server, line):
    token = {"project_id": ID, "kind": "node", "env_prefix": "dev", "issued_at": "x", "expires_at": "y"}
    domain = {"mesh_cidr": "10.0.0.0/24"}
    first = answer(200, {"items": [{**PROJECT, **token, **domain}], "next_cursor": "it's $HOME; a cursor"})
    server.play(first, answer(200, EMPTY_PAGE))
    outcome = against(line)
    note = outcome.stderr.splitlines()[-1]
    assert note.startswith("plexctl: there is more; next: plexctl ")
    assert against(next_command(note)).code == 0
    one, two = (parse_qs(urlsplit(request.target).query) for request in server.requests)
    assert two == {**one, "cursor": ["it's $HOME; a cursor"]}
    assert urlsplit(server.requests[0].target).path == urlsplit(server.requests[1].target).path


def test_the_note_repeats_the_flags_that_the_next_call_needs(plexctl, server, tmp_path):
    server.play(answer(200, {"items": [PROJECT], "next_cursor": "c"}))
    plexctl.configure({"profiles": {"my work": {}}})
    token = tmp_path / "a token"
    token.touch(0o600)
    token.write_text("t")
    flags = f"--server {server.url} --token-file '{token}' --profile 'my work' --timeout 1500ms --max-response 2M"
    note = plexctl(f"{flags} {LIST}").stderr
    assert "--timeout 1.5s" in note
    assert "--max-response 2097152" in note
    assert plexctl(next_command(note)).code == 0
    assert server.requests[1].headers["authorization"] == "Bearer t"
    assert server.requests[1].target == "/v1/projects?cursor=c"
