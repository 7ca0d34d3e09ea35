"""storage/parquet: files that pyarrow's own reader takes, whatever happened while they grew."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest

from flowrt.clock import VirtualClock
from flowrt.message import Signals
from nodes.storage.parquet import Parquet
from nodes.storage.parquet_files import ParquetFiles
from tests.support.sinks import NOON, record

DAY = 86_400.0


def rows(folder: Path) -> list[dict[str, Any]]:
    """Every row of every file, in order of time."""
    found: list[dict[str, Any]] = []
    for file in sorted(folder.glob("date=*/*.parquet")):
        found += pq.ParquetFile(file).read().to_pylist()
    return found


def soc(second: float, value: Any, name: str = "SOC") -> Signals:
    return Signals(NOON + second, "State", {name: value})


def test_rows_keep_time_source_name_and_value(tmp_path: Path) -> None:
    stand = record(Parquet(folder=tmp_path), [soc(0.25, 55.5), soc(1, None), soc(2, "run", "Mode")])
    assert stand.faults == []
    noon = datetime.fromtimestamp(NOON, UTC)
    assert [tuple(row.values()) for row in rows(tmp_path)] == [
        (noon.replace(microsecond=250_000), "State", "SOC", 55.5, None),
        (noon.replace(second=1), "State", "SOC", None, None),
        (noon.replace(second=2), "State", "Mode", None, "run"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["date=2026-03-01"]


def store(folder: Path, clock: VirtualClock, **changed: Any) -> ParquetFiles:
    settings = {"every": 3600.0, "keep_days": 3, "most_rows": 1000, **changed}
    return ParquetFiles(folder, now=clock.now, **settings)


def test_a_file_is_finished_each_hour_and_when_it_is_full(tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    files = store(tmp_path, clock, most_rows=100)
    for second in range(0, 7201, 60):
        clock.advance(NOON + second)
        files.write([soc(second, second)])
    files.write([soc(7201, n) for n in range(150)])
    files.close()
    names = [path.name for path in sorted(tmp_path.glob("date=*/*"))]
    assert len(names) == 3
    assert names[0] == "readings-20260301T120000Z.parquet"
    assert len(rows(tmp_path)) == 121 + 150
    assert not (tmp_path / "open.arrows").exists()


def test_old_days_are_deleted(tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    files = store(tmp_path, clock)
    for day in range(6):
        clock.advance(NOON + day * DAY)
        files.write([soc(day * DAY, day)])
        files.close()
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        f"date=2026-03-0{day}" for day in (3, 4, 5, 6)
    ]


@pytest.mark.parametrize("cut", [1, 9, 200, 100_000])
def test_what_a_power_cut_leaves_is_rescued(tmp_path: Path, cut: int) -> None:
    clock = VirtualClock(NOON)
    files = store(tmp_path, clock)
    for second in range(5):
        files.write([soc(second, second)])
    stream = tmp_path / "open.arrows"
    whole = stream.read_bytes()
    files._let_go()
    stream.write_bytes(whole[: max(len(whole) - cut, 0)])
    again = store(tmp_path, clock)
    again.write([soc(9, 9)])
    again.close()
    values = [row["value"] for row in rows(tmp_path)]
    assert values[-1] == 9
    assert values[:-1] == list(range(len(values) - 1))
    assert len(values) >= (5 if cut < 9 else 1)
    assert not stream.exists()


def test_a_killed_process_loses_no_acknowledged_reading(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from flowrt.message import Signals
from nodes.storage.parquet_files import ParquetFiles
files = ParquetFiles(Path({str(tmp_path)!r}), 3600.0, 3, 10**6, time.time)
for n in range(100000):
    files.write([Signals(time.time(), "s", {{"n": n}})])
    print(n, flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert process.stdout
    for _ in range(30):
        line = process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    acknowledged = int((line + process.stdout.read()).split()[-1])
    process.wait()
    process.stdout.close()
    ParquetFiles(tmp_path, 3600.0, 3, 10**6, time.time).write([])
    values = [row["value"] for row in rows(tmp_path)]
    assert values[: acknowledged + 1] == list(range(acknowledged + 1))


def test_a_folder_that_cannot_be_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.touch()
    assert [place for place, _ in Parquet(folder=file).problems()] == ["folder"]
