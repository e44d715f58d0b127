"""What a short run costs, against the bare interpreter, and for one request against a lean script of the same use."""

from collections.abc import Iterator

from tests.benchmarks.measuring import Ratio, children, ratio
from tests.benchmarks.snapshots import DOMAIN_ID, snapshot
from tests.fake_server import FakeServer, answer

PLEXCTL = ["-c", "from plexctl.main import entry; entry()"]  # as the installed script does
BARE, CLICK, LEAN = "python -c pass", "python -c 'import click'", "lean.py"
PEERS = "plexctl peer list"
LIST = ["peer", "list", "--domain", DOMAIN_ID]
RUNS = {
    "plexctl --version": ["--version"],
    "plexctl --help": ["--help"],
    "plexctl peer list --help": ["peer", "list", "--help"],
    "a usage error": ["peer", "list", "--domain", "x"],
}


def measure() -> Iterator[Ratio]:
    commands = {BARE: ["-c", "pass"], CLICK: ["-c", "import click"], LEAN: ["-m", "tests.benchmarks.lean", *LIST]}
    commands |= {name: [*PLEXCTL, *arguments] for name, arguments in {**RUNS, PEERS: LIST}.items()}
    with FakeServer() as server:
        server.play(answer(200, snapshot(2)))
        costs = children(commands, {"PLEXSPHERE_URL": server.url, "PLEXSPHERE_TOKEN": "a-token"})
    for name in (CLICK, *RUNS, PEERS):
        yield ratio(name, BARE, "cpu", costs[name].cpu, costs[BARE].cpu)
        yield ratio(name, BARE, "wall", costs[name].wall, costs[BARE].wall)
    yield ratio(PEERS, LEAN, "cpu", costs[PEERS].cpu, costs[LEAN].cpu)
    yield ratio(PEERS, LEAN, "wall", costs[PEERS].wall, costs[LEAN].wall)
