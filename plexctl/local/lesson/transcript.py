"""What the lesson leaves behind: steps, the commands in them with what came back, and the promises kept."""

from typing import Any, NamedTuple

from plexctl.local.plane_error import PlaneError


class TypedCommand(NamedTuple):
    """A command as a person would type it, and what it answered."""

    command: str
    output: str
    exit_code: int = 0


class Step(NamedTuple):
    """One step: what it is about, what was typed, and what was checked."""

    title: str
    explanation: str
    commands: tuple[TypedCommand, ...]
    promises: tuple[str, ...]


def promise(text: str, expected: object, found: object) -> str:
    """Check a promise and return it.

    Raises: PlaneError where it is broken, with what was promised and what was found.
    """
    if found != expected:
        raise PlaneError("Broken Promise", f"{text}: expected {expected!r}, found {found!r}")
    return text


def as_document(steps: list[Step], summary: str) -> dict[str, Any]:
    """Put the transcript as data."""
    return {
        "steps": [
            {
                "title": step.title,
                "explanation": step.explanation,
                "commands": [command._asdict() for command in step.commands],
                "promises": list(step.promises),
            }
            for step in steps
        ],
        "summary": summary,
    }
