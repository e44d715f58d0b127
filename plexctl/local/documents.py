"""The documents that the local family prints in json and yaml, and what each of their fields means."""

from typing import Annotated, TypedDict


class Variables(TypedDict):
    """`local env`."""

    PLEXSPHERE_URL: Annotated[str, "what to set PLEXSPHERE_URL to"]
    PLEXSPHERE_TOKEN: Annotated[str, "what to set PLEXSPHERE_TOKEN to"]
    PLEXSPHERE_SIGNER_ENDPOINT: Annotated[str, "what to set PLEXSPHERE_SIGNER_ENDPOINT to"]


class OperatorToken(TypedDict):
    """`local token`."""

    name: Annotated[str, "the operator"]
    token: Annotated[str, "the bearer token"]


class Log(TypedDict):
    """`local logs`."""

    items: Annotated[list[dict[str, object]], "the log's lines, each an object"]


class Step(TypedDict):
    """A step of the lesson."""

    title: Annotated[str, "what the step does"]
    explanation: Annotated[str, "why, in a sentence"]
    commands: Annotated[list[dict[str, object]], "what was typed: command, output, exit_code"]
    promises: Annotated[list[str], "what was checked, and held"]


class Lesson(TypedDict):
    """`local lesson`."""

    steps: Annotated[list[Step], "the steps, in order"]
    summary: Annotated[str, "what was done in all"]
