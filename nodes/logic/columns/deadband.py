"""logic/deadband by columns: jumps from one reading that has moved to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flowrt.node import Array, Column, Passed, Table
from nodes.logic.pick import MOST_SERIES, Pick

if TYPE_CHECKING:
    from nodes.logic.deadband import Deadband

_BLOCKS: Final = (32, 256, 2048, 16384)
"""Rows looked at together: the longer nothing has moved, the more."""


class DeadbandColumns:
    """Passes on what has moved; rows that keep the same signals leave in one table."""

    def __init__(self, node: Deadband, passed: Mapping[str, list[Any]], pick: Pick) -> None:
        self._node = node
        self._passed = passed
        self._watches = pick

    def pass_on(self, tables: Sequence[Table]) -> Passed:
        """The rows, and of each the signals, that have moved."""
        if not self._apart(tables):
            return self._by_rows(tables)
        passed = Passed()
        for table in sorted(tables, key=lambda table: int(table.keys[0])):
            names = [name for name in table.names if self._watches(table.source, name)]
            kept = {name: self._moved(table, name) for name in names}
            passed.tables += _cut(table, kept)
        return passed

    def _apart(self, tables: Sequence[Table]) -> bool:
        """Whether each watched signal is in one table only, and there is room for all of them."""
        keys = [
            f"{table.source}.{name}"
            for table in tables
            for name in table.names
            if self._watches(table.source, name)
        ]
        known = self._passed
        return len(set(keys)) == len(keys) and len(known.keys() | set(keys)) < MOST_SERIES

    def _by_rows(self, tables: Sequence[Table]) -> Passed:
        """Message by message, in the order of their keys."""
        keyed = [
            (key, table, row, message)
            for table in tables
            for row, (key, message) in enumerate(
                zip(table.keys.tolist(), table.messages(), strict=True)
            )
        ]
        kept: dict[tuple[int, tuple[str, ...]], list[int]] = {}
        for _, table, row, message in sorted(keyed, key=lambda item: item[0]):
            left = self._node.on_message(message)
            if left is not None:
                shape = (tables.index(table), tuple(left.values))
                kept.setdefault(shape, []).append(row)
        passed = Passed()
        for (index, names), rows in kept.items():
            passed.tables.append(tables[index].rows(np.array(rows)).only(names))
        return passed

    def _moved(self, table: Table, name: str) -> Array:
        """Which rows' readings have moved since the one passed on before."""
        column = table.column(name)
        kept = np.zeros(len(table), bool)
        simple = column.is_numeric and column.missing is None and table.ascending
        if not simple or (column.values != column.values).any():
            for row, (time, value) in enumerate(
                zip(table.times.tolist(), column.listed(0, len(table)), strict=True)
            ):
                kept[row] = self._node.moved(time, table.source, name, value)
            return kept
        row = 0
        while row < len(table):
            row = self._next(table, name, column, row)
            if row < len(table):
                kept[row] = True
                row += 1
        return kept

    def _next(self, table: Table, name: str, column: Column, start: int) -> int:
        """The next row that passes, which the node has taken note of; the length where none is."""
        row, turn, node = start, 0, self._node
        while row < len(table):
            end = min(len(table), row + _BLOCKS[min(turn, len(_BLOCKS) - 1)])
            turn += 1
            candidates: list[int] = self._candidates(table, name, column, row, end).tolist()
            for at in (row + found for found in candidates):
                if node.moved(table.times.item(at), table.source, name, column.item(at)):
                    return at
            row = end
        return row

    def _candidates(self, table: Table, name: str, column: Column, start: int, end: int) -> Array:
        """Rows that may pass: none but them does."""
        passed = self._passed.get(f"{table.source}.{name}")
        if passed is None or type(passed[0]) not in (int, float):
            return np.arange(end - start)
        last, at = passed
        change = np.abs(column.values[start:end] - last)
        may: Array = (change > 0) & (change >= self._node.narrow(last))
        beat = self._node.at_least_every
        if beat is not None:
            times = table.times[start:end]
            may |= ~((times >= at) & (times < at + beat))
        return may.nonzero()[0]


def _cut(table: Table, kept: dict[str, Array]) -> list[Table]:
    """The rows by which of the watched signals they keep."""
    if not kept:
        return [table]
    pattern = np.stack(list(kept.values()), axis=1)
    shapes, which = np.unique(pattern, axis=0, return_inverse=True)
    others = [name for name in table.names if name not in kept]
    made = []
    for index, shape in enumerate(shapes.tolist()):
        left = {name for name, keeps in zip(kept, shape, strict=True) if keeps}
        names = [name for name in table.names if name in left or name in others]
        if names:
            rows = (which.reshape(-1) == index).nonzero()[0]
            made.append(table.rows(rows).only(names))
    return made
