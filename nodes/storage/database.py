"""A SQLite file that messages are recorded in."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from flowrt.node import Message, NodeFault, Unavailable
from nodes.storage.aside import free_name
from nodes.storage.buffered import in_turns
from nodes.storage.retention import Retention
from nodes.storage.tables import SCHEMA, Rows
from nodes.storage.trouble import DISK_FULL, NOT_ALLOWED, unavailable

__all__ = ["Database"]

_PATIENCE: Final = 2.0
"""Seconds to wait for another program's lock."""
_MOST_SERIES: Final = 100_000
"""Ids remembered; beyond, they are looked up again."""
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_HOPELESS: Final = frozenset(
    {0, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG}
)
"""What is wrong with the messages themselves; 0 is Python's own finding."""
_REMEDIES: Final = {
    sqlite3.SQLITE_BUSY: "Another program holds a lock on it: let it finish, or end it.",
    sqlite3.SQLITE_FULL: DISK_FULL,
    sqlite3.SQLITE_READONLY: NOT_ALLOWED,
    sqlite3.SQLITE_CANTOPEN: NOT_ALLOWED,
    sqlite3.SQLITE_PERM: NOT_ALLOWED,
    sqlite3.SQLITE_IOERR: "The disk may be full or failing: see the system's log.",
}


_MAGIC: Final = b"SQLite format 3\0"
_APPLICATION_ID: Final = int.from_bytes(b"flow")
"""Marks a database as one that flowrt made."""


class Database:
    """A store of messages in tables; a damaged file is set aside, and a new one begun."""

    def __init__(self, path: Path, retention: Retention, now: Callable[[], float]) -> None:
        self.path = path
        self.notes: list[NodeFault] = []
        self._retention = retention
        self._now = now
        self._session: _Session | None = None

    def write(self, messages: Sequence[Any]) -> None:
        """Record all of them in one transaction, then delete what is too old or too much."""
        try:
            self._attempt(lambda session: session.record(messages, self._now()))
        except sqlite3.DatabaseError as error:
            raise self._fault(error) from error
        except OSError as error:
            raise unavailable(self.path, error) from error
        try:
            self._attempt(lambda session: self._retention.apply(session.connection, self._now()))
        except (sqlite3.DatabaseError, OSError) as error:  # what was recorded stays recorded
            self.notes.append(NodeFault(f"{self.path}: nothing old could be deleted: {error}"))

    def close(self) -> None:
        """Close the file; what is in its write-ahead log goes into it."""
        session, self._session = self._session, None
        if session is not None:
            session.connection.close()

    def _attempt(self, work: Callable[[_Session], None]) -> None:
        """Do some work; where the file turns out to be damaged, do it in a new one."""
        try:
            self._in_session(work)
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGED:
                raise
            self._set_aside(error)
            self._in_session(work)

    def _in_session(self, work: Callable[[_Session], None]) -> None:
        """Do some work in a session that survives only what goes well."""
        if self._session is not None and not self._session.is_there():
            self.notes.append(NodeFault(f"{self.path}: was moved or deleted; a new one is begun."))
            self.close()
        try:
            if self._session is None:
                self._session = _Session(self.path)
            work(self._session)
        except BaseException:
            self.close()
            raise

    def _fault(self, error: sqlite3.Error) -> NodeFault:
        """Unavailable, but for what no later attempt would mend."""
        kind = NodeFault if _code(error) in _HOPELESS else Unavailable
        remedy = _REMEDIES.get(_code(error), "")
        return kind(f"{self.path}: cannot be written: {error}. {remedy}".rstrip())

    def _set_aside(self, error: sqlite3.Error) -> None:
        """Rename the file with its logs, so that what is left in it can be rescued."""
        aside = free_name(f"{self.path.name}.damaged-{{}}", self.path.parent, self._now())
        for ending in ("", "-wal", "-shm"):
            file = self.path.with_name(self.path.name + ending)
            if file.exists():
                file.rename(aside.with_name(aside.name + ending))
        self.notes.append(
            NodeFault(
                f"{self.path}: is damaged ({error}). It is now {aside.name}, and a new one is "
                "begun. Rescue what it holds with: sqlite3 FILE .recover"
            )
        )


class _NoDatabase(sqlite3.DatabaseError):
    """Seen before SQLite does, which would delete the log that may still hold something."""

    sqlite_errorcode = sqlite3.SQLITE_NOTADB


class _Session:
    """An open file; an error ends it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        _look_at(path)
        self._path = path
        self._series: dict[tuple[str, str], int] = {}
        self.connection = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self) -> None:
        self._claim()
        for pragma in (
            "journal_mode = WAL",  # readers and the writer do not wait for each other
            "synchronous = FULL",  # a commit survives a power cut
            "journal_size_limit = 4000000",
        ):
            self.connection.execute(f"PRAGMA {pragma}").fetchall()
        with self._transaction():
            for statement in filter(str.strip, SCHEMA.split(";")):
                self.connection.execute(statement)
        self._file = self._path.stat()

    def _claim(self) -> None:
        """Mark a new database as ours; leave alone one that is not."""
        execute = self.connection.execute
        if execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID:
            return
        if execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise Unavailable(
                f"{self._path}: cannot be written: it holds another program's tables. "
                "Choose another file."
            )
        execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table
        execute(f"PRAGMA application_id = {_APPLICATION_ID}")

    def is_there(self) -> bool:
        """Whether the path still names the open file."""
        try:
            return os.path.samestat(self._file, self._path.stat())
        except FileNotFoundError:
            return False

    def record(self, messages: Sequence[Message], now: float) -> None:
        """Insert all or none."""
        if not messages:
            return
        with self._transaction():
            for part in in_turns(messages):
                rows = Rows(self._id_of, now)
                rows.add(part)
                rows.insert(self.connection)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self.connection.in_transaction:  # a full disk has rolled it back already
                self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def _id_of(self, source: str, name: str) -> int:
        found = self._series.get((source, name))
        return self._look_up(source, name) if found is None else found

    def _look_up(self, source: str, name: str) -> int:
        if len(self._series) >= _MOST_SERIES:
            self._series.clear()
        pair = tuple(text.encode("utf-8", "backslashreplace").decode() for text in (source, name))
        self.connection.execute("INSERT OR IGNORE INTO series (source, name) VALUES (?, ?)", pair)
        query = "SELECT id FROM series WHERE source = ? AND name = ?"
        id: int = self.connection.execute(query, pair).fetchone()[0]
        self._series[source, name] = id
        return id


def _look_at(path: Path) -> None:
    """Raise where a file is there that is no database."""
    if path.is_file():
        with path.open("rb") as file:
            begins = file.read(len(_MAGIC))
        if begins and begins != _MAGIC:
            raise _NoDatabase("file is not a database")


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 where Python found the error by itself."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF
