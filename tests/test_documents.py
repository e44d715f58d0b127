"""json and yaml: the payload as the server sent it, the same data in both, safe on a terminal."""

import json
import re

import pytest
import ruamel.yaml
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from plexctl.render import yaml_stream
from plexctl.render.document import as_json, as_yaml
from tests.each import each
from tests.fake_server import answer
from tests.samples import ID, PROJECT

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
# Strings that a careless writer of YAML turns into something else.
TRAPS = [
    "2026-05-01T12:00:00Z", "2026-05-01", "12:30:45", "1_000", "0o17", "0x1f", "0b1", "1:30", "1e3", ".5", "1.", "+1",
    "-.5e3", ".inf", ".nan", "~", "null", "yes", "No", "on", "y", "n", "=", "<<", "-", "- a", "? a", ": a",
    "a: b", "a #b", "#", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "'", '"', "{", "[]", "---", "...", "",
    " ", " a", "a ", "a\nb", "a\n", "\n", "\ta", "a\tb", "é", "中文", "😀", "\ufeff", "\x00", "\x1b[31m",
    "\x7f", "\x85", "\x9b", "\u2028", "\u202e",
]  # fmt: skip


LONG_NAMES = {"n" * 127: 1, "n" * 128: {"a": [1]}, "é" * 200: ["x"], "n" * 500: "text"}


def written(form, document) -> str:
    return b"".join(form(document)).decode()


def read_yaml(text):
    """Read as YAML 1.2 does, to which 1e5 is a number."""
    return ruamel.yaml.YAML(typ="safe", pure=True).load(text)


@given(JSON)
@example({trap: trap for trap in TRAPS})
@example(LONG_NAMES)
def test_json_and_yaml_hold_the_same_data_and_nothing_that_acts_on_a_terminal(payload):
    as_sent = {"items": payload}
    bytes_sent = json.dumps(as_sent).encode()
    documents = written(as_json, as_sent), written(as_json, bytes_sent), written(as_yaml, as_sent)
    assert json.loads(documents[0]) == json.loads(documents[1]) == read_yaml(documents[2]) == as_sent
    assert read_yaml(written(as_yaml, bytes_sent)) == as_sent
    for document in documents:
        assert document.endswith("\n")
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", document)


@given(st.dictionaries(TEXTS, JSON, max_size=5))
@example(LONG_NAMES)
@example({"a": [[1, 2, 3, 4, 5], {"b": [], "c": {}}, {"d": {"e": [1]}}], "": {"f": "é"}})
def test_yaml_written_level_by_level_is_the_yaml_of_the_whole(document):
    """As for long texts, of which none is decoded as a whole; here every text that holds something counts as long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_stream, "_SHORT_BYTES", len("[]"))
        patch.setattr(yaml_stream, "_ITEMS_PER_PIECE", 2)
        level_by_level = written(as_yaml, json.dumps(document).encode())
    assert level_by_level == written(as_yaml, document)


def test_a_long_document_comes_in_pieces_that_join_up():
    document = {"items": [{"id": number, "text": "x" * 40} for number in range(5000)], "more": {"y": "z" * 100_000}}
    pieces = list(as_yaml(json.dumps(document).encode()))
    assert len(pieces) > 5
    assert b"".join(pieces).decode() == written(as_yaml, document)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_what_can_be_shown_is_not_escaped(text):
    for form in (as_json, as_yaml):
        document = written(form, {"a": text})
        assert all(character in document for character in text if character not in "\\\"'")


@each("text", ["1e3", "-.5e3", "+1", "0o17", "0o1_7", "0x1f", "y", "N", "yes", "null", "~", "2026-05-01", "1:30"])
def test_a_string_that_some_reader_of_yaml_takes_for_something_else_is_quoted(text):
    assert written(as_yaml, {"a": text}) == f"a: '{text}'\n"


def shown(against, server, document: object, output: str) -> str:
    server.play(answer(200, document))
    outcome = against(f"project get {ID} -o {output}")
    assert (outcome.code, outcome.stderr) == (0, "")
    return outcome.stdout


def test_a_document_keeps_order_and_indents_by_two(against, server):
    document = {**PROJECT, "z": {"b": [1, {"a": None}], "a": True}, "name": "Ünïcode 中文 😀"}
    text = shown(against, server, document, "json")
    assert text == json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    assert list(yaml.safe_load(shown(against, server, document, "yaml"))) == list(document)


def test_times_are_quoted_in_yaml_and_stay_strings(against, server):
    text = shown(against, server, PROJECT, "yaml")
    assert f"created_at: '{PROJECT['created_at']}'\n" in text
    assert yaml.safe_load(text) == PROJECT
