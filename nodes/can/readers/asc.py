"""Vector's text logs: `   0.015991 1  6F9             Rx   d 8 05 0C 00 00 00 00 00 00`.

Classic and FD data frames are read by columns, other lines as python-can reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from flowrt.node import Array, FrameTable
from nodes.can.library import import_can
from nodes.can.readers.lines import HEX, Block, Names, hexadecimal, number
from nodes.can.readers.odd import read_text
from nodes.can.readers.told import Tell, empty
from nodes.can.readers.words import Alike, alike, decimal, spaced

__all__ = ["read_asc"]

_R, _T, _X, _DATA, _ZERO, _ONE = b"RTxd01"
_FD_MARK: Final = np.frombuffer(b"CANFD", np.uint8)
_MARK: Final = _X
"""Ends an extended id."""
_LONGEST_ID: Final = 8
_CLASSIC_BYTES, _FD_BYTES = 8, 64
_DIGITS: Final = 3
"""Of a channel, or of a length in bytes."""
_HEX_DIGITS, _TEN = 16, 10
_WORDS: Final = 10


@dataclass(frozen=True, slots=True)
class _Kind:
    """Which word is what: classic frames and those of CAN FD."""

    channel: int
    id: int
    direction: int
    length: int
    data: int
    fd: bool


_CLASSIC: Final = _Kind(channel=1, id=2, direction=3, length=5, data=6, fd=False)
_FD: Final = _Kind(channel=2, id=4, direction=3, length=8, data=9, fd=True)


def read_asc(path: Path, tell: Tell) -> Iterator[FrameTable]:  # noqa: ARG001  comments are many
    """The frames of an ASC log; raises NodeFault where it cannot be read on."""
    yield from read_text(path, import_can().ASCReader, _understand, _by_columns)


def _understand(reader: Any, _first: Block) -> tuple[list[str], str]:
    """All that an ASC's head says for its lines: whether numbers are hexadecimal."""
    base = str(reader.base).lower()
    return [f"base {base}\n", "internal events logged\n"], base


def _by_columns(block: Block, first: int, base: str) -> tuple[FrameTable, Array]:
    reading = _Reading(block)
    lines = np.arange(first, len(block.starts))
    if base == "hex" and len(lines):
        for some in alike(block, lines, _WORDS):
            reading.take(some)
    reading.table.names = reading.names.known
    return reading.table, reading.read


class _Reading:
    """One block being read: the frames of the lines that are marked in `read`."""

    def __init__(self, block: Block) -> None:
        count = len(block.starts)
        self.read = np.zeros(count, bool)
        self.table = empty(count, 64 if b"CANFD" in block.bytes.tobytes() else 8)
        self.names = Names(_channel)

    def take(self, some: Alike) -> None:
        """Read lines whose words stand at the same places."""
        if some.count <= _CLASSIC.length:
            return
        kind = _FD if some.width(1) == len(_FD_MARK) and some.count == _WORDS else _CLASSIC
        if some.width(kind.direction) != 2 or some.width(kind.channel) > _DIGITS:
            return
        times, good = decimal(some.word(0))
        if kind.fd:
            good &= (some.word(1) == _FD_MARK).all(axis=1)
        _, fine = number(some.rows, some.starts[kind.channel], some.ends[kind.channel])
        way = some.word(kind.direction)
        good &= fine & (way[:, 1] == _X) & ((way[:, 0] == _R) | (way[:, 0] == _T))
        ids, extended, fine = _ids(some, kind)
        lengths, sound = _fd_lengths(some) if kind.fd else _lengths(some)
        good &= fine & sound
        self._fill(some, good, kind, (times, ids, extended, lengths))

    def _fill(
        self, some: Alike, good: Array, kind: _Kind, columns: tuple[Array, Array, bool, Array]
    ) -> None:
        """Put what is good into the rows, by the length of the data."""
        times, ids, extended, lengths = columns
        table, start = self.table, some.start_of(kind.data)
        for length in np.unique(lengths[good]).tolist():
            rows = np.flatnonzero(good & (lengths == length))
            data, fine = spaced(some.rows[rows], start, length)
            fine &= not length or start + 3 * length - 1 <= some.length
            rows, data = rows[fine], data[fine]
            at = some.lines[rows]
            table.times[at], table.ids[at], table.lengths[at] = times[rows], ids[rows], length
            table.data[at, :length] = data
            table.flags[at] = np.uint8(extended) | _flags(some.rows[rows], some, kind)
            texts = some.rows[rows, some.starts[kind.channel] : some.ends[kind.channel]]
            table.channels[at], self.read[at] = self.names.of(texts)


def _channel(text: str) -> str:
    """python-can counts channels from 0, and tells the first one from none by nothing."""
    return str(int(text) - 1 or "")


def _ids(some: Alike, kind: _Kind) -> tuple[Array, bool, Array]:
    """Ids, whether they are extended, and which are ids of that kind."""
    start, end = some.starts[kind.id], some.ends[kind.id]
    marked = some.rows[:, end - 1] == _MARK
    extended = bool(marked[0])
    end -= extended
    if not 0 < end - start <= _LONGEST_ID:
        return np.zeros(len(marked), np.int64), extended, np.zeros(len(marked), bool)
    ids, good = hexadecimal(some.rows, start, end)
    return ids, extended, good & (marked == extended)


def _lengths(some: Alike) -> tuple[Array, Array]:
    """How many bytes there are, and which lines are of data frames."""
    if some.width(4) != 1 or some.width(5) != 1:
        return np.zeros(len(some.lines), np.uint8), np.zeros(len(some.lines), bool)
    lengths = HEX[some.word(5)[:, 0]]
    return lengths, (some.word(4)[:, 0] == _DATA) & (lengths <= _CLASSIC_BYTES)


def _fd_lengths(some: Alike) -> tuple[Array, Array]:
    """The same of FD; what has no data is a remote frame to python-can."""
    if some.width(5) != 1 or some.width(6) != 1 or some.width(7) != 1 or some.width(8) > _DIGITS:
        return np.zeros(len(some.lines), np.int64), np.zeros(len(some.lines), bool)
    lengths, good = number(some.rows, some.starts[8], some.ends[8])
    good &= (lengths > 0) & (lengths <= _FD_BYTES) & (HEX[some.word(7)[:, 0]] < _HEX_DIGITS)
    return lengths, good & (some.word(5)[:, 0] - np.uint8(_ZERO) < _TEN)


def _flags(rows: Array, some: Alike, kind: _Kind) -> Array:
    if not kind.fd:
        return np.zeros(len(rows), np.uint8)
    switched = rows[:, some.starts[5]] == _ONE
    flags: Array = np.uint8(2) | switched.astype(np.uint8) * np.uint8(4)
    return flags
