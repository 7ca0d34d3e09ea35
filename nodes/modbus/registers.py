"""Values in 16-bit registers: types, word and byte order, scale, codes for "not available"."""

from __future__ import annotations

import math
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from struct import Struct
from typing import Final, Literal, TypeAlias

from flowrt.node import Hex, setting

__all__ = [
    "MISSING",
    "Layout",
    "Number",
    "RegisterType",
    "counted",
    "decode",
    "encode",
    "raw_registers",
    "scaled",
    "words_of",
]

RegisterType: TypeAlias = Literal["u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"]
Order: TypeAlias = Literal["big", "little"]
Number: TypeAlias = int | float

_STRUCTS: Final = {
    "u16": Struct(">H"),
    "s16": Struct(">h"),
    "u32": Struct(">I"),
    "s32": Struct(">i"),
    "u64": Struct(">Q"),
    "s64": Struct(">q"),
    "f32": Struct(">f"),
    "f64": Struct(">d"),
}
_RANGES: Final[dict[str, tuple[int, int]]] = {
    **{f"u{bits}": (0, (1 << bits) - 1) for bits in (16, 32, 64)},
    **{f"s{bits}": (-(1 << bits - 1), (1 << bits - 1) - 1) for bits in (16, 32, 64)},
}

MISSING: Final = {
    "u16": 0xFFFF,
    "s16": 0x8000,
    "u32": 0xFFFF_FFFF,
    "s32": 0x8000_0000,
    "u64": (1 << 64) - 1,
    "s64": 1 << 63,
    "f32": 0x7FC0_0000,
    "f64": 0x7FF8 << 48,
}
"""SunSpec's codes for what is not implemented, and the quiet NaN."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a value lies in registers; the columns that every register table has."""

    address: Hex = setting("Address of the first register, counted from 0.", maximum=0xFFFF)
    type: RegisterType = setting("Type of the value.", default="u16")
    words: Order = setting("Order of the registers of a long value.", default="big")
    bytes: Order = setting("Order of the bytes in a register.", default="big", advanced=True)
    scale: float = setting("Reading = register x scale + offset.", default=1.0)
    offset: float = setting("Added to the scaled register.", default=0.0)


def words_of(type: str) -> int:
    """How many registers a type takes."""
    return _STRUCTS[type].size // 2


def decode(layout: Layout, registers: Sequence[int]) -> Number:
    """The raw number in registers, unscaled."""
    packed = b"".join(word.to_bytes(2, layout.bytes) for word in _ordered(layout, registers))
    raw: Number = _STRUCTS[layout.type].unpack(packed)[0]
    return raw


def scaled(layout: Layout, raw: Number) -> Number:
    """The reading that a raw number means; stays an integer where nothing scales it."""
    if layout.scale == 1 and layout.offset == 0:
        return raw
    return raw * layout.scale + layout.offset


def encode(layout: Layout, reading: Number) -> tuple[list[int], bool]:
    """The registers of a reading, and whether it had to be clamped to the type's range.

    Raises ValueError for NaN.
    """
    if math.isnan(reading):
        raise ValueError("NaN has no place in a register")
    raw = (reading - layout.offset) / layout.scale
    limits = _RANGES.get(layout.type)
    if limits is None:
        return _registers(layout, raw), False
    low, high = limits
    clamped = min(max(raw, low), high)
    return _registers(layout, round(clamped)), clamped != raw


def raw_registers(layout: Layout, raw: int) -> list[int]:
    """The registers of a raw code, such as 0x8000 for "not available"."""
    size = words_of(layout.type) * 2
    packed = (raw & (1 << 8 * size) - 1).to_bytes(size, "big")
    return _ordered(layout, _split(layout, packed))


def _registers(layout: Layout, raw: Number) -> list[int]:
    try:
        packed = _STRUCTS[layout.type].pack(raw)
    except OverflowError:  # beyond f32
        packed = _STRUCTS[layout.type].pack(math.copysign(math.inf, raw))
    return _ordered(layout, _split(layout, packed))


def _split(layout: Layout, packed: bytes) -> list[int]:
    pairs = (packed[index : index + 2] for index in range(0, len(packed), 2))
    return [int.from_bytes(pair, layout.bytes) for pair in pairs]


def _ordered(layout: Layout, registers: Sequence[int]) -> list[int]:
    return list(registers if layout.words == "big" else reversed(registers))


def counted(rows: Sized) -> str:
    """How much is read or written: `3 values`."""
    return f"{len(rows)} value{'s' * (len(rows) != 1)}"
