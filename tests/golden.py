"""One walk through every leaf, on a plane whose clock stands still and whose random numbers are the same each time."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plexctl.local.control.base.transaction import Settings
from plexctl.local.plane import Plane
from plexctl.local.sources import Sources
from tests.approval import approving
from tests.command import Command, Outcome
from tests.plane import Clock, LivePlane, created, nsk_bearer

# Far ahead, so that no token of the walk has expired by the clock of the machine that runs it.
NOON = 4_112_856_000_250_000  # 2100-05-01T12:00:00.25Z in microseconds


class _Still(Clock):
    def __call__(self) -> int:
        return NOON


def repeatable() -> Sources:
    """Number what is random by its length, so that a further salt or key changes no id."""
    counts: Counter[int] = Counter()

    def random_bytes(length: int) -> bytes:
        counts[length] += 1
        return hashlib.shake_256(f"{length} {counts[length]}".encode()).digest(length)

    return Sources(_Still(), random_bytes)


def walk(directory: Path, output: str) -> dict[str, Outcome]:
    """Run every leaf against a plane of its own, and return what each printed."""
    plane = Plane(directory / "plane", Settings(cheap_hashes=True), repeatable())
    plane.start()
    try:
        live = LivePlane(plane, _Still())
        environment = {
            "PLEXSPHERE_URL": plane.url,
            "PLEXSPHERE_SIGNER_ENDPOINT": plane.signer_endpoint,
            "PLEXSPHERE_TOKEN": live.bearers["admin"],
            "PLEXSPHERE_OUTPUT": output,
        }
        command = Command(directory / "home", environment)
        command.home.mkdir()
        configured = Command(directory / "home-of-olga", {"PLEXSPHERE_OUTPUT": output})
        outcomes = {**dict(_steps(command, live)), **_config(configured)}
        live.close()
    finally:
        plane.stop()
    return outcomes


def _config(plexctl: Command) -> dict[str, Outcome]:
    """Change the profiles, with a home whose path is the same each time."""
    steps = {
        "config-set": "config set server https://plexsphere.example --profile staging",
        "config-list-profiles": "config list-profiles",
        "config-view": "config view --timeout 90s",
        "config-path": "config path",
        "config-use-profile": "config use-profile staging",
        "config-unset": "config unset server",
        "config-delete-profile": "config delete-profile staging --yes",
    }
    outcomes = {step: plexctl(line) for step, line in steps.items()}

    def anywhere(text: str) -> str:
        return text.replace(str(plexctl.home), "/home/olga")

    return {step: outcome._replace(stdout=anywhere(outcome.stdout)) for step, outcome in outcomes.items()}


def _steps(plexctl: Command, live: LivePlane) -> Iterator[tuple[str, Outcome]]:
    domain = live.domain_id()
    yield "whoami", plexctl("whoami")
    yield "domain-list", plexctl("domain list")
    yield "api", plexctl(f"api GET /v1/domains/{domain}")
    yield "domain-list-query", plexctl("domain list --query 'items[].{slug: slug, cidr: mesh_cidr}'")
    yield "domain-get", plexctl("domain get acme-corp")
    yield "domain-get-query", plexctl("domain get acme-corp --query slug")
    yield from _domains(plexctl, live)
    yield from _projects(plexctl, live, domain)
    fleet = _id_of(live, "edge-fleet")
    yield from _tokens(plexctl, live, fleet)
    yield from _mesh(plexctl, live, domain)
    yield from _resources(plexctl, live, domain, fleet)
    scope = f"--scope domain:{domain}"
    yield "signing-rotate", plexctl(f"signing rotate {scope} --new-key-id k2")
    yield "signing-close", plexctl(f"signing close {scope} --old k1 --new k2")
    with approving(live):
        logged_in = plexctl(f"login --domain-id {domain}", PLEXSPHERE_TOKEN="")
    yield "login", logged_in._replace(stderr="")  # which has the address of the page
    yield "logout", plexctl("logout")
    yield "support-bundle", plexctl("support bundle --output", plexctl.home / "bundle.tar.gz")


def _domains(plexctl: Command, live: LivePlane) -> Iterator[tuple[str, Outcome]]:
    new = "--slug delta --display-name 'Delta Ltd' --mesh-cidr 10.60.0.0/16"
    policy = "--heartbeat-interval 30s --stale-after 90s --unreachable-after 5m"
    yield "domain-create", plexctl(f"domain create {new} --description 'For trials' --region eu-central {policy}")
    delta = live.domain_id("delta")
    yield "domain-update", plexctl(f"domain update {delta} --display-name Delta --mesh-cidr 10.60.0.0/17")
    yield "domain-delete", plexctl(f"domain delete {delta} --yes")


def _resources(plexctl: Command, live: LivePlane, domain: str, project: str) -> Iterator[tuple[str, Outcome]]:
    yield "node-list", plexctl(f"node list --domain {domain}")
    (node, *_) = live.admin.get("/v1/nodes").json()["items"]
    yield "node-get", plexctl(f"node get {node['id']}")
    machine = _enrol(live, project, 3)
    agent = live.client(nsk_bearer(machine))
    for key, report in (("disk.free", {"value": "12 GiB"}), ("backup", {"value": "done", "workload_tag": "restic"})):
        agent.put(f"/v1/nodes/{machine['node_id']}/state/reports/{key}", json=report).raise_for_status()
    yield "state-get", plexctl(f"state get --node {machine['node_id']}")
    where = f"--project-id {project}"
    yield "resource-adopt", plexctl(f"resource adopt {where} --kind bridge --external-ref rack-7")
    yield "resource-list", plexctl(f"resource list {where}")
    *_, adopted = live.admin.get(f"/v1/projects/{project}/resources").json()["items"]
    yield "resource-get", plexctl(f"resource get {adopted['id']}")
    yield "resource-delete", plexctl(f"resource delete {adopted['id']} --yes")


def _projects(plexctl: Command, live: LivePlane, domain: str) -> Iterator[tuple[str, Outcome]]:
    create = f"project create --domain {domain}"
    yield "project-create", plexctl(f"{create} --slug edge-fleet --display-name 'Edge Fleet'")
    plexctl(f"{create} --slug lab --display-name 'Labor 中文' --description 'Für Versuche'")
    lab = _id_of(live, "lab")
    yield "project-update", plexctl(f"project update {lab} --sub-range 10.50.0.128/25")
    yield "project-list", plexctl(f"project list --domain {domain}")
    yield "project-get", plexctl(f"project get {lab}")
    yield "project-delete", plexctl(f"project delete {lab} --yes")


def _tokens(plexctl: Command, live: LivePlane, project: str) -> Iterator[tuple[str, Outcome]]:
    issue = f"bootstrap-token issue --project {project} --kind node --env-prefix dev"
    yield "bootstrap-token-issue", plexctl(f"{issue} --ttl 1h")
    (unused,) = live.admin.get(f"/v1/projects/{project}/bootstrap-tokens").json()["items"]
    token = unused["id"]
    this = f"--project {project} --token-id {token}"
    yield "bootstrap-token-get", plexctl(f"bootstrap-token get {this}")
    yield "bootstrap-token-revoke", plexctl(f"bootstrap-token revoke {this} --yes")
    for number in (1, 2):
        _enrol(live, project, number)
    yield "bootstrap-token-list", plexctl(f"bootstrap-token list --project {project}")


def _mesh(plexctl: Command, live: LivePlane, domain: str) -> Iterator[tuple[str, Outcome]]:
    node_id = live.anchored(domain, 2)["nodes"][0]["node_id"]
    node = f"--node {node_id}"
    yield "peer-list", plexctl(f"peer list --domain {domain}")
    yield "peer-wait", plexctl(f"peer wait --domain {domain} --count 2 --for healthy")
    yield "peer-get", plexctl(f"peer get --domain {domain} {node}")
    yield "mesh-topology", plexctl(f"mesh topology --domain {domain}")
    yield "mesh-status", plexctl(f"mesh status --domain {domain}")
    yield "mesh-map", plexctl(f"mesh map --domain {domain}")
    yield "key-rotate-dry-run", plexctl(f"key rotate {node} --dry-run")
    yield "key-rotate", plexctl(f"key rotate {node}")
    yield "key-rotate-again", plexctl(f"key rotate {node}")


def _enrol(live: LivePlane, project: str, number: int) -> dict[str, Any]:
    key = base64.b64encode(bytes([number]) * 32).decode()
    body = live.registration(project, live.token(project), public_key=key, nonce=f"{number:032}")
    registered = created(live.nobody.post("/v1/register", json=body))
    live.anchored(live.domain_id(), number)
    return registered


def _id_of(live: LivePlane, slug: str) -> str:
    items = live.admin.get("/v1/projects").json()["items"]
    return next(item["id"] for item in items if item["slug"] == slug)
