"""Hours of the day and what is wanted in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flowrt.node import setting

__all__ = ["Hours", "power_at"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"


@dataclass(frozen=True, kw_only=True)
class Hours:
    """A part of the day with a power; one that ends before it begins runs over midnight."""

    begin: str = setting("From when, as 22:00.", pattern=_CLOCK)
    end: str = setting("Until when, as 06:00; 24:00 is midnight.", pattern=_CLOCK)
    power: float = setting("Power then, charging positive.", unit="kW")
    days: list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]] = setting(
        "Days on which it begins; all where empty.", default=list
    )

    def holds(self, moment: datetime) -> bool:
        """Whether a local time lies in it."""
        minute = moment.hour * 60 + moment.minute
        begin, end = _minute(self.begin), _minute(self.end)
        if begin < end:
            return begin <= minute < end and self._begins(moment)
        if minute >= begin:
            return self._begins(moment)
        return minute < end and self._begins(moment - timedelta(days=1))

    def _begins(self, moment: datetime) -> bool:
        return not self.days or _DAYS[moment.weekday()] in self.days


def power_at(table: Sequence[Hours], moment: datetime) -> float:
    """The power of the first entry that holds; 0 kW where none does."""
    return next((hours.power for hours in table if hours.holds(moment)), 0.0)


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
