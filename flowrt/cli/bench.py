"""`flowrt bench`: synthetic frames of a flow's own DBC through the real engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from flowrt.cli.progress import progress_bar

if TYPE_CHECKING:
    from flowrt.bench import Result

__all__ = ["command"]


@click.command("bench")
@click.argument("flow", type=click.Path(path_type=Path))
@click.option("--frames", default=500_000, show_default=True, type=click.IntRange(min=1))
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(flow: Path, frames: int, as_json: bool) -> int:
    """Measure FLOW: frames/s, time per node, latency, drops, memory."""
    from flowrt.bench import bench

    with progress_bar("measuring", frames) as progress:
        result = bench(flow, frames, progress)
    if as_json:
        click.echo(orjson.dumps(result.as_dict()))
    else:
        _show(result)
    return 0


def _show(result: Result) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{result.frames_per_second:,.0f} frames/s", title_justify="left")
    for column in ("node", "type"):
        table.add_column(column)
    for column in ("in", "out", "busy s", "share", "ns a message"):
        table.add_column(column, justify="right")
    for id, node in result.nodes.items():
        each = node["busy_seconds"] / node["received"] * 1e9 if node["received"] else 0
        table.add_row(
            id,
            node["type"],
            f"{node['received']:,}",
            f"{node['sent']:,}",
            f"{node['busy_seconds']:.3f}",
            f"{node['share']:.0%}",
            f"{each:,.0f}" if each else "",
        )
    console = Console()
    console.print(table)
    if result.latency:
        figures = "  ".join(f"{name} {value:.2f} ms" for name, value in result.latency.items())
        console.print(f"latency at 8,000 frames/s: {figures}")
    for id, drops in result.dropped.items():
        console.print(f"dropped at {id}: {drops}")
    console.print(f"errors: {result.errors}, memory: {result.memory / 1e6:.0f} MB")
