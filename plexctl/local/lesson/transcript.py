"""What the lesson leaves behind: steps, the commands in them with what came back, and the promises kept."""

from typing import Any, NamedTuple


class Typed(NamedTuple):
    """A command as a person would type it, and what it answered."""

    command: str
    output: str
    exit_code: int = 0


class Step(NamedTuple):
    """One step: what it is about, what was typed, and what was checked."""

    title: str
    explanation: str
    typed: tuple[Typed, ...]
    promises: tuple[str, ...]


class BrokenPromise(Exception):  # noqa: N818  it names what happened
    """Something did not come out as the lesson says it does; the text says what was promised and what came."""


def promise(text: str, expected: object, found: object) -> str:
    """Check a promise and return it. Raises BrokenPromise."""
    if found != expected:
        raise BrokenPromise(f"{text}: expected {expected!r}, found {found!r}")
    return text


def as_document(steps: list[Step], summary: str) -> dict[str, Any]:
    """Put the transcript as data."""
    return {
        "steps": [
            {
                "title": step.title,
                "explanation": step.explanation,
                "commands": [typed._asdict() for typed in step.typed],
                "promises": list(step.promises),
            }
            for step in steps
        ],
        "summary": summary,
    }
