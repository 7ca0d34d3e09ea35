"""Frames of IEC 60870-5-104: I frames carry data, S frames acknowledge, U frames control."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = [
    "LONGEST_ASDU",
    "MODULUS",
    "START",
    "Acknowledge",
    "BadFrame",
    "Control",
    "Data",
    "Frame",
    "data_frame",
    "frame_of",
    "supervision_frame",
    "unnumbered_frame",
]

START: Final = 0x68
MODULUS: Final = 1 << 15
"""Sequence numbers wrap here."""
LONGEST_ASDU: Final = 249


class BadFrame(ValueError):
    """Bytes that are no frame; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Data:
    """An I frame."""

    sent: int
    received: int
    asdu: bytes


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """An S frame."""

    received: int


@dataclass(frozen=True, slots=True)
class Control:
    """A U frame; `function` is one of the six bits of the first octet."""

    function: int


Frame: TypeAlias = Data | Acknowledge | Control


def frame_of(body: bytes) -> Frame:
    """The frame behind start and length octets; raises BadFrame."""
    if len(body) < 4:
        raise BadFrame("shorter than its control field")
    received = (body[2] | body[3] << 8) >> 1
    if not body[0] & 1:
        return Data((body[0] | body[1] << 8) >> 1, received, body[4:])
    if len(body) > 4:
        raise BadFrame("longer than its kind allows")
    return Acknowledge(received) if not body[0] & 2 else Control(body[0] & 0xFC)


def data_frame(sent: int, received: int, asdu: bytes) -> bytes:
    """An I frame as bytes."""
    head = bytes((START, 4 + len(asdu)))
    return head + (sent << 1).to_bytes(2, "little") + (received << 1).to_bytes(2, "little") + asdu


def supervision_frame(received: int) -> bytes:
    """An S frame as bytes."""
    return bytes((START, 4, 1, 0)) + (received << 1).to_bytes(2, "little")


def unnumbered_frame(function: int) -> bytes:
    """A U frame as bytes."""
    return bytes((START, 4, function | 3, 0, 0, 0))
