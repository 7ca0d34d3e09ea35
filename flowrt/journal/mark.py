"""Marks: records that say which records before them are still wanted, and what was counted.

A mark begins every segment and follows acknowledgements, so that opening a journal reads its
newest segment and no more. Messages are maps in MessagePack, a mark is an array.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from flowrt.journal.record import records
from flowrt.journal.segment import BEGIN

__all__ = ["Mark", "Survey", "is_mark", "survey"]


class Mark(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where the reader is: `wanted` are stretches of positions, `count` the records in them.

    `written` is bytes since the journal was made: its wear.
    """

    wanted: list[tuple[int, int]]
    count: int
    written: int = 0
    commits: int = 0
    quarantined: int = 0
    damaged: int = 0


@dataclass
class Survey:
    """What stands in one segment: its last mark, what follows that, where the sound part ends."""

    mark: Mark | None = None
    after: int = BEGIN
    """The byte behind the mark."""
    count: int = 0
    """Messages behind the mark, a damaged stretch counting as one."""
    sound: int = BEGIN


_decode = msgspec.msgpack.Decoder(Mark).decode


def is_mark(payload: bytes) -> bool:
    """Whether a record's payload is a mark and no message."""
    return payload[0] & 0xF0 == 0x90


def survey(data: bytes) -> Survey:
    """Read a whole segment."""
    found = Survey()
    damaged = 0
    for record in records(data, BEGIN):
        if record.payload is None:
            damaged += 1
            continue
        found.sound = record.end
        found.count += damaged  # one message at least was there; a torn end was none yet
        damaged = 0
        mark = _mark(record.payload)
        if mark is None:
            found.count += 1
        else:
            found.mark, found.after, found.count = mark, record.end, 0
    return found


def _mark(payload: bytes) -> Mark | None:
    if not is_mark(payload):
        return None
    try:
        return _decode(payload)
    except msgspec.DecodeError:  # of a newer version: the one before it serves as well
        return None
