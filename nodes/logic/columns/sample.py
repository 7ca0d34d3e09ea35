"""logic/sample by columns: jumps from slot to slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrt.node import Array, Passed, Span, Table
from nodes.logic.panes import boundary, pane_of
from nodes.logic.pick import MOST_SERIES

if TYPE_CHECKING:
    from nodes.logic.sample import Sample


class FirstColumns:
    """Passes on the first message of each slot and source."""

    def __init__(self, node: Sample, done: dict[str, int]) -> None:
        self._node = node
        self._done = done

    def pass_on(self, tables: Sequence[Table]) -> Passed:
        """The rows that are first in their slots."""
        keys = np.concatenate([table.keys for table in tables])
        order = np.argsort(keys, kind="stable")
        owners = np.concatenate([np.full(len(table), i) for i, table in enumerate(tables)])[order]
        times = np.concatenate([table.times for table in tables])[order]
        by_source: dict[str, list[int]] = {}
        for index, table in enumerate(tables):
            by_source.setdefault(table.source, []).append(index)
        first = np.zeros(len(keys), bool)
        for source in sorted(by_source, key=lambda source: tables[by_source[source][0]].keys[0]):
            rows = np.isin(owners, by_source[source]).nonzero()[0]
            first[rows] = self._first(source, times[rows])
        passed = Passed()
        for index, table in enumerate(tables):
            kept = first[owners == index]
            if kept.any():
                passed.tables.append(table.rows(kept))
        return passed

    def _first(self, source: str, times: Array) -> Array:
        done, every = self._done, self._node.every
        first = np.zeros(len(times), bool)
        ascending = bool(np.isfinite(times).all() and (times[1:] >= times[:-1]).all())
        row = 0
        while row < len(times):
            time = times.item(row)
            if not np.isfinite(time):
                self._node.context.drop("no time", 1)
                row += 1
                continue
            if source not in done and len(done) >= MOST_SERIES:
                self._node.context.drop("too many sources", 1)
                row += 1
                continue
            slot = pane_of(time, every)
            if done.get(source, slot - 1) - slot not in (0, 1):
                first[row] = True
                done[source] = slot
            row = int(times.searchsorted(boundary(slot + 1, every))) if ascending else row + 1
        return first


class LastColumns:
    """Skips all but the last message of each slot, which waits for the next one."""

    def __init__(self, node: Sample, done: Mapping[str, int], held: dict[str, list[Any]]) -> None:
        self._node = node
        self._done = done
        self._held = held

    def quiet(self, table: Table, start: int) -> int:
        """Up to the end of the slot of what is held."""
        held = self._held.get(table.source)
        if held is None or not table.ascending:
            return 0
        slot, every = held[0], self._node.every
        if self._done.get(table.source, slot - 1) - slot in (0, 1):
            return 0
        if table.times[start] < boundary(slot, every):
            return 0
        return table.first_at(boundary(slot + 1, every), start) - start

    def absorb(self, spans: Sequence[Span]) -> None:
        """Hold the newest."""
        for span in sorted(spans, key=lambda span: int(span.table.keys[span.stop - 1])):
            message = span.table.message(span.stop - 1)
            self._held[message.source][1:] = [message.time, message.values]

    def wakes(self) -> float | None:
        """When the clock would end a slot."""
        return self._node.deadline.due
