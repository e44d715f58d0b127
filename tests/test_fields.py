"""What each field of a document means, read off the class that declares it."""

from typing import Annotated

from plexctl.document_fields import fields_of


class Document:
    explained: Annotated[str, "what it is for"]
    for_the_program_alone: int
    absent_at_times: Annotated[int | None, "how many"]


def test_only_a_field_with_a_meaning_is_listed():
    assert [(field.name, field.meaning) for field in fields_of(Document)] == [
        ("explained", "what it is for"),
        ("absent_at_times", "how many"),
    ]
