"""Looks at the data folder: its disk, what became of the last starts."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from flowrt.doctor.finding import Finding, Level
from flowrt.journal.look import journals_in, look, verify
from flowrt.service.boots import CRASHES, past_of

__all__ = ["examine_data"]

_LEAST_DISK: Final = 256 * 1024 * 1024


def examine_data(data: Path) -> Iterator[Finding]:
    """Everything about the folder for what must outlive a restart."""
    yield from _disk(data)
    yield from _last_starts(data)
    yield from _journals(data)
    yield from _set_aside(data)


def _last_starts(data: Path) -> Iterator[Finding]:
    past = past_of(data)
    when = datetime.fromtimestamp(past.crashed).astimezone().strftime("%Y-%m-%d %H:%M")
    if past.crashes:
        found = f"{past.crashes} start{'s in a row' * (past.crashes > 1)} crashed; the last one: "
        safe = past.crashes >= CRASHES
        remedy = "No flow is started: mend it, then flowrt doctor --clear-safe-mode"
        level: Level = "fail" if safe else "warn"
        yield Finding("last starts", level, f"{found}{past.reason}", remedy if safe else "")
    elif past.reason:
        found = f"well since; one that was begun at {when} crashed: {past.reason}"
        yield Finding("last starts", "ok", found)
    elif past.machine:
        yield Finding("last starts", "ok", "none crashed")


def _journals(data: Path) -> Iterator[Finding]:
    """Every byte is read, so that damage is known before its messages are wanted."""
    for name, folder in journals_in(data).items():
        damage = [one for one in verify(folder) if not one.torn]
        waiting = f"{look(name, folder).waiting} messages wait"
        if damage:
            count = f"{len(damage)} damaged {'stretch' if len(damage) == 1 else 'stretches'}"
            found = f"{waiting}; {count}, first in {damage[0].segment}"
            remedy = f"Is the disk failing? What is sound: flowrt journal export {name}"
            yield Finding("journal", "warn", f"{name}: {found}", remedy)
        else:
            yield Finding("journal", "ok", f"{name}: {waiting}, all can be read")


def _set_aside(data: Path) -> Iterator[Finding]:
    damaged = data / "events.db.damaged"
    if damaged.exists():
        remedy = f"Is the disk failing? sqlite3 {damaged} .recover, then delete it"
        yield Finding("history", "warn", "a damaged file was set aside", remedy)


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.1f} GB free for {data}"
    if not _can_be_written(there):
        yield Finding("data folder", "fail", f"{there} cannot be written", "Choose --data DIR")
    elif free < _LEAST_DISK:
        yield Finding("data folder", "warn", found, "Make room: queues that spill need it")
    else:
        yield Finding("data folder", "ok", found)


def _can_be_written(folder: Path) -> bool:
    """Tried, because root may write anywhere but where the file system refuses."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
