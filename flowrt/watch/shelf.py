"""Alarms that an operator has put aside for a while, as ISA-18.2 has it: shelved.

A shelved alarm is judged and recorded as ever; it is only marked, so that nobody is called. It
comes back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from flowrt.errors import NoSuchAlarm

__all__ = ["LONGEST", "Shelf", "Shelving"]

LONGEST: Final = 86_400.0
"""Seconds for which an alarm may be shelved at once: a shift or two, not for good."""
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class Shelving:
    """Which alarm is shelved, by whom and why; times in POSIX seconds."""

    flow: str
    source: str
    name: str
    by: str
    time: float
    until: float
    reason: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What an alarm is told apart by."""
        return self.flow, self.source, self.name

    def row(self) -> dict[str, Any]:
        """As the API gives it beside the alarm."""
        return {"by": self.by, "time": self.time, "until": self.until, "reason": self.reason}


class Shelf:
    """The alarms that are shelved now, whether they stand or not; bounded."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], Shelving] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Shelving]:
        return iter(list(self._kept.values()))

    def get(self, flow: str, source: str, name: str) -> Shelving | None:
        """How an alarm is shelved; None where it is not."""
        return self._kept.get((flow, source, name))

    def of(self, flow: str) -> list[Shelving]:
        """The shelved alarms of a flow."""
        return [shelving for shelving in self._kept.values() if shelving.flow == flow]

    def put(self, shelving: Shelving) -> None:
        """Shelve an alarm, or shelve it anew; raises NoSuchAlarm where the shelf is full."""
        if len(self._kept) >= _MOST and shelving.key not in self._kept:
            raise NoSuchAlarm(f"{_MOST} alarms are shelved already. Take some back first.")
        self._kept[shelving.key] = shelving

    def take(self, flow: str, source: str, name: str) -> Shelving:
        """Take an alarm from the shelf; raises NoSuchAlarm where it is not there."""
        found = self._kept.pop((flow, source, name), None)
        if found is None:
            raise NoSuchAlarm(
                f'the alarm "{name}" of "{source}" in the flow "{flow}" is not shelved. '
                "It may have come back by itself: read the alarms again."
            )
        return found

    def restore(self, saved: Iterable[Shelving]) -> None:
        """Take up what was shelved before a restart."""
        for shelving in saved:
            if len(self._kept) < _MOST:
                self._kept.setdefault(shelving.key, shelving)

    def ended(self, now: float) -> list[Shelving]:
        """Those whose time is over; they are still there."""
        return [shelving for shelving in self._kept.values() if shelving.until <= now]

    def next_end(self) -> float | None:
        """When the next one comes back; None where nothing is shelved."""
        return min((shelving.until for shelving in self._kept.values()), default=None)
