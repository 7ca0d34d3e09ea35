"""Lines that are not read by columns: python-can's own reader gets them, and says what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from io import TextIOBase
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from flowrt.node import Array, Frame, FrameTable, NodeFault
from nodes.can.frames import frame_of
from nodes.can.readers.lines import Block, blocks
from nodes.can.readers.told import joined

__all__ = ["read_text"]

HEAD: Final = 200
"""Lines at the beginning of a file that python-can reads: whatever its head says is in them."""
Kind: TypeAlias = Callable[[Any], Any]
"""One of python-can's readers of text."""
How = TypeVar("How")


class OddLines(TextIOBase):
    """What python-can takes for a file: a head, then some lines of a block.

    Iterating gives lines of text; `taken` gives what `reader` sees in them.
    """

    def __init__(self, kind: Kind, head: Sequence[str], block: Block, lines: Array) -> None:
        self._head, self._block, self._lines = head, block, lines.tolist()
        self.at = 0
        """The line that was read last."""
        self.reader = kind(self)

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]  # IOBase says bytes, also of text
        yield from self._head
        for line in self._lines:
            self.at = line
            yield self._block.text(line) + "\n"

    def taken(self) -> tuple[list[tuple[int, Frame]], Exception | None]:
        """Each frame with its line, and what keeps python-can from going on at line `at`."""
        found: list[tuple[int, Frame]] = []
        try:
            found.extend((self.at, frame_of(message)) for message in self.reader)
        except Exception as error:  # noqa: BLE001  readers raise many kinds on damaged lines
            return found, error
        return found, None


Understand: TypeAlias = Callable[[Any, Block], tuple[Sequence[str], How]]
"""Takes python-can's reader when it knows the head, and the first block; gives a head for lines
that come later, and what reading by columns has to know."""
ByColumns: TypeAlias = Callable[[Block, int, How], tuple[FrameTable, Array]]
"""Reads the lines of a block from one on; gives room for all, and which ones were read."""


def read_text(
    path: Path, kind: Kind, understand: Understand[How], by_columns: ByColumns[How]
) -> Iterator[FrameTable]:
    """The frames of a log of lines; raises NodeFault where it cannot be read on."""
    count, known = 0, None
    for block in blocks(path):
        end, first, found, fault = len(block.starts), 0, list[tuple[int, Frame]](), None
        if known is None:
            first = min(HEAD, end)
            opening = OddLines(kind, (), block, np.arange(first))
            found, fault = opening.taken()
            known = understand(opening.reader, block)
            end = opening.at if fault else end
        head, how = known
        table, read = by_columns(block, first, how)
        rest = np.flatnonzero(~read[first:]) + first
        if len(rest) and fault is None:
            odd = OddLines(kind, head, block, rest)
            more, fault = odd.taken()
            found += more
            end = odd.at if fault else end
        kept = read.copy()
        kept[[line for line, _ in found]] = True
        kept[end:] = False
        whole = joined(table, found, kept)
        count += len(whole)
        yield whole
        if fault is not None:
            raise NodeFault(
                f"{path}: after {count} frames the log cannot be read on: {fault}"
            ) from fault
