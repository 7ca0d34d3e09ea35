"""The tables of a recorded database, and messages as their rows.

| table      | a row is                                                                         |
|------------|----------------------------------------------------------------------------------|
| `readings` | `time` (POSIX seconds), `series` (see below), `value` (NULL: not available)      |
| `series`   | `id`, `source`, `name`: a signal of a source, written once                       |
| `events`   | `time`, `source`, `name`, `state`, `severity`, `value`, `text`                   |
| `frames`   | `time`, `channel`, `id`, `data`, and 0 or 1 for `extended`, `fd`, `bitrate_switch`, `remote`, `error` |
| `signals`  | a view: `time`, `utc` (ISO 8601 text), `source`, `name`, `value`                 |

`readings` is indexed by time and by series and time; `events` and `frames` by time.
"""  # noqa: E501  a row of a table is one line

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from flowrt.node import Event, Frame, Message, Signals

__all__ = ["SCHEMA", "TABLES", "Rows"]

TABLES: Final = ("readings", "events", "frames")
"""The tables that grow with time."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (source, name)
);
CREATE TABLE IF NOT EXISTS readings (
    time REAL NOT NULL, series INTEGER NOT NULL REFERENCES series (id), value
);
CREATE INDEX IF NOT EXISTS readings_time ON readings (time);
CREATE INDEX IF NOT EXISTS readings_series_time ON readings (series, time);
CREATE TABLE IF NOT EXISTS events (
    time REAL NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
    severity TEXT NOT NULL, value, text TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_time ON events (time);
CREATE TABLE IF NOT EXISTS frames (
    time REAL NOT NULL, channel TEXT NOT NULL, id INTEGER NOT NULL, data BLOB NOT NULL,
    extended INTEGER NOT NULL, fd INTEGER NOT NULL, bitrate_switch INTEGER NOT NULL,
    remote INTEGER NOT NULL, error INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS frames_time ON frames (time);
CREATE VIEW IF NOT EXISTS signals AS
    SELECT time, strftime('%Y-%m-%dT%H:%M:%fZ', time, 'unixepoch') AS utc, source, name, value
    FROM readings JOIN series ON series.id = readings.series;
"""

_COLUMNS: Final = {
    "readings": ("time", "series", "value"),
    "events": ("time", "source", "name", "state", "severity", "value", "text"),
    "frames": (
        *("time", "channel", "id", "data"),
        *("extended", "fd", "bitrate_switch", "remote", "error"),
    ),
}
_INSERT: Final = {
    table: f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  the names are ours
    for table, names in _COLUMNS.items()
}


@dataclass
class Rows:
    """Rows of some messages, by table. `series` finds the id of a source and a name."""

    series: Callable[[str, str], int]
    now: float
    of: dict[str, list[tuple[Any, ...]]] = field(
        default_factory=lambda: {table: [] for table in TABLES}
    )

    def add(self, messages: Iterable[Message]) -> None:
        """The rows of these."""
        for message in messages:
            time = message.time if math.isfinite(message.time) else self.now
            if isinstance(message, Signals):
                self._readings(time, message)
            elif isinstance(message, Event):
                self._event(time, message)
            else:
                self._frame(time, message)

    def insert(self, connection: sqlite3.Connection) -> None:
        """Put the rows into their tables."""
        for table, rows in self.of.items():
            if rows:
                _insert(connection, _INSERT[table], rows)

    def _readings(self, time: float, message: Signals) -> None:
        series, source = self.series, message.source
        self.of["readings"].extend(
            (time, series(source, name), value) for name, value in message.values.items()
        )

    def _event(self, time: float, event: Event) -> None:
        self.of["events"].append(
            (
                time,
                event.source,
                event.name,
                event.state,
                event.severity,
                event.value,
                event.text,
            )
        )

    def _frame(self, time: float, frame: Frame) -> None:
        flags = (frame.extended, frame.fd, frame.bitrate_switch, frame.remote, frame.error)
        self.of["frames"].append((time, frame.channel, frame.id, frame.data, *flags))


def _insert(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    connection.execute("SAVEPOINT rows")
    try:
        connection.executemany(statement, rows)
    except (OverflowError, UnicodeEncodeError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        connection.execute("ROLLBACK TO rows")
        connection.executemany(statement, (tuple(map(storable, row)) for row in rows))
    connection.execute("RELEASE rows")


def storable(value: Any) -> Any:
    """A value that SQLite takes; whatever it does not take, as text."""
    if value is None or isinstance(value, float | bytes):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return value
    return str(value).encode("utf-8", "backslashreplace").decode()
