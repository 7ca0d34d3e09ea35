"""candump's log files: `(1436509052.249713) vcan0 044#2A366C2BBA`.

Lines of the usual shapes are read by columns, other ones as python-can reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from flowrt.node import Array, Frame, FrameTable
from nodes.can.readers.lines import Block, Names, blocks, hexadecimal, number, octets
from nodes.can.readers.told import Tell, empty, joined

__all__ = ["read_candump"]

_OPEN, _CLOSE, _DOT, _HASH, _SPACE = b"().# "
_FRACTION: Final = 6
"""Digits behind the point that candump writes."""
_EXACT: Final = 2**53
_SHORT, _LONG = 3, 8
"""Digits of a standard and of an extended id."""
_DIRECTIONS: Final = np.zeros(256, bool)
_DIRECTIONS[list(b"rRtT")] = True
_ERROR, _ERROR_CLASS = 0x2000_0000, 0x80
_ID: Final = 0x1FFF_FFFF


def read_candump(path: Path, tell: Tell) -> Iterator[FrameTable]:
    """The frames of a candump log; lines that are none are told and left out."""
    for block in blocks(path):
        yield _Reading(path, block, tell).table()


class _Reading:
    """One block being read."""

    def __init__(self, path: Path, block: Block, tell: Tell) -> None:
        self._path, self._block, self._tell = path, block, tell
        count = len(block.starts)
        self._table = empty(count, 64 if b"##" in block.bytes.tobytes() else 8)
        self._read = np.zeros(count, bool)
        self._names = Names(_channel)

    def table(self) -> FrameTable:
        """All frames of the block."""
        for lines, shape in self._shapes():
            self._read_shape(lines, *shape)
        self._table.names = self._names.known
        kept = np.ones(len(self._read), bool)
        odd = []
        for line in np.flatnonzero(~self._read).tolist():
            frame = self._frame(line)
            if frame is None:
                kept[line] = False
            else:
                odd.append((line, frame))
        return joined(self._table, odd, kept)

    # --- by columns

    def _shapes(self) -> Iterator[tuple[Array, tuple[int, int, int, int]]]:
        """Lines of one shape: where their blanks and their # are, and how long they are."""
        block = self._block
        blanks = np.flatnonzero(block.bytes == _SPACE)
        before = blanks.searchsorted(block.starts)
        counts = blanks.searchsorted(block.ends) - before
        hashes = np.append(np.flatnonzero(block.bytes == _HASH), 0)
        marks = hashes[np.minimum(hashes[:-1].searchsorted(block.starts), len(hashes) - 1)]
        usual = np.flatnonzero((counts == 2) | (counts == 3))
        starts, before = block.starts[usual], before[usual]
        ends = self._undirected(usual, counts[usual], blanks[before + counts[usual] - 1])
        parts = (blanks[before] - starts, blanks[before + 1] - starts, marks[usual] - starts)
        columns = np.stack((*parts, ends - starts), axis=1)
        fits = (columns < 255).all(axis=1) & (columns >= 0).all(axis=1)
        columns, usual = columns[fits], usual[fits]
        codes = columns.astype(np.uint8).view(np.uint32)[:, 0]
        unique, inverse = np.unique(codes, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        ends_of = np.cumsum(np.bincount(inverse, minlength=len(unique))).tolist()
        for begin, end in zip([0, *ends_of], ends_of, strict=False):
            lines = usual[order[begin:end]]
            first, second, mark, length = columns[order[begin]].tolist()
            yield lines, (first, second, mark, length)

    def _undirected(self, lines: Array, counts: Array, last: Array) -> Array:
        """The ends of lines without the direction that may follow: R or T; 0 where else does."""
        ends = self._block.ends[lines].copy()
        directed = counts == 3
        good = (last == ends - 2) & _DIRECTIONS[self._block.bytes[ends - 1]]
        ends[directed] = np.where(good, last, 0)[directed]
        return ends

    def _read_shape(self, lines: Array, first: int, second: int, mark: int, length: int) -> None:
        digits = mark - second - 1
        rows = self._block.rows(lines, length + 1)
        fd = length > mark + 1 and bool((rows[:, mark + 1] == _HASH).all())
        data = mark + 3 if fd else mark + 1
        count, rest = divmod(length - data, 2)
        whole = first - 3 - _FRACTION  # digits before the point
        if digits not in (_SHORT, _LONG) or rest or count < 0 or count > 64 or whole < 1:
            return
        good = (rows[:, 0] == _OPEN) & (rows[:, first - 1] == _CLOSE)
        good &= rows[:, first - 2 - _FRACTION] == _DOT
        seconds, fine = number(rows, 1, 1 + whole)
        good &= fine
        micros, fine = number(rows, first - 1 - _FRACTION, first - 1)
        good &= fine
        stamps = seconds * 1_000_000 + micros
        good &= (stamps >= 0) & (stamps < _EXACT) if whole <= 12 else False
        ids, fine = hexadecimal(rows, second + 1, mark)
        good &= fine & (((ids & _ERROR) == 0) | ((ids & _ERROR_CLASS) == 0))
        flags = np.full(len(rows), 1 if digits == _LONG else 0, np.uint8)
        if fd:
            bits = rows[:, mark + 2] - np.uint8(48)
            good &= bits <= 9
            flags |= 2 | (bits & 1) << 2
        octet, fine = octets(rows, data, count)
        good &= fine
        if count > self._table.data.shape[1]:
            return
        table, at = self._table, lines[good]
        table.times[at] = stamps[good] / 1e6  # both are exact, so this rounds as float() does
        table.ids[at] = ids[good] & _ID
        table.lengths[at] = count
        table.flags[at] = flags[good]
        table.data[at, :count] = octet[good]
        table.channels[at], self._read[at] = self._names.of(rows[good, first + 1 : second])

    # --- one by one

    def _frame(self, line: int) -> Frame | None:
        text = self._block.text(line).strip()
        if not text:
            return None
        try:
            return _parsed(text)
        except ValueError:
            place = f"{self._path}:{self._block.first + line}"
            self._tell(f'{place}: "{text[:80]}" is no frame of candump.')
            return None


def _channel(text: str) -> str:
    """python-can takes digits for a number, and a channel 0 for none."""
    return str(int(text) or "") if text.isdigit() else text


def _parsed(text: str) -> Frame:
    """A line as python-can reads it; raises ValueError."""
    parts = text.split()
    if text[-2:].lower() in (" r", " t"):
        parts.pop()
    stamp, channel, frame = parts
    time = float(stamp[1:-1])
    written, mark, data = frame.partition("#")
    if not mark:
        raise ValueError(frame)
    id, fd, switched = int(written, 16), False, False
    if data.startswith("#"):
        fd, switched, data = True, bool(int(data[1:2]) & 1), data[2:]
    remote = data[:1].lower() == "r"
    if remote:
        int(data[1:] or "0")
    content = [] if remote else [int(data[at : at + 2], 16) for at in range(0, len(data), 2)]
    if id & _ERROR and id & _ERROR_CLASS:
        return Frame(time, "", 0, b"", extended=True, error=True)
    extended = len(written) > _SHORT
    return Frame(time, _channel(channel), id & _ID, bytes(content), extended, fd, switched, remote)
