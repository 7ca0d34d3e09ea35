"""Logs read by columns are the logs that python-can reads, frame by frame."""

from __future__ import annotations

import random
from pathlib import Path

import can
import pytest

from flowrt.message import Frame
from flowrt.node import NodeFault
from nodes.can.frames import frame_of, message_of
from nodes.can.gvret import is_gvret, read_gvret_rows
from nodes.can.logs import read
from tests.support.can import SHARED, needs_shared

LOGS = sorted(
    file
    for ending in ("asc", "blf", "log", "csv", "trc")
    for file in (SHARED.rglob(f"*.{ending}") if SHARED.is_dir() else ())
    if "captures" not in file.parts
)


def told_and_read(file: Path) -> tuple[list[str], list[Frame]]:
    told: list[str] = []
    frames = [frame for table in read.tables(file, told.append) for frame in table.messages()]
    return told, frames


def by_rows(file: Path) -> list[Frame]:
    if file.suffix == ".csv" and is_gvret(file):
        return list(read_gvret_rows(file))
    with can.LogReader(file) as reader:
        return [frame_of(message) for message in reader]


@needs_shared
@pytest.mark.parametrize("file", LOGS, ids=lambda file: file.name)
def test_public_logs(file: Path) -> None:
    assert told_and_read(file) == ([], by_rows(file))


def frames(seed: int, count: int, *, ids: int = 0x20000000) -> list[Frame]:
    """Classic, FD, remote and error frames of every length on several channels."""
    rng, time, made = random.Random(seed), 1_700_000_000.0, []
    for _ in range(count):
        time = round(time + rng.choice((0.0, 1e-6, 0.001, 0.25)), 6)
        extended = rng.random() < 0.4
        id = rng.randrange(ids if extended else 0x800)
        kind = rng.choice(("classic", "classic", "classic", "fd", "remote", "error"))
        data = rng.randbytes(rng.choice((12, 20, 64, 8, 3) if kind == "fd" else range(9)))
        made.append(
            Frame(
                time,
                str(rng.choice((1, 2, 3))),
                0 if kind == "error" else id,
                b"" if kind in ("remote", "error") else data,
                extended or kind == "error",
                kind == "fd",
                kind == "fd" and rng.random() < 0.5,
                kind == "remote",
                kind == "error",
            )
        )
    return made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("suffix", [".log", ".blf", ".asc", ".csv", ".trc"])
def test_what_python_can_writes(suffix: str, seed: int, tmp_path: Path) -> None:
    file = tmp_path / f"x{suffix}"
    rng = random.Random(seed)
    given = frames(seed, 700)
    if suffix == ".trc":
        given = [frame for frame in given if not (frame.fd or frame.error or frame.remote)]
    with can.Logger(file) as logger:
        for frame in given:
            message = message_of(frame)
            message.channel = int(frame.channel)
            message.is_rx = rng.random() < 0.8
            logger.on_message_received(message)
    told, read_frames = told_and_read(file)
    assert (told, read_frames) == ([], by_rows(file))
    assert len(read_frames) == len(given)


@pytest.mark.parametrize("at_once", [65_536, 40])
@pytest.mark.parametrize("kinds", ["classic and fd", "all"])
def test_mf4(kinds: str, at_once: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.can.readers.mf4._AT_ONCE", at_once)
    file = tmp_path / "x.mf4"
    given = frames(4, 2500 if at_once > 40 else 300)
    if kinds != "all":
        given = [frame for frame in given if not (frame.error or frame.remote)]
    with can.Logger(file) as logger:
        for frame in given:
            message = message_of(frame)
            message.channel = int(frame.channel)
            logger.on_message_received(message)
    told, got = told_and_read(file)
    assert (told, got) == ([], by_rows(file))
    assert len(got) == len(given)


def test_blocks_end_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nodes.can.readers.lines._BLOCK", 97)
    monkeypatch.setattr("nodes.can.readers.blf._AT_ONCE", 97)
    for suffix in (".log", ".blf"):
        file = tmp_path / f"x{suffix}"
        with can.Logger(file) as logger:
            for frame in frames(5, 300):
                logger.on_message_received(message_of(frame))
        assert told_and_read(file) == ([], by_rows(file))


ODD = """\

(1.0) can0 123#00
(1.000000) can0 123#
(0000000001.250000) vcan10 1F334455#1122334455667788
(1436509052.249713) vcan0 044#2a366C2BBA R
(1436509052.249713)  vcan0   044#2A T
(1436509052.249713) vcan0 044#R
(1436509052.249713) vcan0 044#R8
(1436509052.249713) vcan0 12345678#r2
(1436509052.249713) 0 044#2A
(1436509052.249713) 007 044#2A
(1436509052.249713) can0 20000080#0000000000000000
(1436509052.249713) can0 20000004#0001000000000000
(1436509052.249713) can0 044##1AABB
(1436509052.249713) can0 00000044##3AABBCC t
(1436509052.249713) can0 044##0
(1436509052.24971) can0 044#AAB
(1436509052.2497131) can0 044#A
(99999999999.999999) can0 44#AA
(-1.500000) can0 044#AA
(1.500000) can0 800#AA
(1e3) can0 7FF#AA\r
"""


def test_odd_lines_of_candump(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_bytes(ODD.encode())
    assert told_and_read(file) == ([], by_rows(file))


def test_lines_that_are_no_frames_are_told_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    file.write_text("(1.000000) can0 123#00\nnonsense\n(2.000000) can0 123#0G\n(3.0) can0 124#01")
    told, got = told_and_read(file)
    assert [(frame.time, frame.id) for frame in got] == [(1.0, 0x123), (3.0, 0x124)]
    assert told == [
        f'{file}:2: "nonsense" is no frame of candump.',
        f'{file}:3: "(2.000000) can0 123#0G" is no frame of candump.',
    ]


def test_a_row_of_savvycan_that_is_no_frame_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(
        "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
        "166064000,0000021F,false,0,8,00,01,02,03,04,05,06,07,\n"
        "166064001,zz,false,0,1,00,\n"
        "166064002,18FF0000,true,1,2,AA,BB,\n"
        "166064003,7FF,false,1,0,\n"
    )
    told, got = told_and_read(file)
    assert got == [
        Frame(166.064, "0", 0x21F, bytes(range(8))),
        Frame(166064002 * 1e-6, "1", 0x18FF0000, b"\xaa\xbb", extended=True),
        Frame(166064003 * 1e-6, "1", 0x7FF, b""),
    ]
    assert told == [f'{file}:3: "166064001,zz,false,0,1,00," is no frame of SavvyCAN.']


def test_frames_in_parquet(tmp_path: Path) -> None:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    given = frames(9, 400)
    names = ("time", "channel", "id", "data", "extended", "fd", "bitrate_switch", "remote", "error")
    columns = {name: [getattr(frame, name) for frame in given] for name in names}
    pq.write_table(pa.table(columns), tmp_path / "x.parquet", row_group_size=64)
    assert told_and_read(tmp_path / "x.parquet") == ([], given)
    assert list(read(tmp_path / "x.parquet")) == given
    few = {"time": pa.array([1_500_000_000], pa.timestamp("ns")), "id": [7], "data": [b"\x01"]}
    pq.write_table(pa.table(few), tmp_path / "few.parquet")
    assert list(read(tmp_path / "few.parquet")) == [Frame(1.5, "", 7, b"\x01")]
    pq.write_table(pa.table({"time": [1.0]}), tmp_path / "none.parquet")
    with pytest.raises(NodeFault, match="no column data, id"):
        list(read(tmp_path / "none.parquet"))


@pytest.fixture
def blf(tmp_path: Path) -> Path:
    file = tmp_path / "x.blf"
    with can.Logger(file) as logger:
        for frame in frames(1, 20_000):
            logger.on_message_received(message_of(frame))
    return file


def test_a_blf_that_was_cut_off_gives_what_is_there_and_is_told(blf: Path) -> None:
    blf.write_bytes(blf.read_bytes()[:-5000])
    told, got = told_and_read(blf)
    assert told == [f"{blf}: the log breaks off within its last container."]
    assert got == by_rows(blf)
    assert 10_000 < len(got) < 20_000


def test_a_damaged_blf_gives_what_is_there_then_raises(blf: Path) -> None:
    blf.write_bytes(blf.read_bytes() + b"no object" * 10)
    tables = read.tables(blf, print)
    assert len(next(tables)) == 20_000
    with pytest.raises(NodeFault, match="breaks off at byte"):
        next(tables)
