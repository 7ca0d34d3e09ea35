"""The registers of a SunSpec device: models one behind the other, points put in by name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nodes.modbus.registers import Number
from nodes.modbus.sunspec_models import DEFAULT_SCALES, MODELS, Model, Point

__all__ = ["Image", "Place", "scale_of"]

_MARK: Final = (0x5375, 0x6E53)
"""The letters SunS, by which clients find the map."""
_MISSING: Final = {
    "u16": 0xFFFF,
    "s16": 0x8000,
    "u32": 0xFFFF_FFFF,
    "u64": (1 << 64) - 1,
    "enum": 0xFFFF,
    "bits": 0xFFFF_FFFF,
    "sf": 0x8000,
    "pad": 0x8000,
}
"""Codes for a point that is not implemented, or has no value now; of a text, NULs."""
_RANGES: Final = {
    "u16": (0, 0xFFFE),
    "s16": (-0x7FFF, 0x7FFF),
    "u32": (0, 0xFFFF_FFFE),
    "u64": (0, (1 << 64) - 2),
    "enum": (0, 0xFFFE),
    "bits": (0, 0xFFFF_FFFE),
    "sf": (-10, 10),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A point where it lies: the address of its first register, and 10^-scale."""

    point: Point
    address: int
    per_unit: float


def scale_of(model: Model, point: Point, scales: Mapping[str, int]) -> int:
    """The power of ten of a point's raw value."""
    own = scales.get(f"{model.id}.{point.factor}")
    return own if own is not None else scales.get(point.factor, DEFAULT_SCALES.get(point.factor, 0))


class Image:
    """The registers, from the mark to the end model."""

    def __init__(
        self, base: int, models: Sequence[int], strings: int, scales: Mapping[str, int]
    ) -> None:
        self.base = base
        self.registers: list[int] = list(_MARK)
        self._scales = scales
        self._begins: dict[int, int] = {}
        for id in models:
            self._add(MODELS[id], strings)
        self.registers += [0xFFFF, 0]

    def _add(self, model: Model, strings: int) -> None:
        at = self._begins[model.id] = self.base + len(self.registers)
        words = model.words(strings)
        self.registers += [model.id, words - 2, *[0] * (words - 2)]
        for point in model.points.values():
            self.forget(Place(point, at + point.offset, 1.0))
            if point.type == "sf":
                scale = Point(point.name, point.type, 0, factor=point.name)
                self.put(self.find(model.id, point.name), scale_of(model, scale, self._scales))
        for string in range(1, strings + 1):
            for point in model.group.values():
                self.forget(self.find(model.id, point.name, string))

    def find(self, id: int, name: str, string: int = 0) -> Place:
        """Where a point lies."""
        model = MODELS[id]
        point = model.find(name)
        assert point is not None
        scale = scale_of(model, point, self._scales) if point.factor else 0
        return Place(point, self._begins[id] + model.place(point, string), 10.0**-scale)

    def writable(self, strings: int) -> Iterator[int]:
        """The addresses that clients may write by the standard."""
        for id in self._begins:
            model = MODELS[id]
            for point in (*model.points.values(), *model.group.values()):
                numbers = range(1, strings + 1) if point.name in model.group else (0,)
                if point.writable:
                    for number in numbers:
                        address = self.find(id, point.name, number).address
                        yield from range(address, address + point.words)

    def put(self, place: Place, value: Number) -> bool:
        """Show a number; says whether it had to be clamped to what the type holds."""
        raw = value * place.per_unit
        low, high = _RANGES[place.point.type]
        clamped = min(max(raw, low), high)
        self._write(place, round(clamped))
        return clamped != raw

    def put_text(self, place: Place, text: str) -> None:
        """Show a text, cut to the room there is."""
        room = place.point.words * 2
        packed = text.encode("ascii", "replace")[:room].ljust(room, b"\0")
        self._write(place, int.from_bytes(packed, "big"))

    def forget(self, place: Place) -> None:
        """Show that there is no value."""
        self._write(place, _MISSING.get(place.point.type, 0))

    def _write(self, place: Place, raw: int) -> None:
        words = place.point.words
        packed = (raw & (1 << 16 * words) - 1).to_bytes(2 * words, "big")
        begin = place.address - self.base
        self.registers[begin : begin + words] = [
            int.from_bytes(packed[at : at + 2], "big") for at in range(0, 2 * words, 2)
        ]


def is_number(value: object) -> bool:
    """Whether a reading can be shown as a number."""
    return isinstance(value, int | float) and not math.isnan(value)
