"""A page for each day: what the batteries did, and what went wrong."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from flowrt.node import (
    Duration,
    Event,
    Example,
    NodeFault,
    Signals,
    Sink,
    Timer,
    node,
    setting,
    state,
)
from nodes.storage.daily.day import Day, day_of
from nodes.storage.daily.files import keep_newest, write_page
from nodes.storage.daily.matches import Matches
from nodes.storage.daily.page import Facts, page

_LATE: Final = 60.0
"""Seconds after midnight until which messages of the day before may come."""
_LOOK: Final = 60.0
_CLOCK_SET: Final = 1_577_836_800.0
"""2020: what is stamped before comes from a clock that was not set yet."""
_MOST_DAYS: Final = 4
"""Days in memory: today, and those that a disk has refused."""
_MOST_COUNTERS: Final = 400


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A row: what is drawn together, in one unit."""

    title: str = setting("What stands above it.", minLength=1)
    signals: list[str] = setting("Signals, or patterns of them.", minItems=1, signal=True)


def _usual() -> list[Plot]:
    return [
        Plot(title="State of charge", signals=["SOC"]),
        Plot(title="Power of the batteries", signals=["PackPower"]),
        Plot(title="Power", signals=["Power"]),
        Plot(title="Cell voltage", signals=["CellVoltageMin", "CellVoltageMax"]),
        Plot(title="Temperature", signals=["CellTemperatureMin", "CellTemperatureMax"]),
    ]


@node("storage/report", icon="file-spreadsheet")
class Report(Sink):
    """Write a page a day: energy, state of charge, cells, temperatures, alarms, what was missing.

    Wire readings and alarms to it, best those of bess/battery and analysis/energy. The page is one
    HTML file that needs nothing else, `report-2026-03-01.html`, written a minute after midnight,
    and by the node's button for the day so far. A battery is what stands before the slash of a
    source that tells `soc`. Readings are kept as low, high and mean of a pane: memory is bounded,
    and a restart goes on.
    """

    overflow = "drop-oldest"

    folder: Path = setting("Folder for the pages.")
    title: str = setting("What stands above each page.", default="Daily report", minLength=1)
    timezone: str = setting("Time zone of the days, such as Europe/Berlin.", default="UTC")
    keep: int = setting("Pages that are kept; the oldest beyond go.", default=400, minimum=1)
    pane: Duration = setting(
        "Length of a pane of the plots.", default=600.0, minimum=60, maximum=3600
    )
    plots: list[Plot] = setting(
        "What is drawn; left out, state of charge, power, cell voltage and temperature.",
        default=list,
    )
    soc: str = setting("State of charge; who tells it is a battery.", default="SOC")
    cell_low: str = setting("Lowest cell voltage, for the spread.", default="CellVoltageMin")
    cell_high: str = setting("Highest cell voltage, for the spread.", default="CellVoltageMax")
    charged: str = setting("Counter of the energy charged, in kWh.", default="EnergyCharged")
    discharged: str = setting(
        "Counter of the energy discharged, in kWh.", default="EnergyDischarged"
    )
    stale_after: Duration = setting(
        "Silence of a battery after which it counts as absent.", default=30.0, minimum=1
    )

    _seen: float | None = state(None)
    _counters: dict[str, float] = state(factory=dict)

    examples = (
        Example("A page a day", {"folder": "reports", "timezone": "Europe/Berlin"}),
        Example(
            "With the room's temperature",
            {
                "folder": "reports",
                "title": "Battery hall 2",
                "plots": [
                    {"title": "State of charge", "signals": ["*.SOC"]},
                    {"title": "Room", "signals": ["hall.Temperature"]},
                ],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._days: dict[str, Day] = {}
        self._told: dict[str, int] = {}
        self._timer: Timer | None = None
        self._writing: asyncio.Task[None] | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """A zone that is none."""
        try:
            self._zone  # noqa: B018
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield "timezone", f'"{self.timezone}" is no time zone. Write one like Europe/Berlin.'

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @cached_property
    def _drawn(self) -> Matches:
        return Matches(name for plot in self.plots or _usual() for name in plot.signals)

    def summary(self) -> str:
        """`reports, days of Europe/Berlin`."""
        return f"{self.folder.name}, days of {self.timezone}"

    # --- its life

    async def start(self) -> None:
        """Go on with the day; a time in which nobody gathered is noted."""
        now = self.clock.now()
        if self._seen is not None and now - self._seen > 2 * _LOOK:
            for day in self._days.values():
                day.was_out(self._seen, now)
        self._told = self.context.losses()
        self._look()

    async def stop(self) -> None:
        """Finish a page that is being written; the day is kept in the state."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        if (today := self._day_at(self.clock.now())) is not None:
            self._note_losses(today)
        self._seen = self.clock.now()

    def _look(self) -> None:
        """Each minute: note what was lost, and close the days that are over."""
        now = self._seen = self.clock.now()
        today = self._day_at(now)
        if today is not None:
            self._note_losses(today)
        for day in self._days.values():
            day.is_closed = day.is_closed or now >= day.end + _LATE
        if any(day.is_closed for day in self._days.values()):
            self._write_soon()
        self._timer = self.clock.after(_LOOK, self._look)

    def _note_losses(self, today: Day) -> None:
        for place, count in self.context.losses().items():
            before = self._told.get(place, 0)
            if count != before:  # a node that was made anew counts from nothing
                today.lost(place, count - before if count > before else count)
                self._told[place] = count

    def _day_at(self, time: float) -> Day | None:
        """The open day of a moment; None where it is neither today nor just over."""
        for day in self._days.values():
            if day.begin <= time < day.end and not day.is_closed:
                return day
        if abs(time - self.clock.now()) > _LATE or len(self._days) >= _MOST_DAYS:
            return None
        return self._begin(day_of(time, self._zone, self.pane, self.stale_after, self.soc))

    def _begin(self, day: Day) -> Day | None:
        if day.date in self._days:  # it is closed already: a clock was set back
            return None
        before = [other for other in self._days.values() if other.end <= day.begin]
        for earlier in before[-1:]:
            day.since = day.begin
            for key, row in earlier.alarms.items():
                if row.since is not None:
                    day.alarms[key] = row.carried(day.begin)
        self._days[day.date] = day
        return day

    # --- messages

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Gather them."""
        for message in messages:
            day = self._day_at(message.time) if math.isfinite(message.time) else None
            if day is None:
                self.context.drop("not stamped today", 1)
            elif isinstance(message, Event):
                self._note(day, message)
            else:
                self._read(day, message)

    def _note(self, day: Day, event: Event) -> None:
        if event.state == "happened":
            day.happened += 1
        if event.state not in ("raised", "cleared") or day.is_news(event):
            return
        if (row := day.alarm_of(event.source, event.name)) is None:
            self.context.drop("more alarms than the page has rows", 1)
            return
        row.take(event)
        if event.state == "cleared":  # what stood at midnight, and was told late, ends there too
            for later in self._days.values():
                if later.begin > event.time and (
                    other := later.alarms.get(f"{event.source}\n{event.name}")
                ):
                    other.since = None

    def _read(self, day: Day, message: Signals) -> None:
        pane = day.pane_of(message.time)
        values = {
            name: float(value)
            for name, value in message.values.items()
            if isinstance(value, int | float) and math.isfinite(value)
        }
        for name, value in values.items():
            if self._drawn.match(message.source, name):
                self._draw(day, message.source, name, pane, value)
        if values:
            self._sum_up(day, message, pane, values)

    def _draw(self, day: Day, source: str, name: str, pane: int, value: float) -> None:
        if (series := day.series_of(source, name)) is None:
            self.context.drop("more signals than the page has lines", 1)
        else:
            series.add(pane, value)

    def _sum_up(self, day: Day, message: Signals, pane: int, values: Mapping[str, float]) -> None:
        name = message.source.partition("/")[0]
        if self.soc not in values and name not in day.batteries:
            return
        if (battery := day.battery_of(name)) is None:
            self.context.drop("more batteries than the page has rows", 1)
            return
        battery.met(message.time, pane, self.stale_after, day.since)
        low, high = values.get(self.cell_low), values.get(self.cell_high)
        if low is not None and high is not None:
            battery.spread = max(battery.spread or 0.0, high - low)
        if (grown := self._grown(message.source, self.charged, values)) is not None:
            battery.charged = (battery.charged or 0.0) + grown
        if (grown := self._grown(message.source, self.discharged, values)) is not None:
            battery.discharged = (battery.discharged or 0.0) + grown

    def _grown(self, source: str, name: str, values: Mapping[str, float]) -> float | None:
        """How much a counter has grown since it was read last; a counter begun anew by nothing."""
        if (value := values.get(name)) is None:
            return None
        key = f"{source}\n{name}"
        before = self._counters.get(key, value)
        if key in self._counters or len(self._counters) < _MOST_COUNTERS:
            self._counters[key] = value
        return max(0.0, value - before)

    # --- pages

    def on_button(self) -> None:
        """Write the day so far."""
        if (today := self._day_at(self.clock.now())) is None:
            raise NodeFault("there is no day to write yet")
        self._note_losses(today)
        self._write_soon(today)

    def _write_soon(self, today: Day | None = None) -> None:
        if self._writing is None or self._writing.done():
            closed = [day for day in self._days.values() if day.is_closed]
            task = self._write_all([*closed, *([today] if today else [])])
            self._writing = asyncio.get_running_loop().create_task(task)

    async def _write_all(self, days: Sequence[Day]) -> None:
        """Pages in a thread; a day that the disk refuses stays, and is tried again."""
        for day in days:
            if day.end >= _CLOCK_SET:
                try:
                    path = await asyncio.to_thread(self._page, _copy(day), self._facts())
                except OSError as error:
                    self._refused(day, error)
                    continue
                day.file = path.name
                self.context.status(f"wrote {path.name}", ok=True)
            if day.is_closed:
                self._days.pop(day.date, None)

    def _page(self, day: Day, facts: Facts) -> Path:
        path = write_page(self.folder, day, page(day, facts))
        keep_newest(self.folder, self.keep)
        return path

    def _refused(self, day: Day, error: OSError) -> None:
        told = f"the page of {day.date} cannot be written to {self.folder}: {error.strerror}"
        self.context.fault(NodeFault(f"{told}. It is tried again each minute."), None)
        self.context.status("page not written", ok=False)

    def _facts(self) -> Facts:
        plots = [(plot.title, Matches(plot.signals)) for plot in self.plots or _usual()]
        return Facts(self.title, self._zone, self.clock.now(), plots, self.incoming)

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """The days that are not written yet."""
        return {**super().snapshot(), "days": msgspec.to_builtins(self._days, str_keys=True)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on with the day; its panes and its midnights stay as they were."""
        super().restore(saved)
        self._days = msgspec.convert(saved.get("days", {}), dict[str, Day], strict=False)


def _copy(day: Day) -> Day:
    """What a thread may read while readings go on coming."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(day), type=Day)
