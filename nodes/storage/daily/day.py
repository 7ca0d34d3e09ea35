"""A day as it is gathered: panes of readings, alarms, presence of batteries; all of it bounded."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from flowrt.node import Event
from nodes.storage.daily.standing import AlarmRow

__all__ = ["Battery", "Day", "Outage", "Series", "day_of"]

_MOST_SERIES: Final = 60
_MOST_BATTERIES: Final = 100
_MOST_ALARMS: Final = 500
_MOST_OUTAGES: Final = 50
_MOST_LOSSES: Final = 300


class Series(msgspec.Struct):
    """One signal of one source; `panes` maps a pane's number to low, high, sum and count."""

    source: str
    name: str
    panes: dict[int, list[float]] = {}

    def add(self, pane: int, value: float) -> None:
        """Take a reading."""
        kept = self.panes.get(pane)
        if kept is None:
            self.panes[pane] = [value, value, value, 1]
            return
        kept[0], kept[1] = min(kept[0], value), max(kept[1], value)
        kept[2] += value
        kept[3] += 1

    def low(self) -> float:
        """The least of the day."""
        return min(pane[0] for pane in self.panes.values())

    def high(self) -> float:
        """The most of the day."""
        return max(pane[1] for pane in self.panes.values())

    def mean(self) -> float:
        """The mean of its readings."""
        panes = self.panes.values()
        return math.fsum(pane[2] for pane in panes) / sum(pane[3] for pane in panes)


class Battery(msgspec.Struct):
    """What is summed up for one battery; energies in kWh, spread in V, `online` in seconds."""

    charged: float | None = None
    discharged: float | None = None
    spread: float | None = None
    online: float = 0.0
    seen: float | None = None
    present: set[int] = set()

    def met(self, now: float, pane: int, patience: float, since: float) -> None:
        """It has spoken; a silence longer than `patience` counts as absence."""
        last = since if self.seen is None else max(self.seen, since)
        if 0 < now - last <= patience:
            self.online += now - last
        self.seen = max(now, last)
        self.present.add(pane)

    def share(self, observed: float, until: float, patience: float) -> float:
        """How much of the observed time it was there, from 0 to 1."""
        rest = 0.0 if self.seen is None else until - self.seen
        online = self.online + (rest if 0 < rest <= patience else 0.0)
        return min(1.0, online / observed) if observed > 0 else 0.0


class Outage(msgspec.Struct, frozen=True):
    """A time in which nothing was gathered, as the gateway or the flow stood still."""

    begin: float
    end: float


class Day(msgspec.Struct):
    """From midnight to midnight of a time zone, which are 23 or 25 hours on two days a year."""

    date: str
    begin: float
    end: float
    pane: float
    since: float
    patience: float = 30.0
    soc: str = "SOC"
    series: dict[str, Series] = {}
    batteries: dict[str, Battery] = {}
    alarms: dict[str, AlarmRow] = {}
    happened: int = 0
    outages: list[Outage] = []
    losses: dict[str, int] = {}
    """Place and reason -> how many messages were lost."""
    file: str = ""
    """The name of the page that it has written."""
    is_closed: bool = False

    def pane_of(self, time: float) -> int:
        """The number of the pane a moment lies in."""
        return int((time - self.begin) / self.pane)

    def is_odd(self) -> bool:
        """Whether an hour comes twice, or not at all."""
        return round((self.end - self.begin) / 3600) != 24

    def series_of(self, source: str, name: str) -> Series | None:
        """Where the readings of a signal go; None where there are too many signals."""
        key = f"{source}\n{name}"
        found = self.series.get(key)
        if found is None and len(self.series) < _MOST_SERIES:
            found = self.series[key] = Series(source, name)
        return found

    def battery_of(self, name: str) -> Battery | None:
        """What is summed up for a battery; None where there are too many."""
        found = self.batteries.get(name)
        if found is None and len(self.batteries) < _MOST_BATTERIES:
            found = self.batteries[name] = Battery()
        return found

    def alarm_of(self, source: str, name: str) -> AlarmRow | None:
        """The row of an alarm; None where there are too many."""
        key = f"{source}\n{name}"
        found = self.alarms.get(key)
        if found is None and len(self.alarms) < _MOST_ALARMS:
            found = self.alarms[key] = AlarmRow(source, name)
        return found

    def is_news(self, event: Event) -> bool:
        """Whether it clears an alarm that this day knows nothing of."""
        return event.state == "cleared" and f"{event.source}\n{event.name}" not in self.alarms

    def was_out(self, begin: float, end: float) -> None:
        """Nothing was gathered in this time."""
        outage = Outage(max(begin, self.since), min(end, self.end))
        if outage.end > outage.begin and len(self.outages) < _MOST_OUTAGES:
            self.outages.append(outage)

    def lost(self, place: str, count: int) -> None:
        """Messages were lost; of too many places the rest are one."""
        if place not in self.losses and len(self.losses) >= _MOST_LOSSES:
            place = "others: of many reasons"
        self.losses[place] = self.losses.get(place, 0) + count

    def observed(self, until: float) -> float:
        """Seconds in which somebody looked."""
        out = math.fsum(outage.end - outage.begin for outage in self.outages)
        return max(0.0, min(until, self.end) - self.since - out)

    def hours(self, zone: ZoneInfo) -> list[tuple[float, str]]:
        """Every third hour of the zone's clock, with its moment."""
        first = date.fromisoformat(self.date)
        moments = [_moment(first, hour, zone) for hour in (0, 3, 6, 9, 12, 15, 18, 21)]
        moments.append(self.end)
        labels = [f"{hour:02}:00" for hour in range(0, 25, 3)]
        kept = [moments[0], *(after for before, after in pairwise(moments) if after > before)]
        return list(zip(kept, labels, strict=True))


def day_of(time: float, zone: ZoneInfo, pane: float, patience: float, soc: str) -> Day:
    """The empty day that a moment lies in; a battery that is silent for `patience` is absent."""
    local = datetime.fromtimestamp(time, zone).date()
    begin = _moment(local, 0, zone)
    end = _moment(local + timedelta(days=1), 0, zone)
    return Day(local.isoformat(), begin, end, pane, time, patience, soc)


def _moment(day: date, hour: int, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(hour), zone).timestamp()
