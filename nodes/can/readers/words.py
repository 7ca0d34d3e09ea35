"""Lines of words between blanks, and lines whose words stand at the same places together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from flowrt.node import Array
from nodes.can.readers.lines import MOST, Block, number, octets

__all__ = ["Alike", "alike", "decimal", "spaced"]

_BLANK: Final = 32
"""Below it are control characters."""
_MOST_SHAPES: Final = 32
"""Among lines of one length; what has yet another one is read one by one."""
_DOT: Final = ord(".")
_EXACT: Final = 15
"""Digits of a number that a float holds whatever they are."""


@dataclass(slots=True, eq=False)
class Alike:
    """Lines of one length whose first words begin and end in the same columns.

    `rows` are their characters and the end of the line; `count` words are there, at most those
    that were asked for.
    """

    lines: Array
    rows: Array
    length: int
    starts: Sequence[int]
    ends: Sequence[int]
    count: int

    def word(self, index: int) -> Array:
        """A word of each line."""
        return self.rows[:, self.starts[index] : self.ends[index]]

    def start_of(self, index: int) -> int:
        """Where a word begins, also one that is not there: behind the line."""
        return self.starts[index] if index < self.count else self.rows.shape[1]

    def width(self, index: int) -> int:
        """How many characters a word has."""
        return self.ends[index] - self.starts[index]


def alike(block: Block, lines: Array, words: int) -> Iterator[Alike]:
    """Some lines by where their first words are; what is as no other line is left out."""
    lengths = block.ends[lines] - block.starts[lines]
    usual = lengths < MOST
    lines, lengths = lines[usual], lengths[usual].astype(np.uint16)
    order = np.argsort(lengths, kind="stable")
    ends = np.cumsum(np.bincount(lengths)).tolist()
    for length, (begin, end) in enumerate(pairwise([0, *ends])):
        if end > begin:
            yield from _of_one_length(block, lines[order[begin:end]], length, words)


def _of_one_length(block: Block, lines: Array, length: int, words: int) -> Iterator[Alike]:
    rows = block.rows(lines, length + 1)
    control = rows[:, :length] < _BLANK
    if control.any():  # which of them are blanks, python-can knows
        good = ~control.any(axis=1)
        lines, rows = lines[good], rows[good]
    inside = rows[:, :length] != _BLANK
    for _ in range(_MOST_SHAPES):
        if not len(lines):
            return
        starts, ends = _places(inside[0], words)
        told = starts[words - 1] if len(starts) == words else length
        same = (inside[:, :told] == inside[0, :told]).all(axis=1)
        yield Alike(lines[same], rows[same], length, starts, ends, len(starts))
        lines, rows, inside = lines[~same], rows[~same], inside[~same]


def _places(inside: Array, words: int) -> tuple[list[int], list[int]]:
    """Where the first words of a line begin and end."""
    padded = np.concatenate(([False], inside, [False]))
    starts = np.flatnonzero(padded[1:] & ~padded[:-1])[:words]
    ends = np.flatnonzero(~padded[1:] & padded[:-1])[:words]
    return starts.tolist(), ends.tolist()


def decimal(word: Array) -> tuple[Array, Array]:
    """Numbers such as 12.345000, rounded as float() does, and which rows are such ones."""
    dots: list[int] = np.flatnonzero(word[0] == _DOT).tolist() if len(word) else []
    width = word.shape[1]
    if len(dots) != 1 or not 0 < dots[0] < width - 1 or width - 1 > _EXACT:
        return np.zeros(len(word)), np.zeros(len(word), bool)
    dot = dots[0]
    whole, good = number(word, 0, dot)
    rest, fine = number(word, dot + 1, width)
    digits = width - dot - 1
    value = (whole * 10**digits + rest) / float(10**digits)  # both exact: rounded once
    return value, good & fine & (word[:, dot] == _DOT)


def spaced(rows: Array, start: int, count: int) -> tuple[Array, Array]:
    """Pairs of hexadecimal digits with a blank between, as bytes, and which rows have just those.

    What stands behind the last one is not looked at.
    """
    stop = start + 3 * count - 1
    if not count or stop > rows.shape[1]:
        return np.zeros((len(rows), count), np.uint8), np.full(len(rows), not count)
    padded = np.zeros((len(rows), 3 * count), np.uint8)
    padded[:, : 3 * count - 1] = rows[:, start:stop]
    triples = padded.reshape(len(rows), count, 3)
    data, good = octets(triples[:, :, :2].reshape(len(rows), -1), 0, count)
    return data, good & (triples[:, :-1, 2] == _BLANK).all(axis=1)
