"""The cost of a replay by columns, counted and not timed: calls of Python, whatever C does in them.

Calls go with blocks and windows and not with frames, so many frames share one.
"""

from __future__ import annotations

import asyncio
import sys
from types import FrameType
from typing import Any, Final

import numpy as np

from flowrt.columns import FrameTable
from flowrt.flow.file import read_flow
from flowrt.replay import Replay
from nodes.can.decode import Decode
from tests.flowrt.test_hot_path import FIVE_NODES
from tests.support.can import PYLONTECH

BLOCK: Final = 65_536
RATE: Final = 8000.0
REMEDY: Final = (
    "A frame that is replayed by columns costs more calls than it did: something is done row by "
    "row, or for each block again. Raise the limit only if the cost buys something, and say what "
    "in the commit."
)


def blocks(count: int) -> list[FrameTable]:
    """Frames of every message, over and over; a window is some 480,000 of them."""
    some = FrameTable.of(Decode(database=PYLONTECH).synthetic(4096, seed=1))
    made = []
    for first in range(0, count * BLOCK, BLOCK):
        rows = np.arange(first, first + BLOCK)
        block = some.rows(rows % 4096).keyed(rows)
        block.times = 1.7e9 + rows / RATE
        made.append(block)
    return made


def calls(tables: list[FrameTable]) -> int:
    """How many functions are called in a whole replay, Python's and C's."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    replay = Replay(read_flow(FIVE_NODES), lambda _line: None)
    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        summary = asyncio.run(replay.run_tables(tables))
    finally:
        sys.setprofile(before)
    assert (summary.by, summary.frames) == ("columns", len(tables) * BLOCK)
    return count


def test_calls_a_frame() -> None:
    made = blocks(4)
    calls(made[:1])  # what is imported and compiled once is not counted
    few, many = calls(made[:2]), calls(made)
    assert (many - few) / (2 * BLOCK) <= 0.125, REMEDY
