"""The lesson's Node: makes its own keys and sends the two requests that a Node sends."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from plexctl.clients.http import load_httpx
from plexctl.local import node_keys
from plexctl.local.lesson.transcript import TypedCommand

_TIMEOUT_SECONDS = 10
_REGISTERED = ("node_id", "mesh_ip", "signing_key_id", "domain_mesh_cidr")
_REFUSED = ("status", "code")

_KEYS = "wg genkey | tee node-{letter}.key | wg pubkey > node-{letter}.pub"

_REGISTER = """curl --silent --show-error --fail-with-body \\
  --header "Content-Type: application/json" \\
  --data @- "$PLEXSPHERE_URL/v1/register" > register-{letter}.json <<EOF
{{
  "project_id": "$PROJECT_ID",
  "resource_id": "{handle}",
  "requested_resource_id": "{handle}",
  "bootstrap_token": "${token}",
  "nonce": "$(openssl rand -hex 16)",
  "public_key": "$(cat node-{letter}.pub)"
}}
EOF"""

_ENVELOPE = """ENVELOPE=$(python3 - "$NODE_A" "$(jq -r .nsk register-a.json)" <<'PY'
import base64, sys, uuid
payload = uuid.UUID(sys.argv[1]).bytes + base64.b64decode(sys.argv[2])
encoded = base64.urlsafe_b64encode(payload).rstrip(b"=")
print("nsk_dev_" + encoded.decode())
PY
)"""

_NEW_KEY = "NEW_PUB=$(wg genkey | wg pubkey)"

_ROTATE = """curl --silent --show-error --fail-with-body \\
  --header "Authorization: Bearer $ENVELOPE" \\
  --header "Content-Type: application/json" \\
  --data "{\\"new_public_key\\":\\"$NEW_PUB\\"}" \\
  "$PLEXSPHERE_URL/v1/keys/rotate\""""

_CURL_FAILED = 22  # curl's exit code for an HTTP status that is an error


class Node:
    """A machine that enrols itself; `letter` distinguishes its files and variables from those of another Node."""

    def __init__(self, url: str, letter: str, handle: str) -> None:
        self._url = url
        self._letter = letter
        self._handle = handle
        self._new_public_key = _public_key()
        self.registration: Mapping[str, Any] = {}

    def register(self, variables: Mapping[str, str], token: str) -> tuple[int, tuple[TypedCommand, ...]]:
        """Redeem the token that a shell variable holds, and keep a successful response as this Node's registration.

        Return the HTTP status and what a person would have typed.
        """
        body = {
            "project_id": variables["PROJECT_ID"],
            "resource_id": self._handle,
            "requested_resource_id": self._handle,
            "bootstrap_token": variables[token],
            "nonce": secrets.token_hex(16),
            "public_key": _public_key(),
        }
        status, answer = self._post("/v1/register", body, {})
        if status == 201:
            self.registration = answer
        return status, (
            TypedCommand(_KEYS.format(letter=self._letter), ""),
            _curl(_REGISTER.format(letter=self._letter, token=token, handle=self._handle), status, ""),
            self._fields(answer, _REGISTERED if status == 201 else _REFUSED),
        )

    def prepare_rotation(self) -> tuple[TypedCommand, TypedCommand]:
        """Return the commands that assemble the credential and make the new key pair."""
        return TypedCommand(_ENVELOPE, ""), TypedCommand(_NEW_KEY, "")

    def complete_rotation(self) -> tuple[Mapping[str, Any], TypedCommand]:
        """Send the new public key, the same one in every call, and return the receipt."""
        headers = {"Authorization": f"Bearer {self._envelope()}"}
        status, receipt = self._post("/v1/keys/rotate", {"new_public_key": self._new_public_key}, headers)
        return receipt, _curl(_ROTATE, status, json.dumps(receipt, separators=(",", ":")))

    def _fields(self, answer: Mapping[str, Any], names: tuple[str, ...]) -> TypedCommand:
        command = f"jq '{{{', '.join(names)}}}' register-{self._letter}.json"
        return TypedCommand(command, json.dumps({name: answer.get(name) for name in names}, indent=2))

    def _envelope(self) -> str:
        return node_keys.bearer(self.registration["node_id"], self.registration["nsk"])

    def _post(self, path: str, body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
        httpx = load_httpx()
        answer = httpx.post(self._url + path, json=body, headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)
        return answer.status_code, answer.json()


def _curl(command: str, status: int, output: str) -> TypedCommand:
    """Show a request as curl would have sent it, with curl's own message where the status is an error."""
    if status < 400:
        return TypedCommand(command, output)
    return TypedCommand(
        command, f"{output}curl: ({_CURL_FAILED}) The requested URL returned error: {status}", _CURL_FAILED
    )


def _public_key() -> str:
    return node_keys.public_key(node_keys.new_private_key())
