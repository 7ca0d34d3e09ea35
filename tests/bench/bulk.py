"""`python -m tests.bench.bulk`: bulk replay and readers, each against what it is to outdo.

Both sides of a comparison alternate in one run, and medians of the ratios are shown: columns in
memory against the live engine, and the readers of candump and BLF logs against python-can's.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import can
import numpy as np

from flowrt.bench import bench
from flowrt.columns import FrameTable
from flowrt.flow.build import build
from flowrt.flow.file import read_flow
from flowrt.replay import Replay
from nodes.can.frames import message_of
from nodes.can.logs import read

FLOW = Path(__file__).with_name("five_nodes.json")
FRAMES = 2_000_000
READ = 200_000
CHUNK = 131_072
ROUNDS = 5
OUT = Path("out/bulk.json")


def log(frames: int = FRAMES, rate: float = 8000.0) -> list[FrameTable]:
    """The frames of `flowrt bench`, over and over, at 8,000 frames/s."""
    flow = build(read_flow(FLOW), {}).nodes
    some = FrameTable.of(flow["decode"].synthetic(4096, 0))  # type: ignore[attr-defined]
    made = []
    for first in range(0, frames, CHUNK):
        rows = np.arange(first, min(frames, first + CHUNK))
        part = some.rows(rows % 4096).keyed(rows)
        part.times = 1.7e9 + rows / rate
        made.append(part)
    return made


def replayed(tables: list[FrameTable]) -> float:
    """Frames per second of a replay by columns."""
    replay = Replay(read_flow(FLOW), lambda _line: None)
    begun = perf_counter()
    summary = asyncio.run(replay.run_tables(tables))
    assert (summary.by, summary.frames) == ("columns", sum(map(len, tables)))
    return summary.frames / (perf_counter() - begun)


def live(frames: int = 400_000) -> float:
    """Frames per second of the live engine."""
    return bench(FLOW, frames).frames_per_second


def by_columns(file: Path) -> float:
    """Frames per second of our reader."""
    begun = perf_counter()
    count = sum(map(len, read.tables(file, print)))
    return count / (perf_counter() - begun)


def by_python_can(file: Path) -> float:
    """Frames per second of python-can's reader."""
    begun = perf_counter()
    with can.LogReader(file) as reader:
        count = sum(1 for _ in reader)
    return count / (perf_counter() - begun)


def compared(ours: Callable[[], float], theirs: Callable[[], float]) -> dict[str, float]:
    """Medians of both sides and of their ratio."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    return {
        "ours": statistics.median(pair[0] for pair in pairs),
        "theirs": statistics.median(pair[1] for pair in pairs),
        "ratio": statistics.median(pair[0] / pair[1] for pair in pairs),
    }


def main() -> None:
    """Measure, show, write."""
    tables = log()
    facts = {"columns against live": compared(lambda: replayed(tables), live)}
    frames = [frame for table in tables[:2] for frame in table.messages()][:READ]
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (".log", ".blf"):
            file = Path(folder) / f"x{suffix}"
            with can.Logger(file) as logger:
                for frame in frames:
                    logger.on_message_received(message_of(frame))
            name = f"reading {suffix} against python-can"
            facts[name] = compared(
                lambda file=file: by_columns(file),  # type: ignore[misc]
                lambda file=file: by_python_can(file),  # type: ignore[misc]
            )
    for name, fact in facts.items():
        print(f"{name}: {fact['ours']:,.0f} / {fact['theirs']:,.0f} = {fact['ratio']:.1f}")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(facts))


if __name__ == "__main__":
    main()
