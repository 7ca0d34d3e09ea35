"""Frames around an event are in the file, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Event, Frame
from nodes.can.logs import read
from nodes.can.recorder import Recorder


def frame(time: float) -> Frame:
    return Frame(time, "can0", 0x356, int(time * 10).to_bytes(8, "little"))


def event(time: float, state: str = "raised") -> Event:
    return Event(time, "rack1/State", "too_hot", state, "alarm")


def record(folder: Path, *batches: Sequence[Frame | Event], **settings: Any) -> Stand:
    stand = Stand(Recorder(folder=folder, before=3.0, after=2.0, **settings))
    recorder: Any = stand.step.node

    async def run() -> None:
        for batch in batches:
            await recorder.write(batch)
        await recorder.stop()

    asyncio.run(run())
    return stand


def seconds(folder: Path) -> list[list[float]]:
    files = sorted(folder.iterdir())
    return [[int.from_bytes(f.data, "little") / 10 for f in read(file)] for file in files]


@pytest.mark.parametrize("kind", [".blf", ".log", ".asc", ".trc"])
def test_all_frames_from_before_until_after(tmp_path: Path, kind: str) -> None:
    frames = [frame(1000 + n / 10) for n in range(200)]
    record(tmp_path, frames[:100], [event(1009.95)], frames[100:], kind=kind)
    (found,) = seconds(tmp_path)
    assert found == [1007 + n / 10 for n in range(50)]


def test_times_are_kept_to_the_microsecond(tmp_path: Path) -> None:
    time = 1780000000.123456
    given: list[Frame | Event] = [Frame(time, "can0", 0x356, b""), event(time + 0.1)]
    record(tmp_path, given)
    assert [round(f.time, 6) for f in read(next(tmp_path.iterdir()))] == [time]


def test_a_second_event_lengthens_the_record(tmp_path: Path) -> None:
    before: list[Frame | Event] = [frame(1000), event(1000), frame(1001), event(1001.5)]
    record(tmp_path, before, [frame(1003), frame(1004)])
    assert seconds(tmp_path) == [[1000, 1001, 1003]]


def test_an_alarm_that_clears_begins_nothing(tmp_path: Path) -> None:
    record(tmp_path, [frame(1000), event(1000, "cleared")])
    assert list(tmp_path.iterdir()) == []


def test_the_oldest_records_are_removed(tmp_path: Path) -> None:
    for time in (1000, 2000, 3000):
        record(tmp_path, [frame(time), event(time)], files=2)
    assert seconds(tmp_path) == [[2000], [3000]]


def test_memory_is_bounded_and_what_goes_is_counted(tmp_path: Path) -> None:
    frames = [frame(1000 + n / 10) for n in range(20)]
    stand = record(tmp_path, frames, [event(1002)], most_frames=5)
    assert seconds(tmp_path) == [[1001.5, 1001.6, 1001.7, 1001.8, 1001.9]]
    assert stand.step.counters.drops == {"more frames than most_frames": 15}


def test_a_name_from_outside_stays_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "records"
    record(folder, [frame(1000), Event(1000.0, "../../etc/x", "a b/c", "raised", "alarm")])
    assert [path.name for path in folder.iterdir()] == ["19700101T001640-000-etc-x-a-b-c.blf"]
