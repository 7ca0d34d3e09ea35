"""The frames of ISO-TP (ISO 15765-2, normal addressing), and the times they carry."""

from __future__ import annotations

import math
from typing import Final

__all__ = [
    "CONSECUTIVE",
    "CONTINUE",
    "FIRST",
    "FLOW",
    "OVERFLOW",
    "SINGLE",
    "WAIT",
    "consecutive",
    "first",
    "flow",
    "padded",
    "separation",
    "separation_code",
    "single",
]

SINGLE, FIRST, CONSECUTIVE, FLOW = 0, 1, 2, 3
CONTINUE, WAIT, OVERFLOW = 0, 1, 2
"""What flow control says."""
_SHORT: Final = 4095
"""Longest message whose length fits twelve bits."""
_SIZES: Final = (8, 12, 16, 20, 24, 32, 48, 64)
"""Lengths that a CAN FD frame may have from eight bytes on."""


def single(data: bytes, size: int) -> bytes | None:
    """A message in one frame of at most `size` bytes; None where it is too long."""
    if len(data) <= 7:
        return bytes((len(data),)) + data
    return bytes((0, len(data))) + data if len(data) <= size - 2 else None


def first(data: bytes, size: int) -> tuple[bytes, int]:
    """The first frame of a long message, and how many bytes of it that carries."""
    length = len(data)
    head = (
        (FIRST << 12 | length).to_bytes(2, "big")
        if length <= _SHORT
        else (FIRST << 12).to_bytes(2, "big") + length.to_bytes(4, "big")
    )
    taken = size - len(head)
    return head + data[:taken], taken


def consecutive(number: int, data: bytes) -> bytes:
    """A further frame; numbers count from 1 modulo 16."""
    return bytes((CONSECUTIVE << 4 | number & 15,)) + data


def flow(said: int, block_size: int, separation: int) -> bytes:
    """Flow control: go on, wait, or it is too long."""
    return bytes((FLOW << 4 | said, block_size, separation))


def padded(data: bytes, padding: int, *, always: bool = True) -> bytes:
    """Filled up to a length that CAN FD has; up to eight bytes only where `always` says so."""
    size = next(size for size in _SIZES if len(data) <= size)
    return data.ljust(size, bytes((padding,))) if always or size > _SIZES[0] else data


def separation(code: int) -> float:
    """Seconds that must be between two frames; reserved codes mean the longest."""
    if code <= 0x7F:
        return code / 1000
    return (code - 0xF0) / 10_000 if 0xF1 <= code <= 0xF9 else 0.127


def separation_code(seconds: float) -> int:
    """The code for a time of at most 127 ms, rounded up."""
    if seconds <= 0:
        return 0
    tenths = math.ceil(round(seconds * 10_000, 6))
    return 0xF0 + tenths if tenths <= 9 else min(math.ceil(tenths / 10), 0x7F)
