"""Record messages in a SQLite database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from flowrt.node import Duration, Example, Message, node, setting
from nodes.storage.buffered import BufferedSink
from nodes.storage.database import Database
from nodes.storage.retention import Retention

_MEGABYTE: Final = 1_000_000


@node("storage/sqlite", icon="database")
class Sqlite(BufferedSink):
    """Record readings, events and frames in a SQLite file.

    The view `signals` (time, utc, source, name, value) shows readings; they are stored in
    `readings` and `series`. The tables `events` and `frames` have a column for each field.
    `time` is POSIX seconds, and indexed. A damaged file is renamed to FILE.damaged-TIME and a
    new one begun; while the file is locked or the disk full, messages wait and are tried again.
    """

    file: Path = setting("Database file; made if it does not exist.")
    keep: Duration | None = setting(
        "Delete what is older than this; left out, age does not matter.", default=None
    )
    max_size_mb: float | None = setting(
        "Delete the oldest rows beyond this size; left out, the file grows without end. Up to "
        "8 MB come on top, for what is being written.",
        default=None,
        minimum=1,
        unit="MB",
    )

    examples = (
        Example("The last 30 days", {"file": "log/history.db", "keep": "30 d"}),
        Example("As much as fits into 500 MB", {"file": "log/history.db", "max_size_mb": 500}),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """A folder is no file, and nothing cannot be kept."""
        if self.file.is_dir():
            yield "file", f"{self.file} is a folder. Name a file in it."
        if self.keep is not None and self.keep <= 0:
            yield "keep", 'must be more than 0 s, such as "30 d".'

    def summary(self) -> str:
        """The file."""
        return self.file.name

    async def write(self, messages: Sequence[Message]) -> None:
        """Gather them for the next transaction."""
        await super().write(messages)

    def open_store(self) -> Database:
        """The database, opened when it is first written."""
        most = None if self.max_size_mb is None else int(self.max_size_mb * _MEGABYTE)
        return Database(self.file, Retention(self.keep, most), self.clock.now)
