"""logic/threshold by columns: only readings that may change an alarm are looked at singly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flowrt.node import Array, Column, Span, Table, Value
from nodes.logic.alarms import Alarms
from nodes.logic.limit import Band, Equal, Limit

if TYPE_CHECKING:
    from nodes.logic.threshold import Threshold


class ThresholdColumns:
    """Skips calm readings of what is not in alarm, and those of an alarm that do not clear it."""

    def __init__(
        self, node: Threshold, alarms: Alarms, limit: Limit, name: str, heard: Mapping[str, bool]
    ) -> None:
        self._node = node
        self._alarms = alarms
        self._limit = limit
        self._name = name
        self._heard = heard

    def quiet(self, table: Table, start: int) -> int:
        """Up to the next reading that speaks for a change."""
        rest = len(table) - start
        if not self._hears(table):
            return rest
        column = table.column(self._name)
        excursion = self._alarms.open.get(table.source)
        if excursion is None:
            return self._until("loud", table, column, start)
        if excursion.due is not None or self._alarms.deadline.due is not None:
            return 0  # delays are judged reading by reading
        return self._until("loud" if excursion.over else "clearing", table, column, start)

    def _hears(self, table: Table) -> bool:
        return self._name in table.names and self._heard[table.source]

    def _until(self, what: str, table: Table, column: Column, start: int) -> int:
        key = (self, what)
        if key not in table.memo:
            table.memo[key] = self._matters(what, column)
        rows: Array = table.memo[key]
        at = int(rows.searchsorted(start))
        return int(rows[at] if at < len(rows) else len(table)) - start

    def _matters(self, what: str, column: Column) -> Array:
        """The rows whose reading is loud, or clears."""
        if not column.is_numeric:
            return np.arange(len(column.values))
        values = column.values
        found = ~self._calm(values) if what == "loud" else self._clears(values)
        return (found & ~_lacking(column)).nonzero()[0]

    def _calm(self, values: Array) -> Array:
        limit = self._limit
        if isinstance(limit, Band):
            return limit.calm_rows(values)
        assert isinstance(limit, Equal)
        return _differ(values, limit.value)

    def _clears(self, values: Array) -> Array:
        limit = self._limit
        return limit.clears_rows(values) if isinstance(limit, Band) else self._calm(values)

    def absorb(self, spans: Sequence[Span]) -> None:
        """Remember the last reading of what is in alarm; count those that are none."""
        newest: dict[str, tuple[int, Value]] = {}
        for span in spans:
            if not self._hears(span.table):
                continue
            last = self._last_sound(span)
            source = span.table.source
            if last is not None and source in self._alarms.open:
                newest[source] = max(newest.get(source, last), last, key=lambda pair: pair[0])
        for source, (_, value) in newest.items():
            self._alarms.open[source].value = value

    def _last_sound(self, span: Span) -> tuple[int, Value] | None:
        """Key and reading of the last row that has one; those that have none are counted."""
        column = span.table.column(self._name).rows(slice(span.start, span.stop))
        lacking = _lacking(column)
        count = int(lacking.sum())
        if not count:
            row = len(lacking) - 1
        else:
            self._node.context.drop("no value", count)
            if count == len(lacking):
                return None
            row = int(np.flatnonzero(~lacking)[-1])
        return int(span.table.keys[span.start + row]), column.item(row)

    def wakes(self) -> float | None:
        """When a delay ends."""
        return self._alarms.deadline.due


def _lacking(column: Column) -> Array:
    """Which readings are None or NaN."""
    values = column.values
    lacking: Array = values != values
    return lacking if column.missing is None else lacking | column.missing


def _differ(values: Array, wanted: Any) -> Array:
    if isinstance(wanted, str):
        return np.ones(len(values), bool)
    differ: Array = values != wanted
    return differ
