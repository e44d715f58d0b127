import base64

from plexctl.local.control.enrolment import register
from plexctl.local.control.worker import deliver_due


def random_part(text):
    """Cut off what is no secret; what follows may have underscores of its own."""
    return text.rsplit("_", 1)[-1] if text.startswith("psb_") else text.split("_", 2)[-1]


def test_no_secret_stands_in_the_database_files(seeded, tmp_path):
    project_id = seeded.project()
    unused = seeded.issue(project_id)["token"]
    requests = [seeded.request(project_id) for _ in range(2)]
    secrets = [str(register.register(seeded.control, request, None)["nsk"]) for request in requests]
    deliver_due(seeded.control)
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("plane.db*"))
    assert project_id.encode() in kept
    plaintexts = [unused, *(request["bootstrap_token"] for request in requests), *seeded.bearers.values(), *secrets]
    for text in plaintexts:
        assert text.encode() not in kept
        assert random_part(text).encode() not in kept
    for secret in secrets:
        assert base64.b64decode(secret) not in kept
