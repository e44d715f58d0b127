"""A payload as a document: JSON or YAML, every field as the server sent it."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from plexctl.render.text import REORDERING

_CHUNKS = 65_536

# JSON leaves these as they are, and a terminal acts on them; inside a JSON string an escape means the same.
_ACTING = re.compile(f"[\x7f-\x9f\ud800-\udfff{''.join(sorted(REORDERING))}]")

# Plain scalars that some YAML readers take for numbers or truths although PyYAML's rules do not.
_AMBIGUOUS = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7_]+|0x[0-9a-fA-F]+|[yYnN]")


def as_json(payload: Any) -> Iterator[str]:  # noqa: ANN401  whatever JSON holds
    """Write JSON in pieces: a mesh of a thousand Nodes has a million edges, and would take its size in memory again."""
    from json import JSONEncoder  # an error in text, too, comes by here

    chunks = JSONEncoder(ensure_ascii=False, indent=2, allow_nan=False).iterencode(payload)
    while piece := "".join(islice(chunks, _CHUNKS)):
        yield _escaped(piece)
    yield "\n"


def as_yaml(payload: Any) -> Iterator[str]:  # noqa: ANN401  whatever JSON holds
    """Write YAML that both 1.1 and 1.2 readers take for the same strings, numbers and truths."""
    import yaml

    # the C emitter would escape characters beyond the basic plane, such as emoji
    in_c = all(max(piece) <= "\uffff" for piece in as_json(payload))
    base: type[Any] = getattr(yaml, "CSafeDumper", yaml.SafeDumper) if in_c else yaml.SafeDumper

    class Dumper(base):  # type: ignore[misc]  # the C emitter is there only where libyaml was
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  the signature is PyYAML's
            return True

    Dumper.add_representer(str, _represent_text)
    yield _escaped(
        yaml.dump(
            payload,
            Dumper=Dumper,
            sort_keys=False,
            default_flow_style=False,
            allow_unicode=True,
            indent=2,
            width=2**31 - 1,
        )
    )


FORMS: Mapping[str, Callable[[object], Iterator[str]]] = {"json": as_json, "yaml": as_yaml}


def _escaped(document: str) -> str:
    """Escape what stands in quoted strings only, so that JSON and YAML read the same text back."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def _represent_text(dumper: Any, text: str) -> Any:  # noqa: ANN401  PyYAML is untyped here
    text = text.encode("utf-8", "replace").decode("utf-8")
    style = None
    if _ACTING.search(text):
        style = '"'
    elif _AMBIGUOUS.fullmatch(text):
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
