"""Records in a segment: length and CRC32C (both little-endian u32), then the payload.

Damage is found by the checksum. The next sound record is looked for byte by byte, so that one
flipped bit costs one record, also where it hits a length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

import google_crc32c

__all__ = ["HEAD", "Record", "frame", "records"]

HEAD: Final = struct.Struct("<II")


class Record(NamedTuple):
    """A stretch of a segment, in bytes from its beginning; without payload it is damaged."""

    start: int
    end: int
    payload: bytes | None


def frame(payload: bytes) -> bytes:
    """A payload as it stands on disk; it must not be empty."""
    return HEAD.pack(len(payload), google_crc32c.value(payload)) + payload


def records(data: bytes, at: int) -> Iterator[Record]:
    """What a segment holds from an offset on: sound records, and damaged stretches between."""
    while at < len(data):
        payload = _sound(data, at)
        sound = payload is not None
        end = at + HEAD.size + len(payload or b"") if sound else _next_sound(data, at + 1)
        yield Record(at, end, payload)
        at = end


def _sound(data: bytes, at: int) -> bytes | None:
    """The payload of the record at an offset, where it is one."""
    begin = at + HEAD.size
    if begin >= len(data):
        return None
    length, crc = HEAD.unpack_from(data, at)
    if not length or begin + length > len(data):
        return None
    payload = data[begin : begin + length]
    return payload if google_crc32c.value(payload) == crc else None


def _next_sound(data: bytes, at: int) -> int:
    """Where the next sound record begins; the end of the data where there is none."""
    for offset in range(at, len(data) - HEAD.size):
        # The top byte of a length is 0 in every record below 16 MB: most offsets end here.
        if data[offset + 3] == 0 and _sound(data, offset) is not None:
            return offset
    return len(data)
