"""JSON as bytes: what is refused, what is taken apart, and that nothing else changes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plexctl.codec import parts
from plexctl.codec.decoding import MalformedError, Struct, decode
from plexctl.codec.indenting import indent

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=5)


class Anything(Struct):
    pass


class Listed(Struct):
    items: list[Anything]


def nested(levels: int) -> bytes:
    """An object whose innermost list is as many levels down."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def spelt(value):
    """Write every number as text, as the expectation has it."""
    if isinstance(value, dict):
        return {name: spelt(member) for name, member in value.items()}
    if isinstance(value, list):
        return [spelt(member) for member in value]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(OBJECTS)
def test_an_indented_object_is_the_same_object(document):
    text = indent(json.dumps(document).encode())
    assert text.decode() == json.dumps(document, indent=2)


@given(OBJECTS, st.booleans())
@example({"a": -1, "-0": "-0", "b": -0.0}, True)
def test_an_object_is_taken_apart_and_put_together_again(document, ascii_only):
    text = json.dumps(document, ensure_ascii=ascii_only, indent=1).encode()
    assert json.loads(parts.object_of(parts.members(text))) == document
    assert [(name, json.loads(part)) for name, part in parts.named_values(text)] == list(document.items())
    assert spelt(parts.value(text)) == json.loads(text, parse_int=str, parse_float=str)


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"7", b'{"a":}', b'{"a":NaN}', b'{"a":"\xff"}', nested(101)])
def test_what_is_no_object_has_no_named_values(text):
    assert parts.named_values(text) == []


def test_named_values_keep_order_form_and_names_given_twice():
    text = b' { "b" : 1e5 ,"a":"\\u00e9", "b": [ 1 ] }\n'
    assert parts.named_values(text) == [("b", b"1e5"), ("a", b'"\\u00e9"'), ("b", b"[ 1 ]")]


@pytest.mark.parametrize("quoted", [b"", b'"[[{"', b'"\\"[["', b'"' + b"[" * 200 + b'"'])
def test_depth_counts_levels_and_no_bracket_in_a_string(quoted):
    tail = b',"s":' + quoted + b"}" if quoted else b"}"
    deep, too_deep = (nested(levels)[:-1] + tail for levels in (100, 101))
    decode(deep, Anything)
    with pytest.raises(MalformedError, match="nested too deeply"):
        decode(too_deep, Anything)


def test_depth_is_found_however_many_items_a_list_has():
    items = b"[" + b"{}," * 500 + b"{}]"
    decode(b'{"items":' + items + b',"z":' + nested(99) + b"}", Listed)
    with pytest.raises(MalformedError, match="nested too deeply"):
        decode(b'{"items":' + items + b',"z":' + nested(100) + b"}", Listed)


@given(st.binary(max_size=30))
@example(b'{"a":"\xc3')
@example(b'{"a":"\xed\xa0\x80"}')
def test_bytes_are_decoded_or_refused(content):
    for text in (content, b'{"a":"' + content + b'"}'):
        try:
            decode(text, Anything)
        except MalformedError:
            continue
        text.decode()
        assert isinstance(json.loads(text), dict)


def test_encoding_is_checked_across_the_pieces_that_it_is_checked_in():
    text = b'{"a":"' + "漢".encode() * (1 << 19) + b'"}'
    decode(text, Anything)
    with pytest.raises(MalformedError, match="not JSON"):
        decode(text.replace("漢".encode() + b'"', "漢".encode()[:2] + b'"'), Anything)
