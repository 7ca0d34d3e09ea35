"""storage/historian: readings thinned out with age, checked by plain SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from flowrt.clock import VirtualClock
from flowrt.message import Event, Signals
from nodes.storage.database import Database
from nodes.storage.historian import Coarser, Historian
from nodes.storage.tiers import Tier, TieredRetention
from tests.support.sinks import NOON, record

HOUR = 3600.0
TIERS = [Tier(60.0, 48 * HOUR), Tier(900.0, 365 * 24 * HOUR)]


class Kept:
    """A database with a clock that the test turns."""

    def __init__(self, file: Path, keep: float = 6 * HOUR, tiers: list[Tier] | None = None) -> None:
        self.clock = VirtualClock(NOON)
        self.file = file
        retention = TieredRetention(keep, None, tiers=tiers or TIERS)
        self.store = Database(file, retention, self.clock.now)

    def write(self, *messages: Signals | Event) -> None:
        if messages:
            self.clock.advance(messages[-1].time)
        self.store.write(messages)
        assert self.store.notes == []

    def query(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(self.file)) as connection:
            return connection.execute(sql).fetchall()


def soc(second: float, value: Any) -> Signals:
    return Signals(NOON + second, "State", {"SOC": value})


def test_slots_have_minimum_mean_maximum_and_count(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "x.db")
    kept.write(*[soc(second, second) for second in range(120)])
    kept.write(soc(1000, "text"), soc(1000, None))
    assert kept.query(
        "SELECT every, time, utc, source, name, minimum, mean, maximum, count "
        "FROM history WHERE every = 60 ORDER BY time"
    ) == [
        (60, NOON, "2026-03-01T12:00:00Z", "State", "SOC", 0, 29.5, 59, 60),
        (60, NOON + 60, "2026-03-01T12:01:00Z", "State", "SOC", 60, 89.5, 119, 60),
    ]


def test_a_coarser_tier_is_made_of_the_finer_one_with_its_weights(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "x.db")
    kept.write(*[soc(second, 10) for second in range(60)], soc(70, 100))
    kept.write(soc(2 * HOUR, 0))
    assert kept.query(
        "SELECT time, minimum, mean, maximum, count FROM history "
        "WHERE every = 900 AND time < 1772367300"
    ) == [(NOON, 10, (60 * 10 + 100) / 61, 100, 61)]


def test_readings_go_and_their_slots_stay(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "x.db")
    for hour in range(50):
        kept.write(*[soc(hour * HOUR + minute * 60, hour) for minute in range(60)])
    (oldest,) = kept.query("SELECT min(time) FROM readings")
    assert oldest[0] >= NOON + (50 - 6 - 1) * HOUR
    (minutes,) = kept.query("SELECT min(time) FROM history WHERE every = 60")
    assert NOON + HOUR <= minutes[0] <= NOON + 3 * HOUR
    quarters = kept.query("SELECT time, mean FROM history WHERE every = 900 ORDER BY time")
    assert quarters[:5] == [(NOON + n * 900, n // 4) for n in range(5)]
    assert len(quarters) >= 48 * 4


def test_nothing_is_summed_up_twice_after_a_restart(tmp_path: Path) -> None:
    first = Kept(tmp_path / "x.db")
    first.write(*[soc(second, 1) for second in range(600)])
    first.store.close()
    again = Kept(tmp_path / "x.db")
    again.write(soc(2000, 2))
    counts = again.query("SELECT count FROM history WHERE every = 60 ORDER BY time")
    assert counts[:10] == [(60,)] * 10


def test_a_gap_of_days_is_caught_up_with(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "x.db", keep=30 * 24 * HOUR)
    kept.write(soc(0, 1), soc(20 * 24 * HOUR, 2))
    for _ in range(3):
        kept.write()
    assert kept.query("SELECT count(*) FROM history WHERE every = 900") == [(1,)]
    kept.write(soc(20 * 24 * HOUR + 2 * HOUR, 3))
    assert kept.query("SELECT count(*) FROM history WHERE every = 900") == [(2,)]


def test_the_node_records_through_an_ordinary_life(tmp_path: Path) -> None:
    file = tmp_path / "log" / "h.db"
    stand = record(Historian(file=file), [soc(0, 55), Event(NOON, "State", "low")])
    assert stand.faults == []
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT value FROM signals").fetchall() == [(55,)]
        assert connection.execute("SELECT name FROM events").fetchall() == [("low",)]


def test_tiers_that_cannot_be_made_are_told() -> None:
    tiers = [Coarser(every=60.0, keep=600.0), Coarser(every=90.0, keep=9e9)]
    node = Historian(file=Path("x.db"), keep=100.0, tiers=tiers)
    assert list(node.problems()) == [
        ("keep", "must be 180 s or more, or readings go before they are summed up."),
        ("tiers[1].every", "must be a multiple of 60 s, the tier before."),
    ]
    assert list(Historian(file=Path("x.db")).problems()) == []
