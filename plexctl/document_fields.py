"""The fields of a document, read from the class that declares it, for the reference pages and the tests of the tree."""

from collections.abc import Iterator
from importlib import import_module
from types import NoneType
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints


class Field(NamedTuple):
    """A field of a document; `item` is the class of a list's items if these are documents too."""

    name: str
    kind: type
    meaning: str
    required: bool
    item: type | None = None


def document_class(name: str) -> type:
    """Import the class that a contract names, such as plexctl.wire.Project for `wire:Project`."""
    module, _, member = name.partition(":")
    found: type = getattr(import_module(f"plexctl.{module}"), member)
    return found


def fields_of(document: type) -> Iterator[Field]:
    """Yield each field declared as `name: Annotated[type, "meaning"]`, in order; it is optional if it may be None."""
    for name, hint in get_type_hints(document, include_extras=True).items():
        if get_origin(hint) is Annotated:
            declared, meaning = get_args(hint)
            yield _field(name, declared, meaning)


def _field(name: str, declared: Any, meaning: str) -> Field:  # noqa: ANN401  a type hint has no one type
    alternatives = [found for found in get_args(declared) if found is not NoneType]
    is_optional = NoneType in get_args(declared)
    given = alternatives[0] if is_optional else declared
    item = next(iter(get_args(given)), None) if get_origin(given) is list else None
    is_document = isinstance(item, type) and hasattr(item, "__annotations__")
    return Field(name, get_origin(given) or given, meaning, not is_optional, item if is_document else None)
