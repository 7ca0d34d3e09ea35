"""A log goes on where a restart left it, and begins anew once it has ended."""

from __future__ import annotations

import asyncio
from pathlib import Path

from flowrt.message import Frame
from nodes.can.log_reader import LogReader
from tests.support.live_node import Live, eventually, running


def log(folder: Path, frames: int) -> Path:
    file = folder / "drive.log"
    lines = [f"({1000 + n / 1000:.6f}) can0 355#{n:04X}" for n in range(frames)]
    file.write_text("\n".join(lines) + "\n")
    return file


def numbers(live: Live) -> list[int]:
    frames = [message for _, message in live.out if isinstance(message, Frame)]
    return [int.from_bytes(frame.data, "big") for frame in frames]


def play(node: LogReader, least: int | None = None) -> list[int]:
    """What a reader sends until it has sent so much, or to the log's end."""

    async def run() -> list[int]:
        async with running(node) as live:
            if least is None:
                await eventually(lambda: "ended" in live.statuses)
            else:
                await eventually(lambda: len(live.out) >= least)
        return numbers(live)

    return asyncio.run(run())


def test_a_restart_goes_on_with_the_next_frame(tmp_path: Path) -> None:
    file = log(tmp_path, 400)
    first, second = LogReader(file=file, speed=2.0), LogReader(file=file, speed=2.0)
    before = play(first, 20)
    second.restore(first.snapshot())
    after = play(second, 20)
    assert (before + after) == list(range(len(before + after)))
    assert before
    assert after


def test_another_log_and_one_that_ended_are_played_from_the_beginning(tmp_path: Path) -> None:
    file = log(tmp_path, 30)
    first, second = LogReader(file=file, speed=50.0), LogReader(file=file, speed=50.0)
    assert play(first) == list(range(30))
    second.restore(first.snapshot())
    assert play(second) == list(range(30))
    third = LogReader(file=file, speed=50.0)
    third.restore({"_played": ["other.log", 7]})
    assert play(third) == list(range(30))
