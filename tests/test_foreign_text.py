"""Text from a server is bounded: no length of it makes a run miss its deadline or deaf to a signal."""

import json
import re
import signal
import threading
import time

import pytest

from plexctl.render.secrets import LONGEST_TEXT, masked, masked_excerpt
from plexctl.render.text import visible
from tests.each import each
from tests.fake_server import answer
from tests.long_mode import pick
from tests.samples import FORMATS, GET, ID, LIST, PROJECT
from tests.stalls import MovedClock, site
from tests.waiting import PATIENCE_SECONDS, eventually
from tests.yaml_document import load_yaml

UPDATE = f"project update {ID} --display-name x"  # never tried a second time
TOKEN = "psb_dev_aaaaaaaaaaaaaaaaaaaaaaaaaa_node_bbbbbbbbbbbbbbbbbbbbbbbbbbbb"
MANY = pick(250_000, 10**6)  # characters
LONG = {
    "one word": "x" * MANY,
    "colons": "x:" * (MANY // 2),
    "at signs": "@" * MANY,
    "passwords": "a:b@" * (MANY // 4),
    "quotes": "'x:y@" * (MANY // 5),
    "prefixes": "psb_" * (MANY // 4),
    "tokens that are none": "psb_a_" * (MANY // 6),
    "web tokens": "eyJ-" * (MANY // 4),
    "slashes": "/" * MANY + "a:b@c",
    "blanks": " " * MANY,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_hiding_secrets_takes_time_in_proportion_to_the_length(text):
    start = time.process_time()
    masked(text, {"a-token", "t"})
    visible(text)
    assert time.process_time() - start < MANY / 100_000


@pytest.mark.parametrize("output", FORMATS)
@pytest.mark.parametrize("member", ["detail", "title", "code", "correlation_id", "x"])
def test_a_long_text_of_an_error_keeps_the_deadline(against, server, output, member):
    server.play(answer(500, {"title": "T", member: "x" * 800_000}))
    start = time.process_time()
    outcome = against(f"{UPDATE} -o {output} --timeout 60s")
    assert time.process_time() - start < 20
    assert outcome.code == 1
    if output == "text":
        assert len(outcome.stderr) < LONGEST_TEXT + 300
    else:
        error = (json.loads if output == "json" else load_yaml)(outcome.stderr)["error"]
        assert error[member] == "x" * 800_000


@pytest.mark.parametrize("name", ["X-Request-Id", "X-Correlation-Id", "Location"])
def test_a_long_header_is_cut(against, server, name):
    server.play(answer(302, b"", {name: "x" * 30_000}))
    outcome = against(UPDATE)
    assert outcome.code == 1
    assert len(outcome.stderr) < LONGEST_TEXT + 400


@each("length", range(LONGEST_TEXT - 70, LONGEST_TEXT + 5, 5))
def test_a_secret_that_the_cut_goes_through_is_hidden_too(length):
    for secret, secrets in ((TOKEN, set()), ("own-secret-" * 20, {"own-secret-" * 20})):
        for rest in ("", " and more " * 1000, "y" * 10_000):
            shown = masked_excerpt("x" * length + secret + rest, secrets)
            assert not re.search(r"aaaa|bbbb|own-secret", shown)
            assert len(shown) <= LONGEST_TEXT + 1


@pytest.fixture
def too_slow(monkeypatch):
    """A function that ends only with the test; it takes the deadline of any request."""
    over, clock = threading.Event(), MovedClock()
    monkeypatch.setattr("plexctl.clients.deadline.time", clock)

    def slow(*_, **__):
        clock.seconds += 1000
        over.wait()
        return ""

    yield slow
    over.set()


@pytest.mark.parametrize(
    ("output", "name"), [("json", "plexctl.codec.indenting.indent"), ("yaml", "plexctl.render.yaml_stream.blocks")]
)
def test_what_a_long_success_takes_to_show_is_inside_the_deadline(against, server, monkeypatch, too_slow, output, name):
    server.play(answer(200, PROJECT))
    monkeypatch.setattr(name, too_slow)
    outcome = against(f"{GET} -o {output} --timeout 1s")
    assert (outcome.code, outcome.stdout) == (1, "")
    error = (json.loads if output == "json" else load_yaml)(outcome.stderr)["error"]
    assert (error["kind"], error["detail"]) == (
        "timeout",
        "the response could not be shown within 1s (--timeout)",
    )


SLOW = """
import plexctl.render.{module} as module

def slow(*_, **__):
    open({mark!r}, "w").close()
    while True:
        pass
module.{name} = slow
"""
WORK = {
    ("text", 200): ("table", "visible"),
    ("json", 200): ("document", "_shown"),
    ("yaml", 200): ("yaml_stream", "value_decoder"),
    ("json", 500): ("failure", "_masked_text"),
    ("yaml", 500): ("yaml_stream", "value_decoder"),
}


@pytest.mark.parametrize("number", pick([signal.SIGINT], [signal.SIGINT, signal.SIGTERM]))
@pytest.mark.parametrize(("output", "status"), WORK)
def test_a_signal_ends_rendering_at_once(against, server, tmp_path, output, status, number):
    mark = tmp_path / "mark"
    module, name = WORK[output, status]
    environment = site(tmp_path / "site", SLOW.format(module=module, name=name, mark=str(mark)))
    server.play(answer(status, {**PROJECT, "name": "é\x7f", "x": "é" * 100_000}))
    child = against.start(f"{UPDATE} -o {output}", **environment)
    eventually(mark.exists)
    child.send_signal(number)
    child.communicate(timeout=PATIENCE_SECONDS)
    assert child.returncode == 128 + number


def test_a_document_that_takes_too_long_leaves_what_plexctl_knows(against, server, monkeypatch, too_slow):
    server.play(answer(422, {"title": "T", "code": "c", "x": "x" * 100_000}))
    monkeypatch.setattr("plexctl.render.failure._masked_text", too_slow)
    outcome = against(f"{UPDATE} -o json --timeout 1s")
    assert (outcome.code, outcome.error["title"], outcome.error["code"]) == (2, "T", "c")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 5000,
        "two words " * 5000,
        "line\nbreak: 'and' \"more\" #" * 1000,
        "é漢🦊\ufeff\ufffe\uffff\x7f\u2028\x00\t\ud800" * 500,
        " - [x]: {y} & *a !b | > % @ `" * 500,
    ],
    ids=lambda text: repr(text[:20]),
)
def test_long_strings_in_yaml_are_the_same_strings(against, server, text):
    body = json.dumps({**PROJECT, "x": text, text: 1}).encode()
    server.play(answer(200, body))
    loaded = load_yaml(against(f"{GET} -o yaml").stdout)
    assert loaded["x"].encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
    assert loaded[text] == 1


def test_one_huge_string_in_yaml_takes_no_time(against, server):
    server.play(answer(200, {**PROJECT, "x": "two words, " * 500_000}))
    start = time.process_time()
    assert against(f"{GET} -o yaml").code == 0
    assert time.process_time() - start < 20


@each("output", FORMATS)
@each(("flag", "code"), [("10", 1), ("1K", 1), ("100K", 0), ("1MiB", 0)])
def test_max_response_bounds_a_success(against, server, output, flag, code):
    server.play(answer(200, {"items": [{**PROJECT, "name": "n" * 5000}]}))
    outcome = against(f"{LIST} --max-response {flag} -o {output}")
    assert outcome.code == code
    if code:
        size = {"10": "10 bytes", "1K": "1024 bytes"}[flag]
        assert f"it is larger than {size} (--max-response)" in " ".join(outcome.stderr.split())


def test_max_response_raises_the_bound_of_a_success_and_not_of_an_error(against, server):
    server.play(answer(200, b'{"items": []' + b" " * (65 << 20) + b"}"))
    refused = against(LIST)
    assert refused.code == 1
    assert "it is larger than 64 MiB (--max-response)" in refused.stderr
    assert against(f"{LIST} --max-response 66M").code == 0
    server.play(answer(422, {"title": "T", "x": "y" * 5000}))
    assert against(f"{UPDATE} --max-response 10 -o json").error["x"] == "y" * 5000


@pytest.mark.parametrize("output", FORMATS)
def test_half_a_character_in_a_long_document_is_taken_apart_too(against, server, output):
    item = {**PROJECT, "half \ud800": ["\udfff"], "long": "x" * 70_000}
    server.play(
        answer(200, {"items": [item, PROJECT], "next_cursor": "c"}), answer(200, {"items": [item], "a\ud800": []})
    )
    outcome = against(f"{LIST} --all -o {output}")
    assert (outcome.code, outcome.stderr) == (0, "")
    if output != "text":
        loaded = (json.loads if output == "json" else load_yaml)(outcome.stdout)
        assert (loaded["items"], loaded["a\ud800"]) == ([item, PROJECT, item], [])


@pytest.mark.parametrize("output", ["json", "yaml"])
def test_very_many_members_are_shown_in_few_pieces(against, server, output, monkeypatch):
    started = []
    start = threading.Thread.start

    def counted(thread):
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", counted)
    document = {**PROJECT, **{f"m{number}": number for number in range(10_000)}}
    server.play(answer(200, document))
    outcome = against(f"{GET} -o {output}")
    assert (json.loads if output == "json" else load_yaml)(outcome.stdout) == document
    assert len(started) < 50
