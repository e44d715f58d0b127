"""The transcript of the lesson: its steps, their commands with the output, and what was checked."""

from typing import Any, NamedTuple

from plexctl.local.plane_error import PlaneError


class TypedCommand(NamedTuple):
    """A command as a person would type it, its output and its exit code."""

    command: str
    output: str
    exit_code: int = 0


class Step(NamedTuple):
    """One step: its title and explanation, what was typed, and what was checked."""

    title: str
    explanation: str
    commands: tuple[TypedCommand, ...]
    promises: tuple[str, ...]


def promise(text: str, expected: object, found: object) -> str:
    """Return the text of a check that holds.

    Raises: PlaneError with the expected and the found value where they differ.
    """
    if found != expected:
        raise PlaneError("Broken Promise", f"{text}: expected {expected!r}, found {found!r}")
    return text


def as_document(steps: list[Step], summary: str) -> dict[str, Any]:
    """Return the transcript as the document of `local lesson`."""
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
