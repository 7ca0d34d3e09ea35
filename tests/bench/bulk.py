"""`python -m tests.bench.bulk`: replay by columns against the live engine, alternating."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
from pathlib import Path
from time import perf_counter

import numpy as np

from flowrt.bench import bench
from flowrt.build import build
from flowrt.columns import FrameTable
from flowrt.flow import read_flow
from flowrt.replay import Replay

FLOW = Path(__file__).with_name("five_nodes.json")
FRAMES = 2_000_000
CHUNK = 131_072
ROUNDS = 5


def log(frames: int = FRAMES, rate: float = 8000.0) -> list[FrameTable]:
    """The frames of `flowrt bench`, over and over, at 8,000 frames/s."""
    decode = build(read_flow(FLOW), {}).nodes["decode"]
    some = FrameTable.of(decode.synthetic(4096, 0))  # type: ignore[attr-defined]
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


def main() -> None:
    """Measure, print."""
    tables = log()
    live, bulk = [], []
    for _ in range(ROUNDS):
        live.append(bench(FLOW, 400_000).frames_per_second)
        bulk.append(replayed(tables))
    ratio = statistics.median(b / s for b, s in zip(bulk, live, strict=True))
    facts = {
        "live": statistics.median(live),
        "columns": statistics.median(bulk),
        "ratio": ratio,
    }
    json.dump(facts, sys.stdout)
    print()


if __name__ == "__main__":
    main()
