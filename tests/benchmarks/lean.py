"""A lean `peer list` of Click and httpx alone: nothing is checked, retried or kept to a deadline."""

import os
import sys

sys.modules["httpx._main"] = None  # type: ignore[assignment]  # httpx's own command line, which loads rich
import click  # noqa: E402  the module above must be barred first
import httpx  # noqa: E402  the module above must be barred first

COLUMNS = ("node_id", "mesh_ip", "reachability")


@click.group()
def cli() -> None:
    pass


@cli.group()
def peer() -> None:
    pass


@peer.command("list")
@click.option("--domain", required=True)
def list_peers(domain: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['PLEXSPHERE_TOKEN']}"}
    url = f"{os.environ['PLEXSPHERE_URL']}/v1/domains/{domain}/mesh/topology"
    # None, unlike False, has httpx make no TLS context
    with httpx.Client(verify=None, trust_env=False, timeout=30) as client:  # type: ignore[arg-type]
        answer = client.get(url, headers=headers)
    answer.raise_for_status()
    rows = [[name.upper() for name in COLUMNS], *([node[name] for name in COLUMNS] for node in answer.json()["nodes"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    cli()
