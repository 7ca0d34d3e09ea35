"""A text file in blocks of whole lines, and lines of the same shape together.

Lines of one length are rows of a matrix, so that a column of characters is a slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from flowrt.node import Array

__all__ = ["HEX", "MOST", "Block", "Names", "blocks", "hexadecimal", "number", "octets"]

_BLOCK: Final = 4 << 20
"""Bytes read at once: some 90,000 lines."""
_LONGEST: Final = 65_536
"""Bytes of a line; what has longer ones is no log."""
_MOST_NAMES: Final = 256
"""Channels of a block beyond which lines are read one by one."""
MOST: Final = 512
"""Characters of a line that may be looked at together."""
_NEWLINE: Final = 10
_RETURN: Final = 13
_ZERO: Final = 48

HEX: Final = np.full(256, 255, np.uint8)
"""The value of a hexadecimal digit; 255 for what is none."""
for _value, _pair in enumerate(zip("0123456789abcdef", "0123456789ABCDEF", strict=True)):
    for _digit in _pair:
        HEX[ord(_digit)] = _value


@dataclass(slots=True, eq=False)
class Block:
    """Some lines: their bytes, and where each begins and ends; `first` is the first's number."""

    bytes: Array
    starts: Array
    ends: Array
    first: int

    def text(self, line: int) -> str:
        """A line as text."""
        part = self.bytes[self.starts[line] : self.ends[line]]
        return part.tobytes().decode("utf-8", "replace")

    def rows(self, lines: Array, width: int) -> Array:
        """Lines as rows of characters; beyond a line's end stands what follows it."""
        windows = np.lib.stride_tricks.sliding_window_view(self.bytes, width)
        return windows[self.starts[lines]]


def blocks(path: Path) -> Iterator[Block]:
    """The lines of a file; a block ends with a whole line."""
    number, rest = 1, b""
    with path.open("rb") as file:
        while data := file.read(_BLOCK):
            data = rest + data
            end = data.rfind(b"\n") + 1
            if not end and len(data) > _LONGEST + _BLOCK:
                end = len(data)
            rest = data[end:]
            if end:
                block = _block(data[:end], number)
                number += len(block.starts)
                yield block
    if rest:
        yield _block(rest + b"\n", number)


def _block(data: bytes, first: int) -> Block:
    padded = np.frombuffer(data + b"\0" * MOST, np.uint8)
    ends = np.flatnonzero(padded[: len(data)] == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    ends = ends - (padded[ends - 1] == _RETURN) * (ends > starts)
    return Block(padded, starts, ends, first)


def number(rows: Array, start: int, stop: int) -> tuple[Array, Array]:
    """Decimal digits as int64, and which rows have nothing but digits there."""
    digits = rows[:, start:stop] - np.uint8(_ZERO)  # what is below "0" wraps around to above 9
    value = np.zeros(len(rows), np.int64)
    for column in range(stop - start):
        value *= 10
        value += digits[:, column]
    good: Array = np.logical_and.reduce(digits <= 9, axis=1)
    return value, good


def octets(rows: Array, start: int, count: int) -> tuple[Array, Array]:
    """Pairs of hexadecimal digits as bytes, and which rows have nothing but those there."""
    nibbles = HEX[rows[:, start : start + 2 * count]]
    good: Array = np.logical_and.reduce(nibbles < 16, axis=1)
    return nibbles[:, 0::2] << 4 | nibbles[:, 1::2], good


def hexadecimal(rows: Array, start: int, stop: int) -> tuple[Array, Array]:
    """Hexadecimal digits as int64, and which rows have nothing but digits there."""
    nibbles = HEX[rows[:, start:stop]]
    value = np.zeros(len(rows), np.int64)
    for column in range(stop - start):
        value = value << 4 | nibbles[:, column] & 15
    good: Array = np.logical_and.reduce(nibbles < 16, axis=1)
    return value, good


class Names:
    """The channels of a block, numbered as they come; `spelt` gives the name for a text."""

    def __init__(self, spelt: Callable[[str], str]) -> None:
        self._spelt = spelt
        self._numbers: dict[str, int] = {"": 0}

    @property
    def known(self) -> tuple[str, ...]:
        """The names by number."""
        return tuple(self._numbers)

    def of(self, texts: Array) -> tuple[Array, Array]:
        """The numbers of texts of one length, and which rows got one; beyond many, none does."""
        numbers, rest = np.zeros(len(texts), np.uint32), np.arange(len(texts))
        for _ in range(_MOST_NAMES):
            if not len(rest):
                break
            same = (texts[rest] == texts[rest[0]]).all(axis=1)
            name = self._spelt(texts[rest[0]].tobytes().decode("utf-8", "replace"))
            numbers[rest[same]] = self._numbers.setdefault(name, len(self._numbers))
            rest = rest[~same]
        got = np.ones(len(texts), bool)
        got[rest] = False
        return numbers, got
