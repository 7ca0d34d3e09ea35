"""One of flowrt's ways to run the five-node flow, or the hand-written loop; prints JSON.

    python -m tests.bench.ours KIND FRAMES LOG

KIND is hand, live, watched or replay; with profile- before it, the functions that take the time are
printed. LOG is a candump log of the same frames.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from flowrt.bench import bench
from flowrt.flow.file import read_flow
from flowrt.replay import Replay, read_log, read_tables
from tests.bench.hand_loop import hand_loop
from tests.bench.sampled import Share, sampled, shares

__all__ = ["FLOW"]

_PROFILE = "profile-"

FLOW = Path(__file__).with_name("five_nodes.json")


def main() -> None:
    """Run once and print frames, seconds, processor seconds and what came out."""
    kind, frames, log = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    if kind.startswith(_PROFILE):
        print(json.dumps(profile(kind.removeprefix(_PROFILE), log)))
    else:
        print(json.dumps(_KINDS[kind](frames, log)))


def _live(watched: bool) -> Callable[[int, Path], dict[str, Any]]:
    def run(frames: int, _log: Path) -> dict[str, Any]:
        result = bench(FLOW, frames, latency=False, watched=watched)
        return {
            "frames": result.frames,
            "seconds": result.seconds,
            "cpu": result.processor_seconds,
            "out": result.nodes["publish"]["received"],
        }

    return run


def _hand(_frames: int, log: Path) -> dict[str, Any]:
    stored = list(read_log(log))
    return _timed(len(stored), lambda: len(hand_loop(stored)))


def _replay(_frames: int, log: Path) -> dict[str, Any]:
    """By columns, with the log in memory."""
    lines: list[bytes] = []
    replay = Replay(read_flow(FLOW), lines.append)
    tables = list(read_tables(log, print))
    return _timed(sum(map(len, tables)), lambda: _count(lines, replay.run_tables(tables)))


def _count(lines: list[bytes], run: Any) -> int:
    asyncio.run(run)
    return len(lines)


def _timed(frames: int, run: Callable[[], int]) -> dict[str, Any]:
    begun, begun_cpu = perf_counter(), process_time()
    out = run()
    cpu = process_time() - begun_cpu
    return {"frames": frames, "seconds": perf_counter() - begun, "cpu": cpu, "out": out}


def profile(kind: str, log: Path) -> list[Share]:
    """In which functions one of the ways spends its time, making of input and reading left out."""
    tables = list(read_tables(log, print)) if kind == "replay" else []
    run = partial(bench, FLOW, _PROFILED, latency=False, watched=kind == "watched")
    with sampled(but="synthetic") as samples:
        if kind != "replay":
            run()
        for _ in range(_REPLAYS if tables else 0):
            asyncio.run(Replay(read_flow(FLOW), lambda _line: None).run_tables(tables))
    return shares(samples)


_PROFILED = 1_000_000
_REPLAYS = 40
_KINDS = {"hand": _hand, "live": _live(False), "watched": _live(True), "replay": _replay}


if __name__ == "__main__":
    main()
