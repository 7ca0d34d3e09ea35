"""Set-points that were commanded, or written to equipment, gathered: a control loop never rests.

Of each set-point every change is a row, at most one a second and ten in a row; then one a minute,
with the count of commands or writes since, the lowest and the highest. One that is told again and
again unchanged is a row an hour.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["Deed", "Row", "Written"]

Deed: TypeAlias = Literal["set-point written", "set-point commanded"]

_IN_A_ROW: Final = 10.0
_AGAIN: Final = 60.0
_UNCHANGED: Final = 3600.0
_MOST: Final = 1000
"""Set-points that are known; the one noted longest ago goes first."""


@dataclass(slots=True)
class Row:
    """What became of a set-point since it was told last; `times` 0 for nothing."""

    deed: Deed
    flow: str
    node: str
    what: str
    by: str = ""
    times: int = 0
    value: float | str = 0.0
    lowest: float = 0.0
    highest: float = 0.0
    changed: bool = True
    told: float = float("-inf")
    allowance: float = _IN_A_ROW

    def note(self, value: float | str, by: str) -> None:
        """Take one more."""
        self.changed = self.changed or value != self.value or by != self.by
        if isinstance(value, int | float):
            self.lowest = min(self.lowest, value) if self.times else value
            self.highest = max(self.highest, value) if self.times else value
        self.times += 1
        self.value, self.by = value, by

    def is_due(self, now: float) -> bool:
        """Whether it is to be told by now; a change uses up the allowance."""
        if not self.times:
            return False
        if not self.changed:
            return now - self.told >= _UNCHANGED
        since = now - self.told if self.told > float("-inf") else 0.0
        allowance = min(_IN_A_ROW, self.allowance + since / _AGAIN)
        if allowance < 1:
            return False
        self.allowance = allowance - 1
        return True

    def take(self, now: float) -> dict[str, str | float]:
        """What is told; from now on it counts anew."""
        details: dict[str, str | float] = {
            "flow": self.flow,
            "node": self.node,
            "set_point": self.what,
            "value": self.value,
            **({"by": self.by} if self.by else {}),
        }
        if self.times > 1 and isinstance(self.value, str):
            details |= {"times": self.times}
        elif self.times > 1:
            details |= {"lowest": self.lowest, "highest": self.highest, "times": self.times}
        self.times, self.told, self.changed = 0, now, False
        return details


class Written:
    """Rows by deed, flow, node and set-point."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[str, str, str, str], Row] = OrderedDict()
        self._lost = 0

    def note(
        self, deed: Deed, flow: str, node: str, what: str, value: float | str, by: str = ""
    ) -> None:
        """A value was written, or commanded."""
        key = (deed, flow, node, what)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = Row(deed, flow, node, what)
            if len(self._rows) > _MOST:
                self._lost += self._rows.popitem(last=False)[1].times
        self._rows.move_to_end(key)
        row.note(value, by)

    def take(self, now: float, *, all: bool = False) -> list[tuple[Deed, dict[str, str | float]]]:
        """What is due to be told, at an end `all`; `now` in seconds of any steady clock."""
        rows = self._rows.values()
        due = [row for row in rows if row.is_due(now) or (all and row.times and row.changed)]
        found: list[tuple[Deed, dict[str, str | float]]] = [
            (row.deed, row.take(now)) for row in due
        ]
        if self._lost:
            lost: dict[str, str | float] = {
                "flow": "",
                "set_point": "of too many",
                "times": self._lost,
            }
            found.append(("set-point written", lost))
            self._lost = 0
        return found
