"""A node that is shown only the rows that matter to it; the quiet ones it absorbs unseen."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from flowrt.columns import Skim, Span, Table
from flowrt.running.step import Push, Step

__all__ = ["NEVER", "Skimmed"]

NEVER: Final = sys.maxsize
"""The key of what does not come in this chunk."""


KeyAt: TypeAlias = Callable[[float], int | None]
"""Gives the key from which on rows are at or after a time; None where that cannot be said."""


def _unknown(_time: float) -> int | None:
    return None


class Skimmed:
    """A node's place in a chunk: how far it has taken in each table, and what matters next."""

    def __init__(self, step: Step, skim: Skim) -> None:
        self.next = NEVER
        """The key of the next row that matters."""
        self._step = step
        self._skim = skim
        self._tables: list[tuple[Table, Push]] = []
        self._heads: list[int] = []
        self._stops: list[int] = []
        self._by_source: dict[str, list[int]] = {}
        self._wake: float | None = None
        self._wake_key: int | None = None
        self._key_at: KeyAt = _unknown

    def load(self, tables: Sequence[tuple[Table, Push]], key_at: KeyAt) -> None:
        """Begin a chunk."""
        self._key_at = key_at
        self._tables = [pair for pair in tables if len(pair[0])]
        self._heads = [0] * len(self._tables)
        self._stops = [NEVER] * len(self._tables)
        self._by_source = {}
        for index, (table, _) in enumerate(self._tables):
            self._by_source.setdefault(table.source, []).append(index)
        for indices in self._by_source.values():
            for index in indices:
                self._tables[index][0].alone = len(indices) == 1
        self.look()

    def look(self) -> None:
        """Find out anew what matters next: something else than a row has changed the node."""
        self._wake = self._skim.wakes()
        self._wake_key = None if self._wake is None else self._key_at(self._wake)
        for index in range(len(self._tables)):
            self._look_at(index)
        self.next = min(self._stops, default=NEVER)

    def _look_at(self, index: int) -> None:
        table, head = self._tables[index][0], self._heads[index]
        if head >= len(table):
            self._stops[index] = NEVER
            return
        stop = head + self._skim.quiet(table, head)
        if self._wake is not None and stop > head:
            stop = min(stop, self._woken_at(table, head))
        self._stops[index] = int(table.keys[stop]) if stop < len(table) else NEVER

    def _woken_at(self, table: Table, head: int) -> int:
        """The first row from which on any matters, found without a look at times if possible."""
        assert self._wake is not None
        if self._wake_key is None:
            return table.first_at(self._wake, head)
        if self._wake_key == NEVER:
            return len(table)
        return max(head, int(table.keys.searchsorted(self._wake_key, "left")))

    def absorb(self, key: int, source: str | None = None) -> None:
        """Take in the rows before a key, of one source or all; they are quiet."""
        indices: Any = range(len(self._tables)) if source is None else self._by_source[source]
        spans = []
        for index in indices:
            table, head = self._tables[index][0], self._heads[index]
            if head < len(table) and (key == NEVER or table.keys[head] < key):
                stop = len(table) if key == NEVER else int(table.keys.searchsorted(key, "left"))
                spans.append(Span(table, head, stop))
                self._heads[index] = stop
        if spans:
            self._step.counters.received += sum(span.stop - span.start for span in spans)
            self._step.guard(lambda: self._skim.absorb(spans))

    def show(self) -> None:
        """Show the node the row that matters, as the live engine would."""
        index = self._stops.index(self.next)
        (table, push), key = self._tables[index], self.next
        due = self._wake is not None
        self.absorb(key, None if due else table.source)
        row = self._heads[index]
        self._heads[index] = row + 1
        push((table.message(row),))
        if self._skim.wakes() != self._wake:
            self.absorb(key)  # they were quiet until now, and might not be looked at from here
            self.look()
            return
        for other in self._by_source[table.source]:
            self._look_at(other)
        self.next = min(self._stops)
