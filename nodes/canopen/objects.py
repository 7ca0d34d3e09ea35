"""The rows of an SDO table: objects of a node, and their values as bytes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from flowrt.node import Hex, NodeFault, Value, setting
from nodes.canopen.dictionary import load_dictionary

__all__ = ["Resolved", "SdoObject", "resolved"]

_FLOATS: Final = {"f32": "<f", "f64": "<d"}
_TYPES: Final = {
    0x01: "bool", 0x02: "s8", 0x03: "s16", 0x04: "s32", 0x05: "u8", 0x06: "u16", 0x07: "u32",
    0x08: "f32", 0x09: "text", 0x0A: "bytes", 0x0F: "bytes", 0x10: "s24", 0x11: "f64",
    0x12: "s40", 0x13: "s48", 0x14: "s56", 0x15: "s64", 0x16: "u24", 0x18: "u40", 0x19: "u48",
    0x1A: "u56", 0x1B: "u64",
}  # fmt: skip
"""Data types of CiA 301 by their number."""
_ASK_DICTIONARY: Final = "by dictionary"


@dataclass(frozen=True, kw_only=True)
class SdoObject:
    """A row: a reading, or a value that may be written, and its object."""

    name: str = setting("Name of the reading.", minLength=1)
    index: Hex = setting("Index of the object.", minimum=1, maximum=0xFFFF)
    subindex: Hex = setting("Sub-index of the object.", default=0, maximum=0xFF)
    type: Literal[
        "by dictionary", "bool", "u8", "u16", "u24", "u32", "u64", "s8", "s16", "s24", "s32",
        "s64", "f32", "f64", "text", "bytes",
    ] = setting("Type of the object.", default=_ASK_DICTIONARY)  # fmt: skip
    access: Literal["read", "write", "read and write"] = setting(
        "Whether it is polled, and whether readings that come in by its name are written to it.",
        default="read",
    )
    scale: float | None = setting(
        "Reading = object x scale + offset; the dictionary's factor, or 1, where left out.",
        default=None,
    )
    offset: float = setting("Added to the scaled object.", default=0.0)
    unit: str = setting("Unit; the dictionary's where empty.", default="")
    minimum: float | None = setting("Smallest sound reading; less is never written.", default=None)
    maximum: float | None = setting("Largest sound reading; more is never written.", default=None)
    fail_safe: float | None = setting(
        "Written when nothing comes for `stale_after`; none where left out.", default=None
    )


@dataclass(frozen=True, slots=True)
class Resolved:
    """A row with what the dictionary adds."""

    row: SdoObject
    type: str
    scale: float
    unit: str

    @property
    def name(self) -> str:
        """The reading's name."""
        return self.row.name

    @property
    def place(self) -> str:
        """`0x2100 sub 1`, as makers write it."""
        return f"0x{self.row.index:04X} sub {self.row.subindex}"

    def value(self, data: bytes) -> Value:
        """The reading of an object; raises NodeFault where the size is wrong."""
        if self.type == "text":
            return data.rstrip(b"\0 ").decode("utf-8", "replace")
        if self.type == "bytes":
            return data.hex()
        size = _size(self.type)
        if len(data) < size:
            raise NodeFault(f"{self.place} has {len(data)} bytes, a {self.type} has {size}")
        raw: float = (
            struct.unpack(_FLOATS[self.type], data[:size])[0]
            if self.type in _FLOATS
            else int.from_bytes(data[:size], "little", signed=self.type[0] == "s")
        )
        if self.type == "bool":
            return int(bool(raw))
        if self.scale == 1 and not self.row.offset:
            return raw
        return round(raw * self.scale + self.row.offset, 9)

    def limited(self, value: float) -> float:
        """A value within the row's limits."""
        low = value if self.row.minimum is None else max(value, self.row.minimum)
        return low if self.row.maximum is None else min(low, self.row.maximum)

    def data(self, value: Value) -> bytes:
        """The object's bytes for a reading; raises NodeFault where they cannot hold it."""
        if self.type in ("text", "bytes"):
            if not isinstance(value, str):
                raise NodeFault(f"{self.name} is text, not {value!r}")
            return value.encode() if self.type == "text" else bytes.fromhex(value)
        if isinstance(value, str) or value is None or value != value:
            raise NodeFault(f"{self.name} = {value!r} is no number")
        raw = (value - self.row.offset) / self.scale
        try:
            if self.type in _FLOATS:
                return struct.pack(_FLOATS[self.type], raw)
            return round(raw).to_bytes(_size(self.type), "little", signed=self.type[0] == "s")
        except (OverflowError, struct.error) as error:
            raise NodeFault(
                f"{self.name} = {value:g} does not fit a {self.type} at {self.place}. "
                'Give it a "minimum" and a "maximum"'
            ) from error


def _size(type: str) -> int:
    return 1 if type == "bool" else int(type[1:]) // 8


def resolved(row: SdoObject, dictionary: Path | None, node: int) -> Resolved:
    """The row with type, factor and unit of the dictionary; raises NodeFault."""
    if dictionary is None:
        if row.type == _ASK_DICTIONARY:
            raise NodeFault('a "type" is needed, as there is no dictionary')
        return Resolved(row, row.type, 1.0 if row.scale is None else row.scale, row.unit)
    try:
        variable = load_dictionary(dictionary, node).get_variable(row.index, row.subindex)
    except KeyError:
        variable = None
    if variable is None:
        if row.type == _ASK_DICTIONARY:
            raise NodeFault(
                f"{dictionary.name} has no 0x{row.index:04X} sub {row.subindex}. Give a "
                '"type", or mend the index'
            )
        return Resolved(row, row.type, 1.0 if row.scale is None else row.scale, row.unit)
    type: str = row.type
    if type == _ASK_DICTIONARY:
        type = _TYPES.get(variable.data_type or 0, "bytes")
    scale = float(variable.factor) if row.scale is None else row.scale
    return Resolved(row, type, scale, row.unit or variable.unit)
