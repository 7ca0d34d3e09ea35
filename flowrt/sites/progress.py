"""How far a part has come: one small file, replaced whole."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from flowrt.files.store import write_atomically

__all__ = ["Reached", "load", "reopened", "save"]


class Reached(msgspec.Struct, frozen=True):
    """Where to go on: `offset` logs or batches are done, `size` bytes of the record are good."""

    offset: int = 0
    size: int = 0
    states: dict[str, Any] = {}
    facts: list[dict[str, Any]] = []
    """The summaries of what was done before, by worker."""
    seen: bytes = b""
    """The identities of the pieces that were taken last."""


def load(file: Path) -> Reached:
    """What was saved last; the beginning where nothing was."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Reached)
    except FileNotFoundError:
        return Reached()


def save(file: Path, reached: Reached, record: BinaryIO) -> None:
    """Replace what was saved before, so that a kill leaves the one or the other.

    The record is on disk first: a power cut must not leave a checkpoint that is ahead of it.
    """
    record.flush()
    os.fsync(record.fileno())
    write_atomically(file, msgspec.json.encode(reached))


def reopened(record: Path, reached: Reached) -> BinaryIO:
    """A record file, without what was written after the checkpoint."""
    record.parent.mkdir(parents=True, exist_ok=True)
    record.touch()
    file = record.open("r+b")
    file.truncate(reached.size)
    file.seek(reached.size)
    return file
