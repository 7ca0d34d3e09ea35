"""Application data of IEC 60870-5-104: types, causes, times, and how values are written.

Sizes as the companion standard fixes them for 104: cause 2 octets, common address 2, object
address 3, little-endian. Times are CP56Time2a in UTC.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, IntFlag
from typing import Final

from nodes.iec104.apci import LONGEST_ASDU, BadFrame

__all__ = [
    "Asdu",
    "Cause",
    "Quality",
    "TypeId",
    "asdu_of",
    "cp56",
    "packed",
    "seconds_of",
    "short_float",
    "single",
]

_NEGATIVE: Final = 0x40
_TEST: Final = 0x80


class TypeId(IntEnum):
    """The types that are understood."""

    SINGLE = 1
    FLOAT = 13
    SINGLE_TIMED = 30
    FLOAT_TIMED = 36
    SINGLE_COMMAND = 45
    FLOAT_COMMAND = 50
    INTERROGATION = 100
    COUNTER_INTERROGATION = 101
    READ = 102
    CLOCK = 103
    TEST = 107


class Cause(IntEnum):
    """Causes of transmission."""

    SPONTANEOUS = 3
    REQUESTED = 5
    ACTIVATION = 6
    CONFIRMATION = 7
    DEACTIVATION = 8
    DEACTIVATION_CONFIRMATION = 9
    TERMINATION = 10
    INTERROGATED = 20
    UNKNOWN_TYPE = 44
    UNKNOWN_CAUSE = 45
    UNKNOWN_STATION = 46
    UNKNOWN_OBJECT = 47


class Quality(IntFlag):
    """What is wrong with a value."""

    GOOD = 0
    OVERFLOW = 0x01
    NOT_TOPICAL = 0x40
    INVALID = 0x80


@dataclass(frozen=True, slots=True)
class Asdu:
    """One application data unit; `objects` are addresses and information elements as bytes."""

    type: int
    cause: int
    station: int
    objects: bytes
    count: int = 1
    sequence: bool = False
    negative: bool = False
    test: bool = False
    originator: int = 0

    @property
    def address(self) -> int:
        """The address of the first object."""
        return int.from_bytes(self.objects[:3], "little")

    @property
    def element(self) -> bytes:
        """The information element of the first object."""
        return self.objects[3:]

    def answered(self, cause: int, *, negative: bool = False) -> Asdu:
        """The same, sent back with another cause."""
        return Asdu(
            *(self.type, cause, self.station, self.objects, self.count, self.sequence),
            *(negative, self.test, self.originator),
        )

    def as_bytes(self) -> bytes:
        """As it travels."""
        cause = self.cause | (_NEGATIVE if self.negative else 0) | (_TEST if self.test else 0)
        count = self.count | (0x80 if self.sequence else 0)
        head = bytes((self.type, count, cause, self.originator))
        return head + self.station.to_bytes(2, "little") + self.objects


def asdu_of(body: bytes) -> Asdu:
    """Read an application data unit; raises BadFrame where it is too short for one object."""
    if len(body) < 9 or len(body) > LONGEST_ASDU:
        raise BadFrame("no application data unit")
    return Asdu(
        type=body[0],
        cause=body[2] & 0x3F,
        station=body[4] | body[5] << 8,
        objects=body[6:],
        count=body[1] & 0x7F,
        sequence=bool(body[1] & 0x80),
        negative=bool(body[2] & _NEGATIVE),
        test=bool(body[2] & _TEST),
        originator=body[3],
    )


def packed(type: int, cause: int, station: int, objects: Sequence[bytes]) -> list[Asdu]:
    """Objects of one type in as few units as will hold them."""
    if not objects:
        return []
    most = min((LONGEST_ASDU - 6) // len(objects[0]), 127)
    parts = [objects[at : at + most] for at in range(0, len(objects), most)]
    return [Asdu(type, cause, station, b"".join(part), count=len(part)) for part in parts]


def single(on: bool, quality: Quality) -> bytes:
    """SIQ."""
    return bytes((on | (quality & 0xF0),))


def short_float(value: float, quality: Quality) -> bytes:
    """A short floating point number and its QDS; what does not fit is marked as overflow."""
    try:
        return struct.pack("<fB", value, quality)
    except OverflowError:
        return struct.pack("<fB", 0.0, quality | Quality.OVERFLOW)


def cp56(time: float) -> bytes:
    """Seven octets of date and time; invalid where the time is not of 1970 to 2099."""
    try:
        moment = datetime.fromtimestamp(time, UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime(1970, 1, 1, tzinfo=UTC)
    invalid = 0 if 1970 < moment.year < 2100 else 0x80
    milliseconds = moment.second * 1000 + moment.microsecond // 1000
    return struct.pack(
        "<HBBBBB",
        milliseconds,
        moment.minute | invalid,
        moment.hour,
        moment.day | moment.isoweekday() << 5,
        moment.month,
        moment.year % 100,
    )


def seconds_of(time: bytes) -> float | None:
    """POSIX seconds of a CP56Time2a, taken as UTC; None where it is no time."""
    try:
        milliseconds, minute, hour, day, month, year = struct.unpack("<HBBBBB", time[:7])
        moment = datetime(
            2000 + (year & 0x7F), month & 0x0F, day & 0x1F, hour & 0x1F, minute & 0x3F, tzinfo=UTC
        )
    except (struct.error, ValueError):
        return None
    seconds: float = moment.timestamp() + milliseconds / 1000
    return seconds
