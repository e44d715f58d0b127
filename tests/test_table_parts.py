"""--columns, --no-headers and -o name: a part of a table, and the ids alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexctl.document_fields import document_class, fields_of
from plexctl.values import COLUMNS
from tests.each import each
from tests.failure_checks import assert_failed
from tests.fake_server import answer
from tests.samples import EMPTY_PAGE, FORMATS, GET, ID, LIST, OTHER_ID, PROJECT
from tests.tree import leaves

PLACED = [placed for placed in leaves() if placed.leaf.contract.reads_settings]
WITH_TABLE = [pytest.param(placed, id=placed.name) for placed in PLACED if placed.leaf.contract.columns]
WITHOUT_TABLE = [pytest.param(placed, id=placed.name) for placed in PLACED if not placed.leaf.contract.columns]
WITHOUT_ID = [pytest.param(placed, id=placed.name) for placed in PLACED if not placed.leaf.contract.id_field]
PAGE = {"items": [PROJECT, {**PROJECT, "id": OTHER_ID, "slug": "lab"}]}


@pytest.fixture
def listed(against, server):
    """Have the server answer with two Projects, and return what a command prints of them."""

    def run(line: str) -> str:
        server.play(answer(200, PAGE))
        outcome = against(line)
        assert (outcome.code, outcome.stderr) == (0, "")
        return outcome.stdout

    return run


@pytest.mark.parametrize("names", ["SLUG,ID", "slug,id", "Slug, iD"])
def test_columns_are_printed_in_the_order_given(listed, names):
    assert listed(f"{LIST} --columns '{names}'") == f"SLUG        ID\nedge-fleet  {ID}\nlab         {OTHER_ID}\n"


def test_one_column_and_no_headers_are_values_alone(listed):
    assert listed(f"{LIST} --columns slug --no-headers") == "edge-fleet\nlab\n"


def test_without_headers_columns_are_as_wide_as_their_cells(listed):
    assert (
        listed(f"{LIST} --columns sub_range,slug,id --no-headers")
        == f"-  edge-fleet  {ID}\n-  lab         {OTHER_ID}\n"
    )


def test_an_empty_list_without_headers_is_nothing(against, server):
    server.play(answer(200, EMPTY_PAGE))
    assert against(f"{LIST} --no-headers") == (0, "", "")


def test_a_single_thing_and_a_snapshot_have_columns_too(against, server):
    server.play(answer(200, PROJECT))
    assert against(f"{GET} --columns slug --no-headers").stdout == "edge-fleet\n"
    nodes = [{"node_id": ID, "mesh_ip": "10.50.0.1", "reachability": "healthy"}]
    edges = [{"source_node_id": ID, "target_node_id": ID, "relay_node_id": None}]
    server.play(answer(200, {"nodes": nodes, "edges": edges}))
    outcome = against(f"mesh topology --domain {ID} --columns reach_to,to")
    assert outcome.stdout == f"REACH_TO  TO\nhealthy   {ID}\n"


def test_a_preview_has_columns_of_its_own(against, server):
    preview = {
        "node_id": ID, "peer_id": OTHER_ID, "affected_peer_count": 1, "already_pending": False,
        "estimated_duration_seconds": 0, "affected_edges": [],
    }  # fmt: skip
    server.play(answer(200, preview))
    assert against(f"key rotate --node {ID} --dry-run --columns eta_seconds").stdout == "ETA_SECONDS\n0\n"
    assert "'ETA_SECONDS' is not one of NODE_ID, " in against(f"key rotate --node {ID} --columns eta_seconds").stderr


@each("placed", WITH_TABLE)
def test_an_unknown_column_is_refused_with_the_known_ones(against, server, placed):
    outcome = against(f"{placed.least} --yes --columns nonsense")
    assert_failed(outcome, "text", 2)
    known = ", ".join(column.header for column in placed.leaf.contract.columns)
    assert outcome.stderr.startswith(f"plexctl: {placed.name}: --columns: 'NONSENSE' is not one of {known} (try ")
    assert server.requests == []


@each("flag", ["--columns id", "--no-headers"])
@each("placed", WITHOUT_TABLE)
def test_a_leaf_without_a_table_refuses_its_flags(against, server, placed, flag):
    outcome = against(f"{placed.least} --yes {flag}")
    assert_failed(outcome, "text", 2)
    assert f"{flag.split()[0]}: cannot be used, since the command prints no table (try " in outcome.stderr
    assert server.requests == []


@pytest.mark.parametrize("flag", ["--columns id", "--no-headers"])
@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ("-o json", "the output format is json"),
        ("-o yaml", "the output format is yaml"),
        ("-o name", "the output format is name"),
        ("--query items", "--query prints none"),
    ],
)
def test_the_flags_of_a_table_are_for_text(against, server, flag, others, reason):
    outcome = against(f"{LIST} {flag} {others}")
    assert outcome.code == 2
    assert f"{flag.split()[0]}: is for text tables, and {reason} (try " in outcome.stderr
    assert outcome.stderr.count("\n") == 1 or "json" in others or "yaml" in others
    assert server.requests == []


def test_a_variable_that_sets_the_format_counts_as_well(against):
    assert against(f"{LIST} --no-headers", PLEXSPHERE_OUTPUT="json").code == 2


def test_the_command_that_continues_a_list_keeps_the_table(against, server):
    server.play(answer(200, {**PAGE, "next_cursor": "c"}))
    said = against(f"{LIST} --columns slug --no-headers").stderr
    assert said.endswith("next: plexctl project list --columns SLUG --no-headers --cursor c\n")


NAMES = st.lists(st.from_regex(re.compile(r"[a-zA-Z_]{1,8}"), fullmatch=True), min_size=1, max_size=6)


@given(NAMES, st.sampled_from(["", " ", "\t"]))
def test_names_of_columns_are_read_in_any_case_and_in_order(names, space):
    text = f"{space},{space}".join(names)
    assert COLUMNS.convert(text, None, None) == tuple(name.upper() for name in names)
    assert COLUMNS.convert(text.lower(), None, None) == COLUMNS.convert(text.upper(), None, None)


def test_names_are_the_ids_alone(listed, against, server):
    assert listed(f"{LIST} -o name") == f"{ID}\n{OTHER_ID}\n"
    server.play(answer(200, PROJECT))
    assert against(f"{GET} --output name").stdout == f"{ID}\n"
    server.play(answer(200, EMPTY_PAGE))
    assert against(f"{LIST} -o name") == (0, "", "")


@each("placed", WITHOUT_ID)
def test_a_leaf_without_ids_refuses_their_format(against, server, placed):
    outcome = against(f"{placed.least} --yes -o name")
    assert_failed(outcome, "text", 2)
    assert f"{placed.name}: -o name: cannot be used, since the command prints nothing that has an id" in outcome.stderr
    assert server.requests == []


@each("placed", [pytest.param(each, id=each.name) for each in PLACED if each.leaf.contract.id_field])
def test_the_field_of_an_id_is_always_there(placed):
    fields = list(fields_of(document_class(placed.leaf.contract.document)))
    listed = [field for each in fields if each.item for field in fields_of(each.item)]
    (found,) = [field for field in listed or fields if field.name == placed.leaf.contract.id_field]
    assert found.required


def test_leaves_that_print_the_same_document_have_the_same_ids():
    contracts = [placed.leaf.contract for placed in PLACED if placed.leaf.contract.document]
    fields = {contract.document: contract.id_field for contract in contracts if contract.id_field}
    assert [each.id_field for each in contracts] == [fields.get(each.document, "") for each in contracts]


def test_a_query_is_not_combined_with_names(against, server):
    outcome = against(f"{LIST} -o name --query items")
    assert_failed(outcome, "text", 2)
    assert "--query: cannot be combined with -o name, which prints the ids alone" in outcome.stderr
    assert server.requests == []


def test_a_failure_is_a_line_where_names_are_asked_for(against, server):
    server.play(answer(404, {"title": "T"}))
    assert_failed(against(f"{GET} -o name"), "text", 4)
    assert_failed(against(f"{LIST} --bogus -o name", PLEXSPHERE_OUTPUT="json"), "text", 2)


@pytest.mark.parametrize("output", [*FORMATS, "name"])
def test_the_later_output_wins_over_names(listed, output):
    assert listed(f"{LIST} -o name -o {output}") == listed(f"{LIST} -o {output}")


def test_a_list_of_names_says_that_there_is_more(against, server):
    server.play(answer(200, {**PAGE, "next_cursor": "c"}))
    outcome = against(f"{LIST} -o name")
    assert outcome.stdout == f"{ID}\n{OTHER_ID}\n"
    assert outcome.stderr.endswith("next: plexctl project list --output name --cursor c\n")


def test_names_feed_the_next_command(admin, plane):
    plane.project("one")
    plane.project("two")
    names = admin("project list -o name").stdout.split()
    assert len(names) == 2
    for name in names:
        assert admin("project delete --yes", name) == (0, "", "")
    assert admin("project list --no-headers") == (0, "", "")
