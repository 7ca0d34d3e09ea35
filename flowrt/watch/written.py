"""Set-points that nodes wrote to equipment, gathered: a control loop writes every second.

Of each set-point a row goes out with the first write, and then one a minute at most.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

__all__ = ["Row", "Written"]

_AGAIN: Final = 60.0
_MOST: Final = 1000
"""Set-points that are known; the one written longest ago goes first."""


@dataclass(slots=True)
class Row:
    """What became of a set-point since it was told last; `writes` 0 for nothing."""

    flow: str
    node: str
    what: str
    writes: int = 0
    value: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0
    told: float = float("-inf")


class Written:
    """Rows by flow, node and set-point."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[str, str, str], Row] = OrderedDict()

    def note(self, flow: str, node: str, what: str, value: float) -> None:
        """A value was written."""
        key = (flow, node, what)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(*key)
            if len(self._rows) > _MOST:
                self._rows.popitem(last=False)
        if not row.writes:
            row.lowest = row.highest = value
        self._rows.move_to_end(key)
        row.writes, row.value = row.writes + 1, value
        row.lowest, row.highest = min(row.lowest, value), max(row.highest, value)

    def take(self, now: float) -> list[dict[str, str | float]]:
        """What is due to be told; `now` in seconds of any steady clock."""
        due = [row for row in self._rows.values() if row.writes and now - row.told >= _AGAIN]
        found = []
        for row in due:
            details: dict[str, str | float] = {
                "flow": row.flow,
                "node": row.node,
                "set_point": row.what,
                "value": row.value,
            }
            if row.writes > 1:
                details |= {"lowest": row.lowest, "highest": row.highest, "writes": row.writes}
            found.append(details)
            row.writes, row.told = 0, now
        return found
