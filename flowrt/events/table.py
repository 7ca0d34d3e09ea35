"""A SQLite file of events, newest last, bounded by rows, age and bytes.

Rows are in the order they came, whatever their times say: a clock may have been set meanwhile.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

__all__ = ["EventTable", "Retention", "Wanted"]

_log = logging.getLogger("flowrt.events")
_PAGE: Final = 4096
_CLOCK_SET: Final = 1_577_836_800.0
"""2020: a row from before comes from a clock that was not set yet, and has no known age."""
_NEARLY: Final = 0.9
_MADE_ROOM: Final = 1000
"""Rows that go at once where the file has nearly all the bytes it may have."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_SCHEMA: Final = """
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA journal_size_limit = 1048576;
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    flow TEXT NOT NULL,
    row TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Retention:
    """The most rows and bytes, and the most seconds of age.

    Age deletes slowly, `at_once` rows a time: a clock that is wrong for an hour must not cost
    years of history.
    """

    rows: int = 100_000
    age: float = 400 * 86400.0
    size: int = 64 * 1024**2
    at_once: int = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: the newest `limit` before a number, of one flow or of all."""

    limit: int
    before: int | None = None
    flow: str = ""


class EventTable:
    """The file; a damaged one is set aside, and a new one begun. For one thread at a time."""

    def __init__(self, file: Path, retention: Retention | None = None) -> None:
        self.file = file
        self._retention = retention or Retention()
        self._connection: sqlite3.Connection | None = None

    def append(self, rows: Sequence[dict[str, Any]], now: float) -> None:
        """Keep rows, which have a `time` and a `flow`; raises sqlite3.Error and OSError.

        All of them are kept, or none; then what is too old or too much goes.
        """
        values = [(row["time"], row["flow"], orjson.dumps(row).decode()) for row in rows]
        with self._session() as connection, connection:
            connection.executemany("INSERT INTO events (time, flow, row) VALUES (?, ?, ?)", values)
            self._trim(connection, now)

    def _trim(self, connection: sqlite3.Connection, now: float) -> None:
        kept = self._retention
        newest = "(SELECT max(number) FROM events)"
        connection.execute(f"DELETE FROM events WHERE number <= {newest} - ?", (kept.rows,))  # noqa: S608
        connection.execute(
            "DELETE FROM events WHERE number IN "
            "(SELECT number FROM events WHERE time > ? AND time < ? ORDER BY number LIMIT ?)",
            (_CLOCK_SET, now - kept.age, kept.at_once),
        )
        if self._is_nearly_full(connection):
            oldest = "(SELECT number FROM events ORDER BY number LIMIT ?)"
            connection.execute(f"DELETE FROM events WHERE number IN {oldest}", (_MADE_ROOM,))  # noqa: S608
        connection.execute("PRAGMA incremental_vacuum(64)").fetchall()

    def _is_nearly_full(self, connection: sqlite3.Connection) -> bool:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        used = int(pages - free) * _PAGE
        return used > self._retention.size * _NEARLY

    def read(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Rows with their `number`, newest first; raises sqlite3.Error and OSError."""
        before = wanted.before if wanted.before is not None else 2**62
        with self._session() as connection:
            found = connection.execute(
                "SELECT number, row FROM events WHERE number < ? AND (? = '' OR flow = ?) "
                "ORDER BY number DESC LIMIT ?",
                (before, wanted.flow, wanted.flow, wanted.limit),
            ).fetchall()
        return [{**orjson.loads(row), "number": number} for number, row in found]

    def close(self) -> None:
        """Close the file; what is in its write-ahead log goes into it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    # --- the file

    @contextlib.contextmanager
    def _session(self) -> Iterator[sqlite3.Connection]:
        """A connection that survives only what goes well; a damaged file is set aside."""
        try:
            if self._connection is None or not self.file.exists():
                self.close()
                self._connection = self._open()
            yield self._connection
        except sqlite3.DatabaseError as error:
            self.close()
            if _is_damage(error):
                self._set_aside(error)
            raise

    def _open(self) -> sqlite3.Connection:
        try:
            return self._opened()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._set_aside(error)
            return self._opened()

    def _opened(self) -> sqlite3.Connection:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.file, timeout=2.0, check_same_thread=False)
        try:
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA max_page_count = {self._retention.size // _PAGE}")
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise _Damaged(verdict)
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename the file, its logs go; one that was set aside before makes room."""
        aside = self.file.with_name(f"{self.file.name}.damaged")
        for ending in ("-wal", "-shm"):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)
        if self.file.exists():
            self.file.replace(aside)
        text = "%s is damaged (%s): it is now %s, a new one is begun"
        _log.error(text, self.file, error, aside)


class _Damaged(sqlite3.DatabaseError):
    """What SQLite's own check found."""


def _is_damage(error: sqlite3.Error) -> bool:
    return isinstance(error, _Damaged) or getattr(error, "sqlite_errorcode", 0) in _DAMAGED
