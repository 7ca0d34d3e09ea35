"""storage/sqlite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from flowrt.node import Event, Frame, Message, Signals
from nodes.storage.sqlite import Sqlite
from tests.support.sinks import NOON, reading, record


def query(file: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def test_readings_are_seen_through_the_view(tmp_path: Path) -> None:
    file = tmp_path / "log" / "x.db"
    record(Sqlite(file=file), [Signals(NOON, "State", {"SOC": 55.5, "Mode": "run", "T": None})])
    assert query(file, "SELECT * FROM signals") == [
        (NOON, "2026-03-01T12:00:00.000Z", "State", "SOC", 55.5),
        (NOON, "2026-03-01T12:00:00.000Z", "State", "Mode", "run"),
        (NOON, "2026-03-01T12:00:00.000Z", "State", "T", None),
    ]


def test_events_and_frames_have_a_column_for_each_field(tmp_path: Path) -> None:
    event = Event(NOON, "rack1", "soc_low", "raised", "alarm", 19.5, "SOC < 20 %")
    frame = Frame(NOON, "can0", 0x18FF50E5, b"\x5a", extended=True, fd=True)
    record(Sqlite(file=tmp_path / "x.db"), [event, frame])
    assert query(tmp_path / "x.db", "SELECT * FROM events") == [
        (NOON, "rack1", "soc_low", "raised", "alarm", 19.5, "SOC < 20 %")
    ]
    assert query(tmp_path / "x.db", "SELECT * FROM frames") == [
        (NOON, "can0", 0x18FF50E5, b"\x5a", 1, 1, 0, 0, 0)
    ]


def test_a_restart_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for n in range(2):
        record(Sqlite(file=tmp_path / "x.db"), [reading(n)], [reading(n)])
    assert query(tmp_path / "x.db", "SELECT value FROM signals") == [(0,), (0,), (1,), (1,)]
    assert query(tmp_path / "x.db", "SELECT count(*) FROM series") == [(1,)]


def test_times_are_indexed(tmp_path: Path) -> None:
    record(Sqlite(file=tmp_path / "x.db"), [reading()])
    for table in ("readings", "events", "frames"):
        (plan,) = query(tmp_path / "x.db", f"EXPLAIN QUERY PLAN SELECT * FROM {table} WHERE time>1")
        assert f"USING INDEX {table}_time" in plan[3]


def test_a_file_can_give_space_back(tmp_path: Path) -> None:
    record(Sqlite(file=tmp_path / "x.db"), [reading()])
    incremental = 2
    assert query(tmp_path / "x.db", "PRAGMA auto_vacuum") == [(incremental,)]


def test_what_is_too_old_is_deleted(tmp_path: Path) -> None:
    old: list[Message] = [
        reading(1, time=NOON - 3601),
        Event(NOON - 3601, "a", "b"),
        Frame(0.0, "c", 1, b""),
    ]
    sink = Sqlite(file=tmp_path / "x.db", keep=3600.0)
    record(sink, [*old, reading(2, time=NOON - 3599)])
    assert query(tmp_path / "x.db", "SELECT value FROM signals") == [(2,)]
    assert query(tmp_path / "x.db", "SELECT * FROM events") == []
    assert query(tmp_path / "x.db", "SELECT * FROM frames") == []


def test_the_oldest_go_when_the_file_is_too_large(tmp_path: Path) -> None:
    newest_first = [reading("x" * 100, time=NOON + n) for n in reversed(range(9000))]
    stand = record(Sqlite(file=tmp_path / "x.db", max_size_mb=1), newest_first)
    (oldest, newest, rows) = query(
        tmp_path / "x.db", "SELECT min(time), max(time), count(*) FROM readings"
    )[0]
    assert 2000 < rows < 8000
    assert (newest, newest - oldest) == (NOON + 8999, rows - 1)
    assert stand.faults == []


def test_values_that_sqlite_has_no_type_for_are_kept_as_text(tmp_path: Path) -> None:
    a_list: Any = [1]
    odd: list[Message] = [reading(value) for value in (2**70, "\ud800", 1, a_list)]
    stand = record(Sqlite(file=tmp_path / "x.db"), [*odd, reading(2.5, name="\ud800")])
    assert query(tmp_path / "x.db", "SELECT name, value FROM signals") == [
        ("SOC", str(2**70)),
        ("SOC", "\\ud800"),
        ("SOC", 1),
        ("SOC", "[1]"),
        ("\\ud800", 2.5),
    ]
    assert stand.faults == []


def test_a_reading_without_a_proper_time_gets_the_time_of_its_writing(tmp_path: Path) -> None:
    record(Sqlite(file=tmp_path / "x.db"), [reading(1, time=float("nan"))])
    assert query(tmp_path / "x.db", "SELECT time FROM readings") == [(NOON,)]


def test_keeping_nothing_is_a_problem(tmp_path: Path) -> None:
    assert [place for place, _ in Sqlite(file=tmp_path, keep=0.0).problems()] == ["file", "keep"]
