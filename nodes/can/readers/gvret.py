"""SavvyCAN's CSV (GVRET) by columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from flowrt.node import Array, Frame, FrameTable
from nodes.can.gvret import BYTES_AT, HEADER, frame_of_row
from nodes.can.readers.lines import HEX, Block, Names, blocks, hexadecimal, number
from nodes.can.readers.told import Tell, empty, joined

__all__ = ["read_gvret"]

_COMMA: Final = 44
_MOST: Final = 8
"""Bytes of a classic frame; what has more is read one by one."""


def read_gvret(path: Path, tell: Tell) -> Iterator[FrameTable]:
    """The frames of a SavvyCAN log; lines that are none are told and left out."""
    for block in blocks(path):
        yield _Reading(path, block, tell).table()


class _Reading:
    """One block being read."""

    def __init__(self, path: Path, block: Block, tell: Tell) -> None:
        self._path, self._block, self._tell = path, block, tell
        self._table = empty(len(block.starts), 8)
        self._read = np.zeros(len(block.starts), bool)
        self._names = Names(str)

    def table(self) -> FrameTable:
        """All frames of the block."""
        block = self._block
        commas = np.flatnonzero(block.bytes == _COMMA)
        before = commas.searchsorted(block.starts)
        counts = commas.searchsorted(block.ends) - before
        usual = np.flatnonzero((counts >= BYTES_AT) & (counts <= BYTES_AT + _MOST))
        if len(usual):
            self._read_usual(usual, commas, before[usual])
        self._table.names = self._names.known
        kept, odd = np.ones(len(self._read), bool), []
        for line in np.flatnonzero(~self._read).tolist():
            frame = self._frame(line)
            kept[line] = frame is not None
            if frame is not None:
                odd.append((line, frame))
        return joined(self._table, odd, kept)

    def _read_usual(self, lines: Array, commas: Array, before: Array) -> None:
        """Lines grouped by where their commas are: the same few shapes come again and again."""
        starts = self._block.starts[lines]
        heads = np.stack([commas[before + index] - starts for index in range(BYTES_AT)], axis=1)
        lengths = self._block.ends[lines] - starts
        shapes = np.concatenate((heads, lengths[:, None]), axis=1)
        fits = (shapes < 128).all(axis=1)
        lines, shapes = lines[fits], shapes[fits]
        codes = shapes @ (128 ** np.arange(BYTES_AT + 1, dtype=np.int64))
        unique, inverse = np.unique(codes, return_inverse=True)
        order = np.argsort(inverse, kind="stable")
        ends = np.cumsum(np.bincount(inverse, minlength=len(unique))).tolist()
        for begin, end in zip([0, *ends], ends, strict=False):
            if end > begin:
                self._read_shape(lines[order[begin:end]], shapes[order[begin]].tolist())

    def _read_shape(self, lines: Array, shape: list[int]) -> None:
        time_end, id_end, extended_end, bus_end, length_end, end = shape
        rows = self._block.rows(lines, end + 1)
        if time_end > 15 or not 1 <= id_end - time_end - 1 <= 8 or length_end - bus_end != 2:
            return
        micros, good = number(rows, 0, time_end)
        ids, fine = hexadecimal(rows, time_end + 1, id_end)
        lengths, fine_length = number(rows, bus_end + 1, length_end)
        good &= fine & fine_length & (lengths <= _MOST)
        data, there = self._bytes(rows, length_end + 1, end)
        good &= (there >= lengths) & (ids >> 32 == 0)
        word = np.frombuffer(b"true", np.uint8)
        extended = np.zeros(len(rows), bool)
        if extended_end - id_end - 1 == len(word):
            extended = (rows[:, id_end + 1 : extended_end] == word).all(axis=1)
        table, at = self._table, lines[good]
        table.times[at] = micros[good] * 1e-6
        table.ids[at] = ids[good]
        table.lengths[at] = lengths[good]
        table.flags[at] = extended[good]
        table.data[at] = np.where(np.arange(8) < lengths[good, None], data[good], 0)
        table.channels[at], self._read[at] = self._names.of(rows[good, extended_end + 1 : bus_end])

    def _bytes(self, rows: Array, start: int, end: int) -> tuple[Array, Array]:
        """Bytes written as two digits and a comma each, and how many are sound from the first."""
        data = np.zeros((len(rows), 8), np.uint8)
        sound = np.ones(len(rows), bool)
        there = np.zeros(len(rows), np.int64)
        for index in range(_MOST):
            at = start + 3 * index
            if at + 2 > end:
                break
            high, low = HEX[rows[:, at]], HEX[rows[:, at + 1]]
            sound &= (high < 16) & (low < 16)
            if at + 2 < end:
                sound &= rows[:, at + 2] == _COMMA
            data[:, index] = high << 4 | low & 15
            there += sound
        return data, there

    def _frame(self, line: int) -> Frame | None:
        text = self._block.text(line)
        if not text.strip() or text.startswith(HEADER):
            return None
        try:
            return frame_of_row(next(csv.reader([text])))
        except (ValueError, IndexError, csv.Error):
            place = f"{self._path}:{self._block.first + line}"
            self._tell(f'{place}: "{text[:80]}" is no frame of SavvyCAN.')
            return None
