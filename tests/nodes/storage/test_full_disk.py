"""Sinks on a disk that is full, and then is not."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowrt.example import Stand
from nodes.storage.buffered import BufferedSink
from nodes.storage.csv import Csv
from nodes.storage.jsonl import Jsonl
from nodes.storage.sqlite import Sqlite
from tests.support.sinks import reading, record, until

MESSAGES = [reading(n) for n in range(2000)]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small file system here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Leave room for a little of what comes, so that a write stops half way."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
    os.truncate(filler, filler.stat().st_size - 8192)
    return filler


async def overcome(sink: BufferedSink, stand: Stand, disk: Path) -> None:
    """Write while the disk is full, then make room."""
    await sink.start()
    await until(lambda: stand.step.state == ("writing", True))
    filler = fill(disk)
    await sink.write(MESSAGES)
    stand.run_to(stand.clock.now() + 1.0)
    await until(lambda: stand.faults)
    filler.unlink()
    await sink.stop()


@pytest.mark.parametrize(
    ("make", "written"),
    [
        pytest.param(
            lambda file: Jsonl(file=file, daily=False), lambda file: lines_in(file), id="jsonl"
        ),
        pytest.param(
            lambda file: Csv(file=file, daily=False), lambda file: lines_in(file) - 1, id="csv"
        ),
        pytest.param(lambda file: Sqlite(file=file), lambda file: rows_in(file), id="sqlite"),
    ],
)
def test_nothing_is_lost_nor_written_twice(
    disk: Path, make: Callable[[Path], BufferedSink], written: Callable[[Path], int]
) -> None:
    sink = make(disk / "x")
    stand = Stand(sink)
    asyncio.run(overcome(sink, stand, disk))
    (fault,) = stand.faults
    assert str(fault).startswith(f"{disk / 'x'}: cannot be written: ")
    assert "Free some space" in str(fault)
    assert stand.step.counters.drops == {}
    assert written(disk / "x") == len(MESSAGES)


def lines_in(file: Path) -> int:
    return len(file.read_text().splitlines())


def rows_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        count: int = connection.execute("SELECT count(*) FROM readings").fetchone()[0]
        return count


def test_a_device_that_is_always_full_is_reported_and_counted() -> None:
    stand = record(Jsonl(file=Path("/dev/full")), [reading()] * 3)
    assert str(stand.faults[-1]) == (
        "/dev/full: cannot be written: no space left on device. "
        "Free some space, or keep less: see the node's settings."
    )
    assert stand.step.counters.drops == {"not written before the stop": 3}
