"""`flowrt replay`: a recorded CAN log through a flow, under a virtual clock."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import orjson

from flowrt.cli.progress import share_bar
from flowrt.cli.recorder import recorder
from flowrt.executor.chosen import EXECUTORS

if TYPE_CHECKING:
    from flowrt.replay import Replay, Summary

__all__ = ["command"]


@click.command("replay")
@click.argument("flow", type=click.Path(path_type=Path))
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--record",
    type=click.Path(path_type=Path),
    help="Write what reaches the sinks as JSON lines, or as Parquet where it ends in .parquet.",
)
@click.option(
    "--speed",
    default="max",
    show_default=True,
    help="How many times faster than recorded, or max.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Replay so many sites at once.")
@click.option("--executor", type=click.Choice(EXECUTORS), help="What the workers are.")
@click.option("--cluster", metavar="ADDRESS", help="A running Dask or Ray cluster to work on.")
@click.option(
    "--warm-up",
    metavar="DURATION",
    help="Replay each log by itself, after so much of the logs before it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    flow: Path,
    logs: tuple[Path, ...],
    record: Path | None,
    speed: str,
    workers: int | None,
    executor: str | None,
    cluster: str | None,
    warm_up: str | None,
    as_json: bool,
) -> int:
    """Replay LOGs in place of FLOW's CAN sources; sinks are recorded and not connected.

    Each folder of logs is a site; its logs follow one another in order of their names.
    """
    pace = _pace(speed)
    by_parts = workers or executor or cluster or warm_up
    if by_parts and pace is not None:
        raise click.UsageError("Workers go as fast as they can: leave --speed away.")
    with recorder(record) as (write, lines):
        if by_parts or len(_sites(logs)) > 1:
            crew = (executor or "processes", workers or os.cpu_count() or 1, cluster)
            facts = _by_parts(flow, logs, lines, crew, warm_up)
        else:
            facts = _in_one(flow, logs, write, pace)
    if as_json:
        click.echo(orjson.dumps(facts))
    else:
        _show(facts, record)
    return 0


def _sites(logs: tuple[Path, ...]) -> dict[str, list[Path]]:
    from flowrt.sites.replaying import by_site, logs_in

    return by_site(logs_in(logs))


def _in_one(
    flow: Path, logs: tuple[Path, ...], write: Callable[[bytes], object], pace: float | None
) -> dict[str, Any]:
    """One site, here."""
    from flowrt.flow.file import read_flow
    from flowrt.replay import Replay
    from flowrt.sites.share import Share

    (files,) = _sites(logs).values()
    with share_bar("replaying", Share([files])):
        replay = Replay(read_flow(flow), write, pace=pace)
        summary = asyncio.run(_run(replay, files))
    return summary.as_dict()


def _by_parts(
    flow: Path,
    logs: tuple[Path, ...],
    record: Path | None,
    crew: tuple[str, int, str | None],
    warm_up: str | None,
) -> dict[str, Any]:
    """Many sites or logs, by workers."""
    from flowrt.executor.chosen import executor
    from flowrt.flow.check import rehearsable
    from flowrt.flow.file import read_flow
    from flowrt.sites.replaying import parts_of, replay_parts
    from flowrt.sites.share import Share

    rehearsable(read_flow(flow))  # what is wrong with the flow is told once, and here
    seconds = None if warm_up is None else _seconds(warm_up)
    with TemporaryDirectory(dir=record.parent if record else None, prefix=".replay-") as folder:
        parts = parts_of(flow, _sites(logs), Path(folder), seconds)
        share = Share([part.logs for part in parts])

        def done(count: int) -> None:
            share.finished = count

        with share_bar("replaying", share):
            return replay_parts(executor(*crew), parts, record, done)


async def _run(replay: Replay, logs: list[Path]) -> Summary:
    """By columns where no pace is to be kept and numpy is there."""
    from flowrt.replay import read_log, read_tables

    if replay.pace is not None:
        return await replay.run(chain.from_iterable(map(read_log, logs)))
    if find_spec("numpy") is None:
        click.echo(
            "numpy is not installed, so frames are replayed one by one. "
            "Ten times as fast: pip install 'flowrt[bulk]'",
            err=True,
        )
        return await replay.run(chain.from_iterable(map(read_log, logs)))
    tell = replay.summary.tell
    return await replay.run_tables(chain.from_iterable(read_tables(log, tell) for log in logs))


def _seconds(text: str) -> float:
    from flowrt.setting import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(f"{error}") from error


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


def _show(facts: dict[str, Any], record: Path | None) -> None:
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
    for sentence in facts["first_malformed"]:
        click.echo(click.style(f"  {sentence}", fg="red"))
    if (count := facts["malformed_lines"]) > len(facts["first_malformed"]):
        click.echo(click.style(f"  {count:,} lines in all are no frames", fg="red"))
    for node, count in facts["errors"].items():
        click.echo(click.style(f"  {node}: {count:,} errors", fg="red"))
    if facts["frames_unclaimed"]:
        click.echo(f"  {facts['frames_unclaimed']:,} frames that no source takes")
    if facts["silent_sources"]:
        click.echo(f"  silent, as they need the outside: {', '.join(facts['silent_sources'])}")
