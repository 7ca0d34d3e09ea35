"""Down-sampling inside a recorded database: readings of each slot as minimum, mean and maximum.

| table     | a row is                                                                          |
|-----------|-----------------------------------------------------------------------------------|
| `slots`   | `every` (seconds), `time` (begin of the slot), `series`, `minimum`, `mean`, `maximum`, `count` |
| `tiers`   | `every`, and `done`: slots that begin before it are complete                      |
| `history` | a view of slots: `every`, `time`, `utc`, `source`, `name`, `minimum`, `mean`, `maximum`, `count` |
"""  # noqa: E501  a row of a table is one line

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from nodes.storage.retention import Retention

__all__ = ["LATE", "Tier", "TieredRetention"]

LATE: Final = 60.0
"""Seconds that a reading may come late; a slot is closed when it is older than that."""
_CHUNK: Final = 3600.0
"""Seconds of recorded time that are summed up in one transaction, or one slot if that is longer."""
_LONGEST: Final = 1.0
"""Seconds that summing up may take at once."""
_ROWS_AT_ONCE: Final = 5000
_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS slots (
        every REAL NOT NULL, time REAL NOT NULL, series INTEGER NOT NULL REFERENCES series (id),
        minimum REAL NOT NULL, mean REAL NOT NULL, maximum REAL NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (every, series, time)) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS slots_time ON slots (every, time)",
    "CREATE TABLE IF NOT EXISTS tiers (every REAL PRIMARY KEY, done REAL NOT NULL)",
    """CREATE VIEW IF NOT EXISTS history AS
        SELECT every, time, strftime('%Y-%m-%dT%H:%M:%SZ', time, 'unixepoch') AS utc, source, name,
        minimum, mean, maximum, count FROM slots JOIN series ON series.id = slots.series""",
)
_FROM_READINGS: Final = """INSERT OR REPLACE INTO slots
    SELECT :every, CAST(time / :every AS INTEGER) * :every, series, min(value), avg(value),
    max(value), count(*) FROM readings WHERE time >= :begin AND time < :end
    AND typeof(value) IN ('integer', 'real') GROUP BY 2, 3"""
_FROM_SLOTS: Final = """INSERT OR REPLACE INTO slots
    SELECT :every, CAST(time / :every AS INTEGER) * :every, series, min(minimum),
    sum(mean * count) / sum(count), max(maximum), sum(count) FROM slots
    WHERE every = :below AND time >= :begin AND time < :end GROUP BY 2, 3"""
_DELETE: Final = """DELETE FROM slots WHERE (every, series, time) IN
    (SELECT every, series, time FROM slots WHERE every = ? AND time < ? ORDER BY time LIMIT ?)"""


@dataclass(frozen=True, slots=True)
class Tier:
    """Slots of `every` seconds, kept for `keep` seconds."""

    every: float
    keep: float


@dataclass
class TieredRetention(Retention):
    """Sums readings up before they are deleted, tier by tier, the finest first."""

    tiers: Sequence[Tier] = ()
    _prepared: sqlite3.Connection | None = None
    _due: float = 0.0
    _done: dict[float, float] = field(default_factory=dict)

    def apply(self, connection: sqlite3.Connection, now: float) -> None:
        """Sum up what is complete, then delete what is too old, too fine or too much."""
        if connection is not self._prepared:
            self._prepare(connection)
        if not 0 < self._due - now <= LATE:
            deadline = perf_counter() + _LONGEST
            done = all(self._sum_up(connection, index, now, deadline) for index in self._order())
            self._due = now + LATE / 2 if done else 0.0
            for tier in self.tiers:
                _forget(connection, tier, now, deadline)
        super().apply(connection, now)

    def _order(self) -> range:
        return range(len(self.tiers))

    def _prepare(self, connection: sqlite3.Connection) -> None:
        for statement in _SCHEMA:
            connection.execute(statement)
        self._done = dict(connection.execute("SELECT every, done FROM tiers").fetchall())
        self._prepared = connection
        self._due = 0.0

    def _sum_up(
        self, connection: sqlite3.Connection, index: int, now: float, deadline: float
    ) -> bool:
        """Close the slots of a tier that are complete; says whether that is all done."""
        every = self.tiers[index].every
        below = self.tiers[index - 1].every if index else None
        known = now - LATE if below is None else self._done.get(below, 0.0)
        end = known // every * every
        begin: float | None = self._done.get(every, 0.0)
        while (begin := _next(connection, below, every, begin or 0.0)) is not None and begin < end:
            if perf_counter() > deadline:
                return False
            until = min(end, begin + max(_CHUNK // every * every, every))
            self._close(connection, every, below, begin, until)
            begin = until
        self._done[every] = end
        return True

    def _close(
        self,
        connection: sqlite3.Connection,
        every: float,
        below: float | None,
        begin: float,
        end: float,
    ) -> None:
        values = {"every": every, "below": below, "begin": begin, "end": end}
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(_FROM_READINGS if below is None else _FROM_SLOTS, values)
            connection.execute("INSERT OR REPLACE INTO tiers VALUES (?, ?)", (every, end))
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        self._done[every] = end


def _next(
    connection: sqlite3.Connection, below: float | None, every: float, begin: float
) -> float | None:
    """The first slot from `begin` on that holds anything; None where there is none."""
    if below is None:
        query, values = "SELECT min(time) FROM readings WHERE time >= ?", [begin]
    else:
        query, values = "SELECT min(time) FROM slots WHERE every = ? AND time >= ?", [below, begin]
    oldest: float | None = connection.execute(query, values).fetchone()[0]
    return None if oldest is None else oldest // every * every


def _forget(connection: sqlite3.Connection, tier: Tier, now: float, deadline: float) -> None:
    before = (tier.every, now - tier.keep, _ROWS_AT_ONCE)
    while perf_counter() < deadline:
        if connection.execute(_DELETE, before).rowcount < _ROWS_AT_ONCE:
            return
