"""The cost of a frame, counted and not timed: bytecodes, calls, and what is left allocated.

Counts are the same on every machine for one version of Python, so a limit can be tight. They are
for batches of 64 through the five-node flow, from the source's outlet to the sink's inlet.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

from flowrt.flow.check import rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.running.rehearsal import Rehearsal
from flowrt.running.step import Push
from nodes.can.decode import Decode
from tests.support.can import PYLONTECH

FIVE_NODES = Path(__file__).parents[1] / "bench" / "five_nodes.json"
BATCH: Final = 64
BATCHES: Final = 20
REMEDY: Final = (
    "A frame costs more than it did. Look at what the change added between can/decode and the sink "
    "(`flowrt bench tests/bench/five_nodes.json` tells the time by node); raise the limit only if "
    "the cost buys something, and say what in the commit."
)


def batches() -> list[list[Frame]]:
    """Frames of every message, a millisecond apart: no window closes among them."""
    frames = Decode(database=PYLONTECH).synthetic(BATCH * BATCHES, seed=1)
    return [frames[at : at + BATCH] for at in range(0, len(frames), BATCH)]


def through_five_nodes(
    measure: Callable[[Push, Sequence[list[Frame]]], int], watchers: int
) -> float:
    """What `measure` finds, by frame; watchers see each message of the decoder."""
    found = 0

    async def run() -> None:
        nonlocal found
        rehearsal = Rehearsal(rehearsable(read_flow(FIVE_NODES)), lambda *_: None)
        async with rehearsal:
            steps = rehearsal.circuit.steps
            steps["decode"].outlets[0].targets += [lambda _batch: None] * watchers
            push = steps["frames"].outlets[0].push
            for batch in made:  # decoders are made, and alarms settle
                push(batch)
            found = measure(push, made)

    made = batches()
    asyncio.run(run())
    return found / (BATCH * BATCHES)


def bytecodes(push: Push, made: Sequence[list[Frame]]) -> int:
    """How many bytecodes run; a trace function sees each."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for batch in made:
            push(batch)
    finally:
        sys.settrace(before)
    return count


def calls(push: Push, made: Sequence[list[Frame]]) -> int:
    """How many functions are called, Python's and C's."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        for batch in made:
            push(batch)
    finally:
        sys.setprofile(before)
    return count


def left_allocated(push: Push, made: Sequence[list[Frame]]) -> int:
    """How many blocks of memory there are more when all frames have passed."""
    gc.collect()
    before = sys.getallocatedblocks()
    for batch in made:
        push(batch)
    gc.collect()
    return sys.getallocatedblocks() - before


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="bytecodes differ between versions")
@pytest.mark.parametrize(("watched", "limit"), [(False, 134), (True, 158)])
def test_bytecodes_a_frame(watched: bool, limit: float) -> None:
    assert through_five_nodes(bytecodes, int(watched)) <= limit, REMEDY


@pytest.mark.parametrize(("watched", "limit"), [(False, 7.3), (True, 8.1)])
def test_calls_a_frame(watched: bool, limit: float) -> None:
    assert through_five_nodes(calls, int(watched)) <= limit, REMEDY


def test_a_frame_leaves_at_most_its_reading_behind() -> None:
    # One frame in seven has the one signal that the open window keeps.
    assert through_five_nodes(left_allocated, watchers=1) <= 0.2, REMEDY


def test_ten_who_listen_cost_a_batch_and_not_a_frame_each() -> None:
    one, ten = (through_five_nodes(calls, watchers) for watchers in (1, 10))
    assert (ten - one) * BATCH <= 9, REMEDY
