"""Long texts in an error, each of which is searched for secrets before it is shown."""

import json

from tests.fake_server import answer
from tests.hostile.case import Case, sized, unavailable
from tests.long_mode import pick
from tests.samples import GET

# An error's body is cut at a mebibyte. A quarter of it is long enough for work that grows with the square of a length.
LENGTH = pick(1 << 18, 1 << 20) - 200
STRINGS = LENGTH // 10
UNITS = {
    "letters": "x",
    "blanks": " ",
    "words": "word ",
    "colons": ":",
    "signs": "@",
    "passwords": "a:b@",
    "halves of a password": "a:b",
    "quotes": '"',
    "backslashes": "\\",
    "wide letters": "漢",
    "marks": "\u202e",
    "escapes": "\x1b[2J",
    "tokens": "psb_dev_",
    "beginnings of tokens": "psb_",
    "underscores": "_",
    "slashes": "/",
    "lines": "a\n",
}


def error(document: object) -> Case:
    body = json.dumps(document, ensure_ascii=False).encode()
    return unavailable(answer(500, body, media_type="application/problem+json"), status=500, line=GET)


def long(unit: str) -> str:
    return unit * (LENGTH // len(json.dumps(unit, ensure_ascii=False).encode()[1:-1]))


# Every text goes through the same search; it is the place that decides how often, and each is tried with some of them.
SOME = pick({name: UNITS[name] for name in ("words", "passwords", "marks", "escapes")}, UNITS)

CASES: dict[str, Case] = {
    **{f"{name} in the title": error({"title": long(unit)}) for name, unit in SOME.items()},
    **{f"{name} in the detail": error({"title": "t", "detail": long(unit)}) for name, unit in SOME.items()},
    **{f"{name} in an extension": error({"title": "t", "more": [long(unit)]}) for name, unit in UNITS.items()},
    **{f"{name} in a name": error({"title": "t", long(unit): 1}) for name, unit in SOME.items()},
    "an extension of very many strings": error({"title": "t", "more": ["a:b@"] * STRINGS}),
    "a place of sixty kilobytes": unavailable(
        sized(b"", b"HTTP/1.1 302 Found\r\nLocation: http://x/" + b"x" * 60_000 + b"\r\n"), status=302
    ),
    "a request id of sixty kilobytes": unavailable(
        sized(b"", b"HTTP/1.1 500 No\r\nX-Request-Id: " + b"x:" * 30_000 + b"\r\n"), status=500
    ),
    "a status line of sixty kilobytes": Case([b"HTTP/1.1 " + b"x" * 60_000 + b"\r\n\r\n"], "malformed"),
}
