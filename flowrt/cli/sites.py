"""`flowrt sites`: one flow live for many sites, whose frames come as lines of JSON."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import orjson

__all__ = ["command"]


@click.command("sites")
@click.argument("flow", type=click.Path(path_type=Path))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    default="sites",
    show_default=True,
    help="Folder of each site's record and checkpoint; all workers must see it.",
)
@click.option("--executor", type=click.Choice(("here", "ray")), default="here", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Cores of the cluster started here.")
@click.option("--cluster", metavar="ADDRESS", help="A running Ray cluster to work on.")
@click.option("--batch", type=click.IntRange(min=1), default=500, show_default=True)
def command(
    flow: Path, data: Path, executor: str, workers: int | None, cluster: str | None, batch: int
) -> int:
    """Run FLOW for every site whose frames come by standard input; go on where it was left.

    A line is a frame's record with its "site", or a topic and a record as
    mosquitto_sub -F '%t %p' prints them.
    """
    from flowrt.executor.actors import actors
    from flowrt.flow.check import rehearsable
    from flowrt.flow.file import read_flow
    from flowrt.sites.fleet import Fleet
    from flowrt.sites.lines import batches

    rehearsable(read_flow(flow))
    malformed = 0

    def tell(sentence: str) -> None:
        nonlocal malformed
        malformed += 1
        click.echo(sentence, err=True)

    with actors(executor, workers or os.cpu_count() or 1, cluster) as crew:
        fleet = Fleet(crew, flow, data)
        for site, frames in batches(sys.stdin.fileno(), batch, tell):
            fleet.send(site, frames)
        facts = fleet.close()
    click.echo(
        orjson.dumps({"sites": facts, "restarts": fleet.restarts, "malformed_lines": malformed})
    )
    return 0
