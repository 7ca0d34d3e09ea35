"""`flowrt replay`: a recorded CAN log through a flow, under a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import orjson

from flowrt.cli.progress import progress_bar

if TYPE_CHECKING:
    from flowrt.replay import Replay, Summary

__all__ = ["command"]


@click.command("replay")
@click.argument("flow", type=click.Path(path_type=Path))
@click.argument("log", type=click.Path(path_type=Path))
@click.option(
    "--record", type=click.Path(path_type=Path), help="Write what reaches the sinks as JSON lines."
)
@click.option(
    "--speed",
    default="max",
    show_default=True,
    help="How many times faster than recorded, or max.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(flow: Path, log: Path, record: Path | None, speed: str, as_json: bool) -> int:
    """Replay LOG in place of FLOW's CAN sources; sinks are recorded and not connected."""
    from flowrt.flow import read_flow
    from flowrt.replay import Replay

    pace = _pace(speed)
    with (
        record.open("wb") if record else nullcontext() as file,
        progress_bar("replaying") as progress,
    ):
        replay = Replay(read_flow(flow), _writer(file), pace=pace, progress=progress)
        summary = asyncio.run(_run(replay, log))
    if as_json:
        click.echo(orjson.dumps(summary.as_dict()))
    else:
        _show(summary, record)
    return 0


async def _run(replay: Replay, log: Path) -> Summary:
    """By columns where no pace is to be kept and numpy is there."""
    from flowrt.replay import read_log, read_tables

    if replay.pace is not None:
        return await replay.run(read_log(log))
    if find_spec("numpy") is None:
        click.echo(
            "numpy is not installed, so frames are replayed one by one. "
            "Ten times as fast: pip install 'flowrt[bulk]'",
            err=True,
        )
        return await replay.run(read_log(log))
    return await replay.run_tables(read_tables(log, replay.summary.tell))


def _pace(speed: str) -> float | None:
    if speed == "max":
        return None
    try:
        pace = float(speed)
    except ValueError:
        pace = 0.0
    if pace <= 0:
        raise click.BadParameter(f'"{speed}" is neither a number above 0 nor max.')
    return pace


def _writer(file: BinaryIO | None) -> Callable[[bytes], Any]:
    if file is None:
        return lambda _line: None
    write = file.write
    return lambda line: write(line + b"\n")


def _show(summary: Summary, record: Path | None) -> None:
    facts = summary.as_dict()
    click.echo(
        f"{facts['frames']:,} frames of {facts['log_seconds']:.3f} s replayed in "
        f"{facts['seconds']:.3f} s ({facts['frames_per_second']:,} frames/s)"
    )
    for node, count in facts["recorded"].items():
        click.echo(f"  {node}: {count:,} messages")
    if record:
        click.echo(f"recorded in {record}")
    for node, drops in facts["drops"].items():
        for reason, count in drops.items():
            click.echo(f"  {node}: {count:,} dropped: {reason}")
    for sentence in summary.first_malformed:
        click.echo(click.style(f"  {sentence}", fg="red"))
    if summary.malformed > len(summary.first_malformed):
        click.echo(click.style(f"  {summary.malformed:,} lines in all are no frames", fg="red"))
    for node, count in facts["errors"].items():
        click.echo(click.style(f"  {node}: {count:,} errors", fg="red"))
    if facts["frames_unclaimed"]:
        click.echo(f"  {facts['frames_unclaimed']:,} frames that no source takes")
    if facts["silent_sources"]:
        click.echo(f"  silent, as they need the outside: {', '.join(facts['silent_sources'])}")
