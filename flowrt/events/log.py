"""Writes what happened to alarms in batches, in a thread, so that no flow waits for a disk."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from flowrt.events.table import EventTable, Retention, Wanted
from flowrt.watch.watch import Watch

__all__ = ["EventLog"]

_log = logging.getLogger("flowrt.events")
_EVERY: Final = 1.0
_MOST_A_BATCH: Final = 500
"""Rows written at once, and so a second: a chattering node must not wear out the flash."""
_MOST_WAITING: Final = 5000
_PAUSE: Final = 10.0
"""Seconds before a disk that refused is tried again."""


class EventLog:
    """The history of alarms and events; what finds no room is counted as `lost`."""

    def __init__(
        self,
        watch: Watch,
        data: Path,
        retention: Retention | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.recorded = 0
        self.lost = 0
        self._watch = watch
        self._now = now
        self._table = EventTable(data / "events.db", retention)
        self._waiting: deque[dict[str, Any]] = deque()
        self._turn = asyncio.Lock()
        self._is_refused = False
        self._news = watch.subscribe(_MOST_WAITING, frozenset({"alarm"}))

    @property
    def waiting(self) -> int:
        """Rows that are not on disk yet."""
        return len(self._waiting)

    async def run(self) -> None:
        """Record until cancelled; then what is left is written."""
        try:
            while True:
                await asyncio.sleep(_PAUSE if self._is_refused else _EVERY)
                await self.flush()
        finally:
            self.close()

    def close(self) -> None:
        """Write what is left, and let go of the file."""
        self._watch.unsubscribe(self._news)
        self._take()
        self._record()
        self._table.close()

    async def flush(self) -> None:
        """Write a batch of what has come."""
        async with self._turn:
            self._take()
            if self._waiting:
                await asyncio.to_thread(self._record)

    def _take(self) -> None:
        self._waiting.extend(one.data for one in self._news.take())
        excess = max(0, len(self._waiting) - _MOST_WAITING)
        for _ in range(excess):
            self._waiting.popleft()
        self.lost += excess + self._news.dropped
        self._news.dropped = 0

    def _record(self) -> None:
        """Write a batch; where the disk refuses, it waits."""
        batch = [self._waiting[index] for index in range(min(len(self._waiting), _MOST_A_BATCH))]
        if not batch:
            return
        try:
            self._table.append(batch, self._now())
        except (sqlite3.Error, OSError) as error:
            if not self._is_refused:
                text = "%s: events wait, at most %d, until it can be written: %s"
                _log.error(text, self._table.file, _MOST_WAITING, error)
            self._is_refused = True
            return
        for _ in batch:
            self._waiting.popleft()
        self.recorded += len(batch)
        self._is_refused = False

    async def page(self, wanted: Wanted) -> list[dict[str, Any]]:
        """Rows newest first; those that wait for the disk, without a number, come before.

        Raises sqlite3.Error and OSError where the file cannot be read.
        """
        await self.flush()
        async with self._turn:
            found = await asyncio.to_thread(self._table.read, wanted)
        if wanted.before is not None:
            return found
        fresh = [row for row in reversed(self._waiting) if wanted.flow in ("", row["flow"])]
        return [*fresh, *found][: wanted.limit]
