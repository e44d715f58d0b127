"""Command lines that reach a server, one a method, and the answer that suits each."""

ID = "019ed19b-68dc-7aa9-8995-80e810444cce"
OTHER_ID = "019ed1c4-26e4-7465-be1b-f54078f63315"

PROJECT = {
    "id": ID,
    "domain_id": OTHER_ID,
    "slug": "edge-fleet",
    "name": "Edge Fleet",
    "created_at": "2026-05-01T12:00:00.25Z",
}
EMPTY_PAGE: dict[str, list[object]] = {"items": []}

LIST = "project list"
GET = f"project get {ID}"
CREATE = f"project create --domain {OTHER_ID} --slug edge-fleet --display-name 'Edge Fleet'"
UPDATE = f"project update {ID} --display-name 'Edge Fleet'"
DELETE = f"project delete {ID} --yes"
ROTATE = f"key rotate --node {ID}"
WRITES = (CREATE, UPDATE, DELETE, ROTATE)

SIGNING_ROTATE = "signing rotate --scope platform --new-key-id k2"
SIGNING_CLOSE = "signing close --scope platform --old k1 --new k2"

FORMATS = ("text", "json", "yaml")
