"""Events in a file: kept, paged, bounded; a damaged file is set aside."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from flowrt.events.table import EventTable, Retention, Wanted

EPOCH = 1.7e9


def row(time: float, flow: str = "rack", text: str = "low") -> dict[str, Any]:
    return {"time": time, "flow": flow, "text": text}


def times(table: EventTable, limit: int = 100, **wanted: Any) -> list[float]:
    return [row["time"] for row in table.read(Wanted(limit, **wanted))]


def test_rows_are_read_in_pages_newest_first(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db")
    table.append([row(float(time)) for time in range(10)], now=10.0)
    first = table.read(Wanted(4))
    assert [found["time"] for found in first] == [9.0, 8.0, 7.0, 6.0]
    assert times(table, 4, before=first[-1]["number"]) == [5.0, 4.0, 3.0, 2.0]


def test_rows_outlive_the_process_that_wrote_them(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db")
    table.append([row(1.0)], now=1.0)
    table.append([row(2.0, "other")], now=2.0)
    again = EventTable(tmp_path / "events.db")  # the first was never closed, as after a kill
    assert times(again) == [2.0, 1.0]
    assert times(again, flow="rack") == [1.0]


def test_the_oldest_make_room_in_the_order_they_came(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db", Retention(rows=3))
    table.append([row(9.0), row(1.0), row(2.0), row(3.0)], now=10.0)
    assert times(table) == [3.0, 2.0, 1.0]


def test_age_deletes_slowly_so_that_a_wrong_clock_costs_little(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db", Retention(age=100.0, at_once=2))
    table.append([row(EPOCH + time) for time in range(5)], now=EPOCH + 5)
    for expected in ([4.0, 3.0, 2.0], [4.0], []):
        table.append([row(EPOCH + 1e6)], now=EPOCH + 1e6)
        assert [time - EPOCH for time in times(table) if time < EPOCH + 1e6] == expected


def test_what_came_before_the_clock_was_set_has_no_age(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db", Retention(age=100.0))
    table.append([row(60.0)], now=60.0)
    table.append([row(EPOCH)], now=EPOCH)
    assert times(table) == [EPOCH, 60.0]


def test_bytes_are_bounded_and_room_is_made(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db", Retention(size=1_000_000))
    for turn in range(40):
        table.append([row(float(turn), text="x" * 1000)] * 100, now=1.0)
    assert times(table, 1) == [39.0]
    assert (tmp_path / "events.db").stat().st_size <= 1_000_000


@pytest.mark.parametrize("damage", [b"no database at all" * 1000, b"SQLite format 3\x00" * 300])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "events.db").write_bytes(damage)
    table = EventTable(tmp_path / "events.db")
    table.append([row(1.0)], now=1.0)
    assert times(table) == [1.0]
    assert (tmp_path / "events.db.damaged").read_bytes() == damage


def test_damage_inside_of_the_file_is_found_when_it_is_opened(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db")
    table.append([row(float(time), text="x" * 200) for time in range(500)], now=1.0)
    table.close()
    data = bytearray((tmp_path / "events.db").read_bytes())
    data[4096 * 3 : 4096 * 5] = b"\xff" * 8192
    (tmp_path / "events.db").write_bytes(data)
    again = EventTable(tmp_path / "events.db")
    again.append([row(7.0)], now=7.0)
    assert times(again) == [7.0]


def test_a_file_that_was_deleted_is_begun_anew(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db")
    table.append([row(1.0)], now=1.0)
    for file in tmp_path.iterdir():
        file.unlink()
    table.append([row(2.0)], now=2.0)
    assert times(table) == [2.0]


def test_a_locked_file_is_told(tmp_path: Path) -> None:
    table = EventTable(tmp_path / "events.db")
    table.append([row(1.0)], now=1.0)
    other = sqlite3.connect(tmp_path / "events.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        table.append([row(2.0)], now=2.0)
    other.close()
    table.append([row(3.0)], now=3.0)
    assert times(table) == [3.0, 1.0]
