"""A thousand bootstrap tokens as a server lists them."""

from typing import Any

from plexctl.identifiers import uuid7


def listed_tokens() -> list[dict[str, Any]]:
    project_id, issuer = uuid7(), uuid7()
    return [
        {
            "id": uuid7(),
            "project_id": project_id,
            "kind": "node",
            "env_prefix": "dev",
            "issued_at": "2026-04-27T10:15:30.123456Z",
            "expires_at": "2126-04-27T10:15:30.123456Z",
            "issued_by_user_id": issuer,
        }
        for _ in range(1000)
    ]
