"""local fleet: many Nodes on a local plexsphere, in one process."""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plexctl import grammar, values
from plexctl.command import Contract
from plexctl.commands import local_options
from plexctl.commands.local_family import EXIT_CODES, family
from plexctl.failures import usage
from plexctl.invocation import Invocation
from plexctl.options import option, project_option

if TYPE_CHECKING:
    from plexctl.clients.plexsphere import Plexsphere
    from plexctl.local.fleet.members import Counts, Order
    from plexctl.local.running import Running

_MOST_NODES = 1000
_SHORTEST_INTERVAL = "100ms"


def _nodes(text: str) -> int:
    return values.count_between(1, _MOST_NODES, text)


def _interval(text: str) -> int:
    """Read a duration, in nanoseconds."""
    nanoseconds = grammar.duration(text)
    if nanoseconds < grammar.duration(_SHORTEST_INTERVAL):
        raise ValueError(f"is shorter than {_SHORTEST_INTERVAL}")
    return nanoseconds


def _api_of(run: Invocation, plane: "Running") -> "Plexsphere":
    admin = local_options.operator_token(run, Path(plane.data_dir), "admin")
    return run.api_at(grammar.server_url(plane.url), admin)


def _open_api(run: Invocation, given: Mapping[str, Any]) -> "Plexsphere":
    """Open the API of the plane that the options mean."""
    data_dir = given.get("data_dir")
    return _api_of(run, local_options.running_plane(run, data_dir and Path(data_dir)))


@family.leaf(
    "fleet",
    "Run Nodes of a Project on the local plexsphere",
    Contract(
        idempotent=False,
        exit_codes=(*EXIT_CODES, 4, 77, 130),
        examples=(
            "plexctl local fleet --project edge-fleet --nodes 50",
            'plexctl local fleet --project "$PROJECT_ID" --nodes 50 --behind-nat 10 --silent 2 --interval 1s',
        ),
        open_api=_open_api,
    ),
)
@project_option("--project")
@option("--nodes", type=values.Value("N", _nodes), help=f"Number of Nodes, up to {_MOST_NODES}.")
@click.option(
    "--behind-nat",
    type=local_options.LINES,
    default="0",
    show_default=True,
    help="The last N Nodes report a symmetric NAT.",
)
@click.option(
    "--silent",
    type=local_options.LINES,
    default="0",
    show_default=True,
    help="The first N Nodes send nothing once they are enrolled, so that they become stale.",
)
@click.option(
    "--interval",
    type=values.Value("DURATION", _interval),
    default="5s",
    show_default=True,
    help="Time between two heartbeats of a Node.",
)
@local_options.data_dir_option
def fleet(
    run: Invocation,
    project_id: str,
    nodes: int,
    behind_nat: int,
    silent: int,
    interval: int,
    data_dir: Path | None,
) -> None:
    """Each Node enrols, sends heartbeats, and follows their hints, over the plane's HTTP API, until Ctrl-C.

    The Nodes stay on the plane, and the next run goes on with them: their secrets are in the folder 'fleet' of the data
    directory. The fleet outlasts a restart of the plane. A Node that is deregistered is replaced by the next run only.
    Each Node uses the edges to up to eight others, and fetches their keys.
    """
    if behind_nat + silent > nodes:
        raise usage("--behind-nat, --silent", f"{behind_nat} and {silent} Nodes are more than --nodes {nodes}")
    plane = local_options.running_plane(run, data_dir)
    _api_of(run, plane).project(project_id)
    with local_options.translate_errors():
        from plexctl.local.fleet.members import Order

        _run(run, Order(project_id, nodes, behind_nat, silent, interval / 1e9), Path(plane.data_dir))


def _run(run: Invocation, order: "Order", directory: Path) -> None:
    """Run the fleet, and show its progress.

    Raises: KeyboardInterrupt where a signal has ended it; PlaneError; OSError.
    """
    from plexctl.local.fleet.run import serve

    watcher = _Watcher(run, order)
    ended_by = serve(order, directory, watcher.report)
    watcher.report_end()
    if ended_by is not None:
        raise KeyboardInterrupt(signal.SIGINT if ended_by == signal.SIGINT else signal.SIGTERM)


class _Watcher:
    """Shows how far a fleet has got, and says once that all its Nodes are there."""

    def __init__(self, run: Invocation, order: "Order") -> None:
        self._run = run
        self._order = order
        self._shown = ""
        self._is_complete = False
        self._gone = 0

    def report(self, counts: "Counts") -> None:
        """Show the counts, unless they are shown already."""
        text = _progress(self._order, counts)
        if not self._is_complete and self._order.is_complete(counts):
            self._is_complete = True
            self._note(f"all Nodes are there ({self._order.nodes}); Ctrl-C ends the fleet and leaves them on the plane")
            self._shown = ""
        if text != self._shown:
            self._shown = text
            self._run.progress(text)
        self._gone = counts.gone

    def report_end(self) -> None:
        """Say how many Nodes are left, where some were deregistered."""
        if self._gone:
            self._note(f"Nodes deregistered: {self._gone}, left: {self._order.nodes - self._gone}")

    def _note(self, text: str) -> None:
        """Say something in text only, since a failure's document has stderr to itself."""
        if self._run.settings.output == "text":
            self._run.note(text)


def _progress(order: "Order", counts: "Counts") -> str:
    parts = [f"{counts.enrolled} of {order.nodes} Nodes enrolled", f"{counts.joined} in the mesh"]
    parts += [f"{counts.gone} deregistered"] if counts.gone else []
    parts += [f"last refusal: {counts.refusal}"] if counts.refusal else []
    return ", ".join(parts)
