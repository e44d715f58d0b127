"""A map of a mesh in a file, in the form that the file's name ends with."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from plexctl.mesh_map import MeshMap
from plexctl.private_files import replace
from plexctl.render.map_graph import as_dot, as_mermaid
from plexctl.render.map_svg import as_svg
from plexctl.streams import encoded

FORMS: Mapping[str, Callable[[MeshMap], Iterator[str]]] = {".svg": as_svg, ".dot": as_dot, ".mmd": as_mermaid}


def write_map(mesh: MeshMap, path: Path) -> None:
    """Write the whole file or nothing.

    Raises: OSError.
    """
    replace(path, encoded("".join(FORMS[path.suffix](mesh))))
