"""The documents that the local family prints in json and yaml, and what each of their fields means."""

from typing import Annotated, TypedDict


class Variables(TypedDict):
    """The document of `local env`."""

    PLEXSPHERE_URL: Annotated[str, "the HTTP API"]
    PLEXSPHERE_TOKEN: Annotated[str, "the bearer token of admin"]
    PLEXSPHERE_SIGNER_ENDPOINT: Annotated[str, "the signer's HOST:PORT"]
    PLEXCTL_LOCAL_DATA_DIR: Annotated[str, "the data directory, which tells the plane from others"]


class OperatorToken(TypedDict):
    """The document of `local token`."""

    name: Annotated[str, "the operator"]
    token: Annotated[str, "the bearer token"]


class Log(TypedDict):
    """The document of `local logs`."""

    items: Annotated[list[dict[str, object]], "the log's lines, each an object"]


class Step(TypedDict):
    """A step of the lesson."""

    title: Annotated[str, "what the step does"]
    explanation: Annotated[str, "why, in a sentence"]
    commands: Annotated[list[dict[str, object]], "what was typed: command, output, exit_code"]
    promises: Annotated[list[str], "what was checked and found right"]


class Lesson(TypedDict):
    """The document of `local lesson`."""

    steps: Annotated[list[Step], "the steps, in order"]
    summary: Annotated[str, "what the lesson did"]
