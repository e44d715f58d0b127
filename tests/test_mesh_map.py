"""mesh map: a matrix on a terminal and in an SVG, a graph for Graphviz and Mermaid, also of a hostile mesh."""

import json
import re
import stat
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.fake_server import answer
from tests.samples import ID

MAP = f"mesh map --domain {ID}"
NOW = "2026-05-01T12:00:00Z"
SVG = "{http://www.w3.org/2000/svg}"


def id_of(number):
    return f"{ID[:-4]}{number:04}"


def mesh(count, edge=lambda _source, _target: {}):
    """A full mesh, in which each edge is direct and healthy but for what `edge` says of it."""
    nodes = [{"node_id": id_of(each), "mesh_ip": "10.50.0.1", "reachability": "healthy"} for each in range(count)]
    plain = {"mode": "direct", "relay_node_id": None, "status": "healthy"}
    edges = [
        {"source_node_id": id_of(source), "target_node_id": id_of(target), **plain, **edge(source, target)}
        for source in range(count)
        for target in range(count)
        if source != target
    ]
    return answer(200, {"nodes": nodes, "edges": edges})


def listing(*names):
    items = [
        {"id": id_of(number), "name": name, "domain_id": ID, "created_at": NOW} for number, name in enumerate(names)
    ]
    return answer(200, {"items": items})


KINDS = {
    (0, 1): {"mode": "relayed", "relay_node_id": id_of(2)},
    (0, 2): {"status": "stale"},
    (1, 0): {"status": "unreachable"},
    (1, 2): {"status": "dormant"},
}


@pytest.fixture
def small(against, server):
    server.play(mesh(3, lambda *ends: KINDS.get(ends, {})), listing("alpha", "beta"))
    return against


def test_the_matrix_has_a_symbol_for_each_edge_and_the_name_beside_the_id(small, server):
    assert small(MAP).stdout.splitlines() == [
        "3 Nodes, 6 edges",
        "",
        "   1 2 3",
        f" 1 . ~ !  {id_of(0)}  alpha",
        f" 2 x . ?  {id_of(1)}  beta",
        f" 3 = = .  {id_of(2)}",
        "",
        "= direct  ~ relayed  ! stale  x unreachable  ? other  - no edge; from the row's Node to the column's",
    ]
    assert len(server.requests) == 2


def test_colour_is_added_to_symbols_and_replaces_none(small, server):
    plain = small(MAP).stdout
    server.play(mesh(3, lambda *ends: KINDS.get(ends, {})), listing("alpha", "beta"))
    coloured = small(f"{MAP} --color always").stdout
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9]+m", "", coloured) == plain


def test_a_document_has_the_same_nodes_and_edges(small):
    found = small(f"{MAP} -o json").json
    assert (found["domain_id"], found["left_out"]) == (ID, 0)
    assert [node["name"] for node in found["nodes"]] == ["alpha", "beta", ""]
    kinds = {(edge["source_node_id"], edge["target_node_id"]): edge["kind"] for edge in found["edges"]}
    assert kinds[id_of(0), id_of(1)] == "relayed"
    assert kinds[id_of(1), id_of(2)] == "other"
    assert len(kinds) == 6


@pytest.mark.parametrize("ending", ["svg", "dot", "mmd"])
def test_a_file_is_written_whole_and_stdout_gets_nothing(small, tmp_path, ending):
    path = tmp_path / f"mesh.{ending}"
    path.write_text("of yesterday")
    assert small(f"{MAP} --to", path) == (0, "", "")
    text = path.read_text()
    assert "yesterday" not in text
    assert all(f"{name}" in text for name in ("alpha", "beta", id_of(2)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.glob("*mesh*")] == [path.name]


@pytest.mark.parametrize("path", ["mesh", "mesh.png", "mesh.svg.gz", "/nowhere/at/all/mesh.svg", "", ".svg"])
def test_a_file_that_cannot_be_written_is_refused_before_any_request(against, server, path):
    outcome = against(f"{MAP} --to", path)
    assert (outcome.code, outcome.stdout, server.requests) == (2, "", [])
    assert "--to" in outcome.stderr


def test_a_map_that_cannot_be_read_leaves_the_file_alone(against, server, tmp_path):
    path = tmp_path / "mesh.svg"
    path.write_text("of yesterday")
    server.play(answer(200, {"nodes": 1}))
    assert against(f"{MAP} --to", path).code == 1
    assert path.read_text() == "of yesterday"


def test_an_svg_is_valid_described_and_readable_in_light_and_dark(small, tmp_path):
    path = tmp_path / "mesh.svg"
    small(f"{MAP} --to", path)
    root: Any = ET.fromstring(path.read_text())
    assert root.find(f"{SVG}title").text == f"Mesh of Domain {ID}"
    assert "3 Nodes, 6 edges" in root.find(f"{SVG}desc").text
    assert "2 direct, 1 relayed, 1 stale, 1 unreachable, 1 other" in root.find(f"{SVG}desc").text
    assert "prefers-color-scheme: dark" in path.read_text()
    cells = root.findall(f"{SVG}g")
    symbols = [cell.find(f"{SVG}text").text for cell in cells if cell.find(f"{SVG}text") is not None]
    assert symbols == ["~", "!", "x", "?", "=", "=", "=", "~", "!", "x", "?"]  # those of the legend last


HOSTILE = '</text><script>alert(\'"&\')</script>\x00\x1b[2J\ufffe]]>\n%%{init: {}}%%;click n1 "javascript:x"'


@pytest.mark.parametrize("ending", ["svg", "dot", "mmd"])
def test_a_hostile_name_is_text_and_nothing_more(against, server, tmp_path, ending):
    server.play(mesh(2), listing(HOSTILE, "beta\\"))
    path = tmp_path / f"mesh.{ending}"
    assert against(f"{MAP} --to", path).code == 0
    text = path.read_text()
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text)
    if ending == "svg":
        root: Any = ET.fromstring(text)
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "desc", "style", "rect", "text", "tspan", "g",
        }  # fmt: skip
    if ending == "mmd":
        assert "script>" not in text
        assert len(text.splitlines()) == 2 + 2 + 1 + 1
    if ending == "dot":
        labels = re.findall(r'label="((?:[^"\\]|\\.)*)"\];', text)
        assert len(labels) == 2
        assert labels[1] == rf"beta\\\n{id_of(1)}"


def test_up_to_60_nodes_are_shown_whatever_their_edges(against, server):
    server.play(mesh(60), listing())
    lines = against(MAP).stdout.splitlines()
    assert len([line for line in lines if ID[:-4] in line]) == 60
    assert "left out" not in lines[0]


def test_of_more_only_those_are_shown_that_have_an_edge_of_another_kind(against, server):
    stale = {(3, 5), (5, 3), (70, 3)}
    server.play(mesh(80, lambda *ends: {"status": "stale"} if ends in stale else {}), listing())
    lines = against(MAP).stdout.splitlines()
    assert lines[0] == "80 Nodes, 6,320 edges; 77 Nodes left out, the best connected ones"
    assert [line.split()[-1] for line in lines if ID[:-4] in line] == [id_of(3), id_of(5), id_of(70)]


def test_one_silent_node_of_many_is_among_those_shown(against, server):
    """Each of the others has an edge to it, so that all would be shown."""
    server.play(mesh(90, lambda *ends: {"status": "stale"} if 77 in ends else {}), listing())
    found = against(f"{MAP} -o json").json
    assert (found["left_out"], len(found["nodes"])) == (30, 60)
    assert id_of(77) in [node["node_id"] for node in found["nodes"]]


def test_a_large_mesh_without_a_fault_is_one_line_and_the_legend(against, server):
    server.play(mesh(61), listing())
    lines = against(MAP).stdout.splitlines()
    assert lines[0].endswith("61 Nodes left out, the best connected ones")
    assert len(lines) == 3


@pytest.mark.parametrize("ending", ["dot", "mmd"])
def test_a_graph_has_one_link_per_pair_and_no_more_than_its_readers_accept(against, server, tmp_path, ending):
    path = tmp_path / f"mesh.{ending}"
    server.play(mesh(60, lambda *ends: {"status": "stale"} if 7 in ends else {}), listing())
    against(f"{MAP} --to", path)
    text = path.read_text()
    assert len(re.findall(r" -> |<-", text)) == 500
    assert len(re.findall(r"\|stale\||\"stale\"", text)) == 59
    assert "; 1,270 links are left out" in text


def test_edges_and_names_of_unknown_nodes_change_nothing(against, server):
    edges = [{"source_node_id": "x", "target_node_id": id_of(0)}, {"source_node_id": "y", "target_node_id": "z"}]
    node = {"node_id": id_of(0), "mesh_ip": "10.50.0.1", "reachability": "healthy"}
    server.play(answer(200, {"nodes": [node, node], "edges": edges}), listing("alpha", "beta"))
    assert against(MAP).stdout.splitlines()[0] == "1 Node, 2 edges"


def test_an_empty_mesh_has_an_empty_map(against, server, tmp_path):
    server.play(mesh(0), listing())
    assert against(MAP).stdout.startswith("0 Nodes, 0 edges\n\n= direct")
    for ending in ("svg", "dot", "mmd"):
        server.play(mesh(0), listing())
        assert against(f"{MAP} --to", tmp_path / f"m.{ending}").code == 0
    ET.fromstring((tmp_path / "m.svg").read_text())
    server.play(mesh(0), listing())
    assert json.loads(against(f"{MAP} -o json").stdout)["nodes"] == []


WRITING = pytest.mark.parametrize("line", [f"{MAP} --to m.svg", "support bundle --output m.svg"])


@WRITING
def test_a_file_that_cannot_be_written_is_named_and_its_draft_is_not(small, monkeypatch, line):
    def refuse(**given):
        raise PermissionError(13, "Permission denied", f"{given['dir']}/{given['prefix']}4pd2j8ha")

    monkeypatch.setattr("plexctl.private_files.tempfile.mkstemp", refuse)
    assert small(line) == (1, "", "plexctl: Local Failure: m.svg: Permission denied\n")


@WRITING
def test_a_file_in_a_directory_that_was_removed_is_named(small, tmp_path, monkeypatch, line):
    removed = tmp_path / "removed"
    removed.mkdir()
    monkeypatch.chdir(removed)
    removed.rmdir()
    assert small(line) == (1, "", "plexctl: Local Failure: m.svg: No such file or directory\n")
