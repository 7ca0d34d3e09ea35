"""What is set aside rather than lost: damaged stretches, and messages that cannot be written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import orjson

from flowrt.message import Message, to_record

__all__ = ["keep_damaged", "keep_poison"]

_MOST_DAMAGED: Final = 64
"""Files; a card that decays must not fill the disk with its damage."""
_LARGEST_POISON: Final = 4 * 1024 * 1024


def keep_damaged(folder: Path, name: str, data: bytes) -> None:
    """Keep the bytes of a damaged stretch beside the journal, for whoever can read them."""
    place = folder / "damaged"
    place.mkdir(exist_ok=True)
    if len(list(place.iterdir())) < _MOST_DAMAGED:
        (place / f"{name}.bin").write_bytes(data)


def keep_poison(folder: Path, messages: Sequence[Message], reason: str, now: float) -> None:
    """Append messages to `quarantine.jsonl`, safe from a power cut on return.

    When the file is large it becomes `quarantine.1.jsonl`, in place of an older one.
    """
    file = folder / "quarantine.jsonl"
    if file.exists() and file.stat().st_size > _LARGEST_POISON:
        file.replace(folder / "quarantine.1.jsonl")
    lines = [
        orjson.dumps({"set_aside": now, "reason": reason, "message": to_record(message)}) + b"\n"
        for message in messages
    ]
    with file.open("ab") as handle:
        handle.writelines(lines)
        handle.flush()
        os.fsync(handle.fileno())
