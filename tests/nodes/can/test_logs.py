"""Reading and writing recorded logs, in every format."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Frame
from flowrt.node import NodeFault
from nodes.can.log_reader import LogReader
from nodes.can.log_writer import LogWriter
from nodes.can.logs import read
from tests.support.can import SHARED, needs_shared

FRAMES = [
    Frame(1700000000.25, "can0", 0x355, b"\x5a\x00\x64\x00"),
    Frame(1700000000.5, "can0", 0x18FF50E5, b"\x01" * 8, extended=True),
    Frame(1700000001.0, "can0", 0x7FF, b""),
]


def written(folder: Path, suffix: str, frames: list[Frame], **settings: Any) -> list[Path]:
    async def write() -> None:
        writer = LogWriter(file=folder / f"bus{suffix}", **settings)
        Stand(writer)
        for frame in frames:
            await writer.write([frame])
        await writer.stop()

    asyncio.run(write())
    return sorted(folder.glob(f"bus-*{suffix}"))


def essence(frames: list[Frame]) -> list[tuple[int, bytes, bool]]:
    return [(frame.id, frame.data, frame.extended) for frame in frames]


@pytest.mark.parametrize("suffix", [".asc", ".blf", ".log", ".mf4", ".trc"])
def test_what_is_written_can_be_read_again(suffix: str, tmp_path: Path) -> None:
    (file,) = written(tmp_path, suffix, FRAMES)
    again = list(read(file))
    assert essence(again) == essence(FRAMES)
    first = again[0].time
    assert [frame.time - first for frame in again] == pytest.approx([0.0, 0.25, 0.75], abs=1e-3)


@pytest.mark.parametrize("suffix", [".asc", ".blf", ".log", ".mf4"])
def test_a_long_fd_frame_survives(suffix: str, tmp_path: Path) -> None:
    frame = Frame(1700000000.0, "can0", 0x123, bytes(range(64)), fd=True, bitrate_switch=True)
    (file,) = written(tmp_path, suffix, [frame])
    (again,) = read(file)
    assert (again.data, again.fd, again.bitrate_switch) == (frame.data, True, True)


def test_a_file_that_has_grown_is_followed_by_another(tmp_path: Path) -> None:
    files = written(tmp_path, ".log", FRAMES * 10, max_size_mb=0.0005)
    assert len(files) > 1
    assert sum(len(list(read(file))) for file in files) == 30


def test_an_ending_that_is_no_log_is_told(tmp_path: Path) -> None:
    assert list(LogWriter(file=tmp_path / "x.doc").problems()) == [
        ("file", '"x.doc" must end in one of .asc, .blf, .log, .mf4, .trc.')
    ]


def test_a_place_that_cannot_be_written_is_told() -> None:
    writer = LogWriter(file=Path("/proc/nowhere/bus.log"))
    Stand(writer)
    with pytest.raises((NodeFault, OSError)):
        asyncio.run(writer.write(FRAMES))


@needs_shared
@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("savvycan/candump.log", 12_974),
        ("savvycan/GVRET_Log.csv", 12_974),
        ("foxbms/can-log.trc", 9),
        ("python-can/test_CanMessage.asc", 2),
        ("python-can/test_CanMessage.blf", 2),
        ("python-can/test_CanFdMessage64.asc", 2),
        ("python-can/test_CanFdMessage64.blf", 2),
    ],
)
def test_public_logs(name: str, frames: int) -> None:
    assert len(list(read(SHARED / name))) == frames


@needs_shared
def test_the_same_drive_in_two_formats_has_the_same_frames() -> None:
    candump, gvret = (
        list(read(SHARED / "savvycan" / name)) for name in ("candump.log", "GVRET_Log.csv")
    )
    assert [(f.id, f.data) for f in candump] == [(f.id, f.data) for f in gvret]
    assert gvret[-1].time - gvret[0].time == pytest.approx(8.56, abs=0.01)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("none.log", None),
        ("x.doc", b"text"),
        ("x.log", b"(1.0) can0 123#00\nnonsense\n"),
        ("x.blf", b"LOGG" + b"\x00" * 20),
        ("x.csv", b"Time Stamp,ID,Extended,Bus,LEN,D1\n1,zz,false,0,1,00,\n"),
    ],
)
def test_what_is_no_log_is_told_in_words(name: str, content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(NodeFault, match=name.replace(".", r"\.")):
        list(read(file))
    gc.collect()  # python-can leaves a file open whose head it cannot read


def test_a_log_that_breaks_off_gives_what_is_there_then_tells(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_text("(1.0) can0 123#00\n(2.0) can0 124#00\n(3.0) can0 12")
    frames: list[Frame] = []
    with pytest.raises(NodeFault, match="after 2 frames the log cannot be read on"):
        frames.extend(read(file))
    assert [frame.id for frame in frames] == [0x123, 0x124]


def test_the_reader_keeps_the_logs_pace_times_speed(tmp_path: Path) -> None:
    (file,) = written(tmp_path, ".log", FRAMES)

    async def play() -> list[tuple[float, int]]:
        reader = LogReader(file=file, speed=5)
        Stand(reader)
        loop = asyncio.get_running_loop()
        reader.context.clock.now = loop.time  # type: ignore[method-assign]
        reader.context.clock.steady = loop.time  # type: ignore[method-assign]
        reader.context.clock.sleep = asyncio.sleep  # type: ignore[method-assign,assignment]
        begun = loop.time()
        seen: list[tuple[float, int]] = []

        async def emit(frame: Any) -> None:
            seen.append((loop.time() - begun, frame.id))

        await reader.run(emit)
        return seen

    seen = asyncio.run(play())
    assert [id for _, id in seen] == [0x355, 0x18FF50E5, 0x7FF]
    assert [time for time, _ in seen] == pytest.approx([0.0, 0.05, 0.15], abs=0.08)
