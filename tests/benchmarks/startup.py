"""What a short run costs, against the bare interpreter, Click alone, and pip."""

from collections.abc import Iterator

from tests.benchmarks.measuring import Ratio, children, ratio
from tests.fake_server import FakeServer, answer

PLEXCTL = ["-c", "from plexctl.main import entry; entry()"]  # as the installed script does
BARE, CLICK, PIP = "python -c pass", "python -c 'import click'", "pip --version"
PEERS = {BARE: ["-c", "pass"], CLICK: ["-c", "import click"], PIP: ["-m", "pip", "--version"]}
RUNS = {
    "plexctl --version": ["--version"],
    "plexctl --help": ["--help"],
    "plexctl peer list --help": ["peer", "list", "--help"],
    "a usage error": ["peer", "list", "--domain", "x"],
    "one GET": ["project", "list"],
}


def measure() -> Iterator[Ratio]:
    commands = PEERS | {name: [*PLEXCTL, *arguments] for name, arguments in RUNS.items()}
    with FakeServer() as server:
        server.play(answer(200, {"items": []}))
        costs = children(commands, {"PLEXSPHERE_URL": server.url, "PLEXSPHERE_TOKEN": "a-token"})
    yield ratio(CLICK, BARE, "cpu", costs[CLICK].cpu, costs[BARE].cpu)
    for name in RUNS:
        for peer in (BARE, PIP):
            yield ratio(name, peer, "cpu", costs[name].cpu, costs[peer].cpu)
            yield ratio(name, peer, "wall", costs[name].wall, costs[peer].wall)
