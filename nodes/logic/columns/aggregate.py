"""logic/aggregate by columns: readings are taken in a pane at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from flowrt.node import Span, Table
from nodes.logic.panes import FULL, Panes
from nodes.logic.tally import HUGE, tally

if TYPE_CHECKING:
    from nodes.logic.aggregate import Aggregate


class AggregateColumns:
    """Skips readings that only fill a pane; the first and the last of one go the usual way."""

    def __init__(self, node: Aggregate, opened: Mapping[str, Panes], names: frozenset[str]) -> None:
        self._node = node
        self._open = opened
        self._names = names
        self._timed = "rate" in node.functions

    def quiet(self, table: Table, start: int) -> int:
        """Up to the end of the source's pane."""
        if self._ignores(table):
            return len(table) - start
        panes = self._open.get(table.source)
        if panes is None or not panes.buffers.keys() >= set(table.names):
            return 0
        count = _inside(panes, table, start)
        if panes.left and any(panes.buffers[name] is not None for name in table.names):
            return min(count, panes.left - 1) if table.alone else 0
        return count

    def _ignores(self, table: Table) -> bool:
        return bool(self._names) and self._names.isdisjoint(table.names)

    def absorb(self, spans: Sequence[Span]) -> None:
        """Fill the panes."""
        by_source: dict[str, list[Span]] = {}
        for span in spans:
            if not self._ignores(span.table):
                by_source.setdefault(span.table.source, []).append(span)
        for source, its in by_source.items():
            if len(its) == 1:
                self._fill(self._open[source], its[0])
            else:  # tables of one source meet in its buffers: row by row, in their order
                self._node.on_batch(_in_order(its))

    def _fill(self, panes: Panes, span: Span) -> None:
        table, row = span.table, span.start
        wanted = [(name, panes.buffers[name]) for name in table.names]
        buffers = [(name, buffer) for name, buffer in wanted if buffer is not None]
        if not buffers:
            return
        last = buffers[-1][1]
        while row < span.stop:
            if not panes.left and not any(panes.buffers.values()):
                row = self._tally_whole(panes, table, row, span.stop)
                if row == span.stop:
                    break
            room = panes.left % FULL or FULL if panes.left else FULL - len(last)
            end = min(span.stop, row + max(1, room))
            for name, buffer in buffers:
                buffer.extend(table.column(name).listed(row, end))
                if self._timed:
                    panes.times[name].extend(table.times[row:end].tolist())
            if panes.left:
                panes.left -= end - row
                panes.last_time = table.times.item(end - 1)
            full = not panes.left % FULL if panes.left else len(last) >= FULL
            if full:
                self._node.fold(panes)
            row = end

    def _tally_whole(self, panes: Panes, table: Table, row: int, stop: int) -> int:
        """Tally as many whole buffers as there are, unbuffered; gives the row after them."""
        count = (stop - row) // FULL
        names = [name for name, buffer in panes.buffers.items() if buffer is not None]
        blocks = [_Blocks(table, name, row, count) for name in names if name in table.names]
        for index in range(count):
            if not all(block.sound(index) for block in blocks):
                break  # what is no number is counted by the usual way
            for block in blocks:
                block.add(panes, index, timed=self._timed, spread=self._node.spread)
            row += FULL
        return row

    def wakes(self) -> float | None:
        """When the clock would close a window."""
        return self._node.deadline.due


class _Blocks:
    """Whole buffers of a signal, one after the other, and their bounds."""

    def __init__(self, table: Table, name: str, start: int, count: int) -> None:
        self._table, self._name, self._start = table, name, start
        self._column = table.column(name).rows(slice(start, start + count * FULL))
        self._simple = self._column.is_numeric and self._column.missing is None
        if self._simple and count:
            by_block = self._column.values.reshape(count, FULL)
            self._lows, self._highs = by_block.min(axis=1).tolist(), by_block.max(axis=1).tolist()

    def sound(self, index: int) -> bool:
        """Whether all readings of a block are numbers; a NaN is its least and its largest."""
        return self._simple and self._lows[index] > -HUGE and self._highs[index] < HUGE

    def add(self, panes: Panes, index: int, *, timed: bool, spread: bool) -> None:
        """Put the tally of a block into a pane."""
        begin, end = index * FULL, (index + 1) * FULL
        values: list[Any] = self._column.values[begin:end].tolist()
        low, high = self._lows[index], self._highs[index]
        # Of 0.0 and -0.0 Python takes the first one.
        bounds = (low or min(values), high or max(values))
        times: list[float] = []
        if timed:
            times = self._table.times[self._start + begin : self._start + end].tolist()
        if more := tally(values, times, spread=spread, bounds=bounds):
            panes.add(self._name, more)


def _inside(panes: Panes, table: Table, start: int) -> int:
    """How many rows from `start` on fall into the open pane."""
    times = table.times
    if table.ascending:
        return table.first_at(panes.end, start) - start if times[start] >= panes.start else 0
    inside = (times[start:] >= panes.start) & (times[start:] < panes.end)
    return len(inside) if inside.all() else int(inside.argmin())


def _in_order(spans: Sequence[Span]) -> list[Any]:
    """The messages of several spans, in the order in which they came."""
    keyed = chain.from_iterable(
        zip(
            span.table.keys[span.start : span.stop].tolist(),
            span.table.messages(span.start, span.stop),
            strict=True,
        )
        for span in spans
    )
    return [message for _, message in sorted(keyed, key=lambda pair: pair[0])]
