"""Frames of several groups, each in its own order, as one row of frames in order of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from flowrt.node import Array, FrameTable

__all__ = ["joint", "merged"]

_NEVER: Final = float("inf")


def merged(groups: Sequence[Iterator[FrameTable]]) -> Iterator[FrameTable]:
    """What `heapq.merge` of the groups' frames by time gives, some at a time.

    Of frames of one time the first group's come first; a frame that is older than the one before
    it in its group follows that at once.
    """
    if len(groups) == 1:
        yield from groups[0]
        return
    waiting = [_Group(tables) for tables in groups]
    while any([group.fill() for group in waiting]):  # noqa: C419  each of them is to be filled
        limit = min(group.limit for group in waiting)
        parts = [group.before(limit) for group in waiting if group.begun]
        times = np.concatenate([keys for keys, _ in parts])
        if not len(times):  # all that is there of some group has one time: see where that ends
            min(waiting, key=lambda group: group.limit).extend()
            continue
        whole = joint([table for _, table in parts])
        yield whole.rows(np.argsort(times, kind="stable")).keyed(whole.keys)


class _Group:
    """What is read of a group and has not been given yet; `keys` say when it is a frame's turn."""

    def __init__(self, tables: Iterator[FrameTable]) -> None:
        self._tables = tables
        self._rest: FrameTable | None = None
        self._keys: Array = np.zeros(0)
        self._latest = -_NEVER
        self._ended = False

    def fill(self) -> bool:
        """Read on where all is given; whether anything is there."""
        if not len(self._keys):
            self.extend()
        return len(self._keys) > 0

    def extend(self) -> None:
        """Read one table more."""
        table = next(self._tables, None)
        if table is None:
            self._ended = True
            return
        if not len(table):
            self.extend()
            return
        keys = np.maximum(np.maximum.accumulate(table.times), self._latest)
        self._latest = float(keys[-1])
        self._rest = table if self._rest is None else joint([self._rest, table])
        self._keys = np.concatenate((self._keys, keys))

    @property
    def begun(self) -> bool:
        """Whether anything has ever come."""
        return self._rest is not None

    @property
    def limit(self) -> float:
        """Up to which time nothing more can come."""
        return _NEVER if self._ended else self._latest

    def before(self, limit: float) -> tuple[Array, FrameTable]:
        """Take out the rows before a time, with their keys; something must have come."""
        assert self._rest is not None
        stop = int(self._keys.searchsorted(limit, "left"))
        keys, given = self._keys[:stop], self._rest.rows(slice(0, stop))
        self._keys, self._rest = self._keys[stop:], self._rest.rows(slice(stop, None))
        return keys, given


def joint(tables: Sequence[FrameTable]) -> FrameTable:
    """The rows of some tables, one after the other."""
    width = max(table.data.shape[1] for table in tables)
    names: list[str] = []
    channels = []
    for table in tables:
        channels.append(table.channels + np.uint32(len(names)))
        names += table.names
    return FrameTable(
        np.concatenate([table.times for table in tables]),
        np.concatenate([table.ids for table in tables]),
        np.concatenate([table.lengths for table in tables]),
        np.concatenate(
            [np.pad(table.data, ((0, 0), (0, width - table.data.shape[1]))) for table in tables]
        ),
        np.concatenate([table.flags for table in tables]),
        np.concatenate(channels),
        tuple(names),
        np.arange(sum(map(len, tables)), dtype=np.int64),
    )
