"""Frames that are read one by one, among those that are read by columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from flowrt.node import Array, Frame, FrameTable

__all__ = ["Tell", "empty", "joined"]

Tell: TypeAlias = Callable[[str], None]
"""Takes a sentence about a line or record that is no frame, with file and place."""


def empty(count: int, width: int) -> FrameTable:
    """Room for frames."""
    return FrameTable(
        times=np.zeros(count),
        ids=np.zeros(count, np.uint32),
        lengths=np.zeros(count, np.uint8),
        data=np.zeros((count, width), np.uint8),
        flags=np.zeros(count, np.uint8),
        channels=np.zeros(count, np.uint32),
        names=("",),
        keys=np.arange(count, dtype=np.int64),
    )


def joined(table: FrameTable, odd: Sequence[tuple[int, Frame]], kept: Array) -> FrameTable:
    """A table whose odd rows are filled in, with the rows that are frames."""
    if odd:
        rows = np.array([row for row, _ in odd])
        more = FrameTable.of([frame for _, frame in odd])
        width = max(table.data.shape[1], more.data.shape[1])
        if width > table.data.shape[1]:
            room = width - table.data.shape[1]
            table.data = np.pad(table.data, ((0, 0), (0, room)))
        table.times[rows], table.ids[rows], table.lengths[rows] = more.times, more.ids, more.lengths
        table.data[rows] = 0
        table.data[rows, : more.data.shape[1]] = more.data
        table.flags[rows] = more.flags
        table.channels[rows] = more.channels + len(table.names)
        table.names = (*table.names, *more.names)
    return table if kept.all() else table.rows(kept)
