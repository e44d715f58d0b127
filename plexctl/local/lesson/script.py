"""The steps of the lesson, each of which checks its results."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from plexctl.local.lesson.node import Node
from plexctl.local.lesson.operator import Operator
from plexctl.local.lesson.transcript import Step, TypedCommand, promise

SUMMARY = "Two Nodes enrolled, two directed edges, one mesh key and two signing keys rotated; every promise was kept."
_CREATE = """plexctl project create --domain "$DOMAIN_ID" \\
  --slug edge-fleet --display-name "Edge Fleet\""""
_ISSUE = """plexctl bootstrap-token issue --project "$PROJECT_ID" \\
  --kind node --env-prefix dev --ttl 1h"""
_PEERS = 'plexctl peer list --domain "$DOMAIN_ID"'
_PROJECTS = 'plexctl project list --domain "$DOMAIN_ID"'
_RESOURCES = """plexctl resource list \\
  --project-id "$PROJECT_ID\""""
_SEEDED_DOMAINS = 3
_ANCHORED_WITHIN_SECONDS = 5.0

T = TypeVar("T")


class Lesson:
    """One operator and two Nodes of one plane; with `clean_up`, the last step removes what the others made."""

    def __init__(self, operator: Operator, url: str, *, clean_up: bool) -> None:
        self.operator = operator
        self.clean_up = clean_up
        self.first = Node(url, "a", "edge-router-01")
        self.second = Node(url, "b", "edge-router-02")

    def steps(self) -> Iterator[Step]:
        """Play the lesson, one step per item.

        Raises: PlaneError at the first wrong result.
        """
        yield self._create_project()
        yield self._issue_token()
        yield self._enrol_first()
        yield self._redeem_twice()
        yield self._enrol_second()
        yield self._read_mesh()
        yield self._trigger_rotation()
        yield self._complete_rotation()
        yield self._rotate_signing_key("platform", "platform-2026-05", "the platform")
        yield self._rotate_signing_key('"domain:$DOMAIN_ID"', "domain-2026-05", "the Domain")
        if self.clean_up:
            yield self._delete_all()

    def _create_project(self) -> Step:
        typed = (
            *self.operator.keep("DOMAIN_ID", "plexctl domain get acme-corp", "id"),
            *self.operator.keep("PROJECT_ID", _CREATE, "id"),
        )
        project = self.operator.read('plexctl project get "$PROJECT_ID"')
        return Step(
            "Create a Project",
            "A machine joins by way of a Project, which belongs to a Domain, the owner of the mesh.",
            typed,
            (promise("the Project belongs to the Domain", self.operator.variables["DOMAIN_ID"], project["domain_id"]),),
        )

    def _issue_token(self) -> Step:
        typed = self.operator.keep("TOKEN_A", _ISSUE, "token")
        return Step(
            "Issue a bootstrap token",
            "It enrols one machine, once, and is shown only now: the control plane keeps a hash of it.",
            typed,
            (
                promise(
                    "the token is for a node of dev", True, self.operator.variables["TOKEN_A"].startswith("psb_dev_")
                ),
            ),
        )

    def _enrol_first(self) -> Step:
        status, typed = self.first.register(self.operator.variables, "TOKEN_A")
        node = self.first.registration
        return Step(
            "Enrol the first Node",
            "The Node generates its own key pair, and sends the token and the public key to enrol.",
            typed,
            (
                promise("the answer is 201", 201, status),
                promise("it has the lowest free address", "10.50.0.1", node.get("mesh_ip")),
                promise(
                    "it will verify events with key k1", "did:plexsphere:domain/dev#k1", node.get("signing_key_id")
                ),
                promise("it knows the mesh CIDR", "10.50.0.0/24", node.get("domain_mesh_cidr")),
            ),
        )

    def _redeem_twice(self) -> Step:
        status, typed = self.second.register(self.operator.variables, "TOKEN_A")
        return Step(
            "Try the same token again",
            "A bootstrap token is consumed by its first use.",
            typed,
            (
                promise("it is refused with status 403", 403, status),
                promise("and with code token_consumed", True, "token_consumed" in typed[-1].output),
            ),
        )

    def _enrol_second(self) -> Step:
        token = self.operator.keep("TOKEN_B", _ISSUE, "token")
        status, typed = self.second.register(self.operator.variables, "TOKEN_B")
        return Step(
            "Enrol a second Node",
            "With a token of its own the next machine gets the next address, and there is a mesh.",
            (*token, *typed),
            (
                promise("the answer is 201", 201, status),
                promise("it has the next free address", "10.50.0.2", self.second.registration.get("mesh_ip")),
            ),
        )

    def _read_mesh(self) -> Step:
        peers = _eventually(lambda: self.operator.read(_PEERS)["items"], lambda found: len(found) == 2)
        edges = self.operator.read('plexctl mesh topology --domain "$DOMAIN_ID"')["edges"]
        ids = [self.first.registration["node_id"], self.second.registration["node_id"]]
        return Step(
            "Read the mesh",
            "A moment after it enrolled, each Node is anchored as a Peer, with an edge to and from every other.",
            (self.operator.run(_PEERS), self.operator.run('plexctl mesh topology --domain "$DOMAIN_ID"')),
            (
                promise("both Nodes are Peers, by address", ids, [peer["node_id"] for peer in peers]),
                promise("both are healthy", ["healthy"] * 2, [peer["reachability"] for peer in peers]),
                promise(
                    "there are two directed edges",
                    [ids, ids[::-1]],
                    [[edge["source_node_id"], edge["target_node_id"]] for edge in edges],
                ),
                promise("both edges are direct", [None, None], [edge["relay_node_id"] for edge in edges]),
            ),
        )

    def _trigger_rotation(self) -> Step:
        self.operator.variables["NODE_A"] = self.first.registration["node_id"]
        preview = self.operator.read('plexctl key rotate --node "$NODE_A" --dry-run')
        typed = (
            TypedCommand("NODE_A=$(jq -r .node_id register-a.json)", ""),
            self.operator.run('plexctl key rotate --node "$NODE_A" --dry-run'),
            self.operator.run('plexctl key rotate --node "$NODE_A"'),
        )
        pending = self.operator.read('plexctl key rotate --node "$NODE_A" --dry-run')
        return Step(
            "Ask the first Node for a new mesh key",
            "A dry run shows what it touches and records nothing; the real one leaves a rotation pending.",
            typed,
            (
                promise("one edge would get a new pre-shared key", 1, preview["affected_peer_count"]),
                promise("the dry run recorded nothing", False, preview["already_pending"]),
                promise("the rotation is pending", True, pending["already_pending"]),
            ),
        )

    def _complete_rotation(self) -> Step:
        receipt, typed = self.first.complete_rotation()
        again, typed_again = self.first.complete_rotation()
        after = self.operator.read('plexctl key rotate --node "$NODE_A" --dry-run')
        return Step(
            "Complete the rotation, as the Node",
            "Only the Node has its private key: it authenticates with its node secret key and sends a new public key.",
            (*self.first.prepare_rotation(), typed, typed_again),
            (
                promise("the receipt has the pre-shared key's id", "psk-software-v1", receipt.get("kid")),
                promise("the same key again gives the same receipt", receipt, again),
                promise("nothing is pending any more", False, after["already_pending"]),
            ),
        )

    def _rotate_signing_key(self, scope: str, key_id: str, owner: str) -> Step:
        rotate = f"plexctl signing rotate --scope {scope} \\\n  --new-key-id"
        typed = (
            self.operator.run(f"{rotate} {key_id}"),
            self.operator.run(f"{rotate} {key_id}-b", exit_code=1),
            self.operator.run(f"plexctl signing close --scope {scope} \\\n  --old k1 --new {key_id}"),
        )
        return Step(
            f"Rotate the signing key of {owner}",
            "While old and new overlap both verify, and no second rotation may open; closing retires the old key.",
            typed,
            (
                promise("a second rotation is refused", True, "signing: rotation in progress" in typed[1].output),
                promise("the rotation is closed", True, key_id in typed[2].output),
            ),
        )

    def _delete_all(self) -> Step:
        first = self.operator.keep("RESOURCE_A", _RESOURCES, "items", 0, "id")
        second = self.operator.keep("RESOURCE_B", _RESOURCES, "items", 1, "id")
        typed = (
            self.operator.run(_RESOURCES),
            *(kept for kept, _ in (first, second)),
            self.operator.run('plexctl resource delete "$RESOURCE_A" --yes'),
            self.operator.run('plexctl resource delete "$RESOURCE_B" --yes'),
            self.operator.run(_PEERS),
            self.operator.run('plexctl project delete "$PROJECT_ID" --yes'),
            self.operator.run("plexctl domain list"),
        )
        refusal, _ = self.first.complete_rotation()
        return Step(
            "Clean up",
            "Deleting a Resource deregisters its Node. A Project without Resources and Nodes can be deleted.",
            typed,
            (
                promise("the first Node's secret key is revoked", "nsk_revoked", refusal.get("code")),
                promise("the mesh is empty", [], self.operator.read(_PEERS)["items"]),
                promise("the Project is gone", [], self.operator.read(_PROJECTS)["items"]),
                promise(
                    "the Domains of a new plane are left",
                    _SEEDED_DOMAINS,
                    len(self.operator.read("plexctl domain list")["items"]),
                ),
            ),
        )


def _eventually(read: Callable[[], T], is_there: Callable[[T], bool]) -> T:
    """Read again until `is_there` accepts the result or the time is up: a Node is anchored just after it enrolled."""
    deadline = time.monotonic() + _ANCHORED_WITHIN_SECONDS
    found = read()
    while not is_there(found) and time.monotonic() < deadline:
        found = read()
    return found
