"""Messages for journals, and a journal as a crash leaves it."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from flowrt.journal import Entry, Journal
from flowrt.journal.segment import segment_files
from flowrt.message import Message, Signals

__all__ = ["all_of", "crash", "number_of", "numbered"]


def numbered(numbers: Iterable[int], size: int = 0) -> list[Message]:
    """Readings that carry a number, `size` characters longer than they need be."""
    return [Signals(float(n), "count", {"n": n, "pad": "x" * size}) for n in numbers]


def number_of(message: Message) -> int:
    """The number that a reading carries."""
    assert isinstance(message, Signals)
    number = message.values["n"]
    assert isinstance(number, int)
    return number


def all_of(journal: Journal) -> list[int]:
    """Read everything that waits on disk."""
    found: list[Entry] = []
    while entries := journal.read(100):
        found += entries
    return [number_of(entry.message) for entry in found]


def crash(journal: Journal, folder: Path, synced: Sequence[tuple[int, int]], cut: float) -> None:
    """Leave the journal in another folder as a power cut would.

    `synced` is the size of each segment at the last fsync; of what was written since, the share
    `cut` of the newest segment gets lost.
    """
    source = journal._log.folder
    shutil.copytree(source, folder)
    journal._log.close()
    safe = dict(synced)
    newest, path = list(segment_files(folder).items())[-1]
    size = path.stat().st_size
    safe_size = safe.get(newest, 0)
    with path.open("r+b") as file:
        file.truncate(safe_size + int((size - safe_size) * (1 - cut)))
