"""A Node's agent as a test plays it: its requests, the keys of its edges, and the events that it reads."""

import base64
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.plane import nsk_bearer, public_key
from tests.waiting import PATIENCE_SECONDS

DIGEST = base64.b64encode(bytes(range(32))).decode()
MEMBERS = ["id", "type", "scope", "key_id", "issued_at", "payload", "signature"]  # of an event's envelope
SECOND = 1_000_000


class Machine:
    """An enrolled Node and its client."""

    def __init__(self, plane, registered):
        self.plane = plane
        self.registered = registered
        self.id = registered["node_id"]
        self.path = f"/v1/nodes/{self.id}"
        self.client = plane.client(nsk_bearer(registered))

    def get(self, name):
        return self.client.get(f"{self.path}/{name}")

    def put(self, name, body):
        return self.client.put(f"{self.path}/{name}", json=body)

    def state(self):
        answer = self.get("state")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def beat(self, **members):
        body = {"client_now": self.now(), "binary_checksum": DIGEST, "binary_version": "v1", "nat_summary": {}}
        return self.client.post(f"{self.path}/heartbeat", json=body | members).json()

    def seen(self, endpoint="203.0.113.7:51820", nat_type="full_cone", **members):
        body = {"endpoint": endpoint, "nat_type": nat_type, "reported_at": self.now()}
        return self.put("endpoint", body | members)

    def now(self, ahead=0):
        return datetime.fromtimestamp(self.plane.clock() / SECOND + ahead, UTC).isoformat()

    def fetch(self, peer):
        return self.get(f"peers/{peer}/psk")

    def rotate(self):
        assert self.plane.admin.post(f"{self.path}/keys/rotate").status_code == 200
        self.complete_rotation()

    def complete_rotation(self):
        """Send a new public key, and return it."""
        key = public_key()
        assert self.client.post("/v1/keys/rotate", json={"new_public_key": key}).status_code == 200
        return key


def edge_key(machine, answer):
    """Open an envelope as the agent does."""
    envelope, epoch = answer.content, answer.headers["x-plexsphere-psk-epoch"]
    secret = base64.b64decode(machine.registered["nsk"])
    return AESGCM(secret).decrypt(envelope[:12], envelope[12:], epoch.encode())


class Frame(NamedTuple):
    id: str
    event: str
    data: dict


@contextmanager
def following(plane, node, last=None, bearer=None):
    """Follow a Node's events, as the Node itself unless there is another bearer; yield the lines of the stream."""
    headers = {"Authorization": f"Bearer {bearer or nsk_bearer(node)}"}
    if last is not None:
        headers["Last-Event-ID"] = last
    path = f"{plane.url}/v1/nodes/{node['node_id']}/events"
    with (
        httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client,
        client.stream("GET", path, headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-cache"
        assert response.headers["x-plexsphere-api-version"]
        yield response.iter_lines()


def take(lines, count):
    """Read so many frames."""
    frames, fields = [], {}
    for line in lines:
        name, _, text = line.partition(": ")
        fields[name] = text
        if not line and "data" in fields:
            frames.append(Frame(fields["id"], fields["event"], json.loads(fields["data"])))
            fields = {}
        if len(frames) == count:
            return frames
    raise AssertionError(f"the stream ended after {frames}")


def verified(envelope, key):
    """Tell whether an envelope is signed with a public key in base64, as an agent finds out."""
    assert list(envelope) == MEMBERS
    signed = {name: envelope[name] for name in MEMBERS[:-1]}
    content = json.dumps(signed, separators=(",", ":"), ensure_ascii=False).encode()
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(key)).verify(
            base64.b64decode(envelope["signature"]), content
        )
    except InvalidSignature:
        return False
    return True
