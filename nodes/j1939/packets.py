"""Frames of J1939's transport protocol (SAE J1939-21): they announce, allow, carry and end."""

from __future__ import annotations

from typing import Final

from flowrt.node import Frame

__all__ = [
    "ABORT",
    "ABORTS",
    "BAM",
    "CONTROL",
    "CTS",
    "DATA",
    "END",
    "EVERYONE",
    "LONGEST",
    "RTS",
    "announcement",
    "control",
    "packet",
    "packets_of",
    "pgn_of",
]

CONTROL, DATA = 0xEC, 0xEB
RTS, CTS, END, BAM, ABORT = 16, 17, 19, 32, 255
EVERYONE: Final = 0xFF
LONGEST: Final = 1785
"""Bytes of a message: 255 packets of seven."""
ABORTS: Final = {
    1: "it is in another connection already",
    2: "it lacks resources",
    3: "a timeout",
    4: "CTS came while packets were sent",
    5: "too many packets were asked for again",
    6: "an unexpected packet",
    7: "a bad sequence number",
    8: "a sequence number came twice",
    9: "the message is too long",
}
"""Reasons of an abort, in words."""
_PRIORITY: Final = 7


def pgn_of(id: int) -> int:
    """The parameter group number of a 29-bit id; that of an addressed one without the address."""
    pgn = id >> 8 & 0x3FFFF
    return pgn if pgn >> 8 & 0xFF >= 0xF0 else pgn & 0x3FF00


def packets_of(size: int) -> int:
    """How many packets a message of so many bytes takes."""
    return -(-size // 7)


def control(time: float, channel: str, ends: tuple[int, int], head: bytes, pgn: int) -> Frame:
    """A control frame of one end to the other; `head` are its bytes before the group's number."""
    data = head.ljust(5, b"\xff") + pgn.to_bytes(3, "little")
    return _frame(time, channel, CONTROL, ends, data)


def announcement(kind: int, size: int) -> bytes:
    """The head of a BAM, or of an RTS that takes any number of packets at a time."""
    return bytes((kind, size & 0xFF, size >> 8, packets_of(size)))


def packet(time: float, channel: str, ends: tuple[int, int], number: int, data: bytes) -> Frame:
    """Packet `number`, from 1, of a message."""
    part = data[7 * (number - 1) : 7 * number].ljust(7, b"\xff")
    return _frame(time, channel, DATA, ends, bytes((number,)) + part)


def _frame(time: float, channel: str, kind: int, ends: tuple[int, int], data: bytes) -> Frame:
    source, target = ends
    id = _PRIORITY << 26 | kind << 16 | target << 8 | source
    return Frame(time, channel, id, data, extended=True)
