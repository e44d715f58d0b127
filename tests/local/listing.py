"""A listing of the rules, page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Page = Mapping[str, Any]


def every_page(list_page: Callable[[str | None], Page]) -> Iterator[Page]:
    """Follow the cursors to the end; the function returns the page that a cursor leads to."""
    cursor = None
    while True:
        page = list_page(cursor)
        yield page
        if (cursor := page.get("next_cursor")) is None:
            return


def items(page: Page) -> list[dict[str, Any]]:
    return list(page["items"])


def next_cursor(page: Page) -> str:
    return str(page["next_cursor"])
