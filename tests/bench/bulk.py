"""Reading logs, each reader taking turns with python-can's; and whole replays from the file."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any, Final

import can
import numpy as np

from flowrt.columns import FrameTable
from flowrt.flow.build import build
from flowrt.flow.file import read_flow
from flowrt.replay import Replay, read_tables
from nodes.can.frames import message_of
from nodes.can.logs import read

__all__ = ["READ", "log", "reading"]

FLOW: Final = Path(__file__).with_name("five_nodes.json")
READ: Final = (".log", ".blf", ".asc", ".trc", ".mf4")
_FRAMES: Final = 200_000
_CHUNK: Final = 131_072
_RATE: Final = 8000.0


def log(frames: int) -> list[FrameTable]:
    """The frames of `flowrt bench`, over and over, at 8,000 frames/s."""
    flow = build(read_flow(FLOW), {}).nodes
    some = FrameTable.of(flow["decode"].synthetic(4096, 0))  # type: ignore[attr-defined]
    made = []
    for first in range(0, frames, _CHUNK):
        rows = np.arange(first, min(frames, first + _CHUNK))
        part = some.rows(rows % 4096).keyed(rows)
        part.times = 1.7e9 + rows / _RATE
        made.append(part)
    return made


def reading(rounds: int, say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Frames a second of the processor, medians over rounds, by the ending of the log's name."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in READ:
            say(suffix)
            file = _written(Path(folder) / f"recorded{suffix}")
            found[suffix] = _compared(file, rounds)
    return found


def _written(file: Path) -> Path:
    """A log that python-can has written."""
    with can.Logger(file) as logger:
        for table in log(_FRAMES):
            for frame in table.messages():
                logger.on_message_received(message_of(frame))
    return file


def _compared(file: Path, rounds: int) -> dict[str, float]:
    runs = [{kind: _speed(run, file) for kind, run in _KINDS.items()} for _ in range(rounds)]
    return {
        **{kind: statistics.median(run[kind] for run in runs) for kind in _KINDS},
        "ratio": statistics.median(run["ours"] / run["theirs"] for run in runs),
    }


def _speed(run: Callable[[Path], int], file: Path) -> float:
    begun = process_time()
    return run(file) / (process_time() - begun)


def _by_columns(file: Path) -> int:
    return sum(map(len, read.tables(file, print)))


def _by_python_can(file: Path) -> int:
    with can.LogReader(file) as reader:
        return sum(1 for _ in reader)


def _replayed(file: Path) -> int:
    replay = Replay(read_flow(FLOW), lambda _line: None)
    summary: Any = asyncio.run(replay.run_tables(read_tables(file, print)))
    return int(summary.frames)


_KINDS: Final = {"ours": _by_columns, "theirs": _by_python_can, "replay": _replayed}
