"""Keeps a recorded database within its age and size, deleting the oldest rows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from nodes.storage.tables import TABLES

__all__ = ["Retention"]

_ROWS_AT_ONCE: Final = 2000
"""Deleted in one transaction, so that a power cut or a reader never waits for long."""
_AGE_CHECK: Final = 60.0
"""Seconds between two looks for what is too old."""
_LONGEST: Final = 1.0
"""Seconds that deleting may take at once, so that neither recording nor a stop waits long."""
_PAGES_AT_ONCE: Final = 1000
_DELETE: Final = {
    table: f"DELETE FROM {table} WHERE rowid IN "  # noqa: S608  the names are ours
    f"(SELECT rowid FROM {table} WHERE time < ? ORDER BY time LIMIT ?)"
    for table in TABLES
}


@dataclass
class Retention:
    """What may stay: rows of the last `keep` seconds, in `max_bytes` at most."""

    keep: float | None
    max_bytes: int | None
    _next_age_check: float = 0.0

    def apply(self, connection: sqlite3.Connection, now: float) -> None:
        """Delete what must go, and give free pages back; what takes long, goes on next time."""
        deadline = perf_counter() + _LONGEST
        if self.keep is not None and not 0 < self._next_age_check - now <= _AGE_CHECK:
            done = _delete_before(connection, now - self.keep, deadline)
            self._next_age_check = now + _AGE_CHECK if done else 0.0
        if self.max_bytes is not None:
            while _used(connection) > self.max_bytes and perf_counter() < deadline:
                if not _delete_oldest(connection):
                    break
        _shrink(connection)


def _delete_before(connection: sqlite3.Connection, time: float, deadline: float) -> bool:
    """Delete what is older; says whether that is all done."""
    for table in TABLES:
        while _delete(connection, table, time) == _ROWS_AT_ONCE:
            if perf_counter() > deadline:
                return False
    return True


def _delete_oldest(connection: sqlite3.Connection) -> int:
    """Delete from the table whose oldest row is the oldest of all; says how many rows."""
    ages = {table: _one(connection, f"SELECT min(time) FROM {table}") for table in TABLES}  # noqa: S608
    present = {table: age for table, age in ages.items() if age is not None}
    if not present:
        return 0
    return _delete(connection, min(present, key=present.__getitem__), float("inf"))


def _delete(connection: sqlite3.Connection, table: str, before: float) -> int:
    return connection.execute(_DELETE[table], (before, _ROWS_AT_ONCE)).rowcount


def _used(connection: sqlite3.Connection) -> float:
    pages = _one(connection, "PRAGMA page_count") or 0
    free = _one(connection, "PRAGMA freelist_count") or 0
    return (pages - free) * (_one(connection, "PRAGMA page_size") or 0)


def _shrink(connection: sqlite3.Connection) -> None:
    """Give back free pages, where there are many; a few are soon used again."""
    if (_one(connection, "PRAGMA freelist_count") or 0) > _PAGES_AT_ONCE:
        connection.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()


def _one(connection: sqlite3.Connection, query: str) -> float | None:
    row = connection.execute(query).fetchone()
    value: float | None = row[0] if row else None
    return value
