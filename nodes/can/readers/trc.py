"""PEAK's text logs: `      1         0.125 DT  1     0355 Rx -  8    30 00 5B 00 69 0B 00 00`.

Data frames of versions 1.1, 1.3, 2.0 and 2.1 are read by columns, other lines as python-can reads
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import numpy as np

from flowrt.node import Array, FrameTable
from nodes.can.library import import_can
from nodes.can.readers.lines import Block, Names, hexadecimal, number
from nodes.can.readers.odd import read_text
from nodes.can.readers.told import Tell, empty
from nodes.can.readers.words import Alike, alike, decimal, spaced

__all__ = ["read_trc"]

_COMMENT: Final = ord(";")
_STANDARD_ID, _LONGEST_ID = 4, 8
_DIGITS: Final = 2
"""Of a bus, or of a length."""
_WIDE: Final = np.array([*range(9), 12, 16, 20, 24, 32, 48, 64])
"""Bytes by data length code."""
_CLASSIC: Final = 8
_TYPE: Final = 2
"""Letters of a type."""
_TWO: Final = 200
"""Versions from which on the head says which column is which."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which word is what, and what the types of data frames mean.

    `start` is the time of the first column of times, in POSIX seconds; `coded` is whether lengths
    are data length codes; `whole` whether nothing may follow the data.
    """

    start: float
    time: int
    type: int
    types: Mapping[str, int]
    """Flags by type."""
    bus: int | None
    id: int
    length: int
    data: int
    coded: bool
    whole: bool


def _layout(reader: Any) -> _Layout | None:
    """The layout that python-can has found in the head; None for one that it reads alone."""
    version = reader.file_version.value
    start = reader.start_time.timestamp() if reader.start_time else 0.0
    both = {"Rx": 0, "Tx": 0}
    if version == 101:
        return _Layout(start, 1, 2, both, None, 3, 4, 5, coded=False, whole=False)
    if version == 103:
        return _Layout(start, 1, 3, both, 2, 4, 6, 7, coded=False, whole=False)
    at: dict[str, int] = reader.columns
    length = "l" if "l" in at else "L"
    if version < _TWO or not at.keys() >= {"O", "T", "I", "d", "D", length}:
        return None
    if at["D"] != len(at) - 1:
        return None
    types = {"DT": 0, "FD": 2, "FB": 6, "FE": 6, "BI": 2}
    bus = at.get("B")
    places = (at["O"], at["T"], types, bus, at["I"], at[length], at["D"])
    return _Layout(start, *places, coded=length == "L", whole=True)


def read_trc(path: Path, tell: Tell) -> Iterator[FrameTable]:  # noqa: ARG001  comments are many
    """The frames of a TRC log; raises NodeFault where it cannot be read on."""
    yield from read_text(path, import_can().TRCReader, _understand, _by_columns)


def _understand(reader: Any, first: Block) -> tuple[list[str], _Layout | None]:
    """The comments at the beginning, which say how to read what follows."""
    texts = (first.text(line) for line in range(len(first.starts)))
    return list(takewhile(lambda text: text.lstrip()[:1] in ("", ";"), texts)), _layout(reader)


def _by_columns(block: Block, first: int, layout: _Layout | None) -> tuple[FrameTable, Array]:
    count = len(block.starts)
    reading = _Reading(count, layout)
    if layout is not None and first < count:
        for some in alike(block, np.arange(first, count), layout.data + 1):
            reading.take(some, layout)
    reading.table.names = reading.names.known
    return reading.table, reading.read


class _Reading:
    """One block being read: the frames of the lines that are marked in `read`."""

    def __init__(self, count: int, layout: _Layout | None) -> None:
        self.read = np.zeros(count, bool)
        self.table = empty(count, 64 if layout is not None and layout.whole else 8)
        self.names = Names(_bus)

    def take(self, some: Alike, layout: _Layout) -> None:
        """Read lines whose words stand at the same places."""
        id, bus = layout.id, layout.bus
        if some.count < layout.data or some.width(layout.type) != _TYPE:
            return
        if some.width(id) > _LONGEST_ID or some.width(layout.length) > _DIGITS:
            return
        if bus is not None and some.width(bus) > _DIGITS:
            return
        times, good = decimal(some.word(layout.time))
        good &= some.rows[:, some.starts[0]] != _COMMENT
        ids, fine = hexadecimal(some.rows, some.starts[id], some.ends[id])
        good &= fine
        if bus is not None:
            good &= number(some.rows, some.starts[bus], some.ends[bus])[1]
        codes, fine = number(some.rows, some.starts[layout.length], some.ends[layout.length])
        flags, known = _flags(some.word(layout.type), layout)
        good &= fine & known & (codes < len(_WIDE)) & ((codes <= _CLASSIC) | (flags > 0))
        codes = np.minimum(codes, len(_WIDE) - 1)
        lengths = _WIDE[codes] if layout.coded else codes
        extended = some.width(id) > _STANDARD_ID
        stamps = times / 1000 + layout.start  # python-can rounds as often
        self._fill(some, good, layout, (stamps, ids, lengths, flags | np.uint8(extended)))

    def _fill(
        self, some: Alike, good: Array, layout: _Layout, columns: tuple[Array, Array, Array, Array]
    ) -> None:
        """Put what is good into the rows, by the length of the data."""
        times, ids, lengths, flags = columns
        table, start = self.table, some.start_of(layout.data)
        for length in np.unique(lengths[good]).tolist():
            rows = np.flatnonzero(good & (lengths == length))
            data, fine = spaced(some.rows[rows], start, length)
            stop = start + 3 * length - 1
            if length:
                fine &= stop == some.length if layout.whole else stop <= some.length
            rows, data = rows[fine], data[fine]
            at = some.lines[rows]
            table.times[at], table.ids[at], table.lengths[at] = times[rows], ids[rows], length
            table.data[at, :length], table.flags[at] = data, flags[rows]
            table.channels[at], self.read[at] = self._channels(some, rows, layout)

    def _channels(self, some: Alike, rows: Array, layout: _Layout) -> tuple[Array, Array]:
        if layout.bus is None:
            texts = np.full((len(rows), 1), ord("1"), np.uint8)
        else:
            texts = some.rows[rows, some.starts[layout.bus] : some.ends[layout.bus]]
        return self.names.of(texts)


def _bus(text: str) -> str:
    """python-can takes bus 0 for none."""
    return str(int(text) or "")


def _flags(types: Array, layout: _Layout) -> tuple[Array, Array]:
    """Flags by type, and which rows have a known one."""
    flags, known = np.zeros(len(types), np.uint8), np.zeros(len(types), bool)
    for name, bits in layout.types.items():
        same = (types == np.frombuffer(name.encode(), np.uint8)).all(axis=1)
        flags[same], known[same] = bits, True
    return flags, known
