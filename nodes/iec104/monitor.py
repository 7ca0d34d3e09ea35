"""Readings and alarms as points of an IEC 60870-5-104 station."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from flowrt.node import (
    Duration,
    Event,
    Example,
    NodeFault,
    Signals,
    Sink,
    Timer,
    Value,
    node,
    setting,
    split_signal,
)
from nodes.iec104.asdu import Quality
from nodes.iec104.station import Point, Station


@dataclass(frozen=True, kw_only=True)
class MonitoredPoint:
    """A row: a signal or an alarm, and the object address it is shown at."""

    object: int = setting("Information object address.", minimum=1, maximum=0xFF_FFFF)
    signal: str = setting("Signal to show.", default="", signal=True)
    alarm: str = setting("Or the name of an alarm: on while it is raised.", default="")
    kind: str = setting(
        "A measured value (float), or a single point: on where the signal is not 0.",
        default="float",
        enum=["float", "single"],
    )
    deadband: float = setting("Least change that is told.", default=0.0, minimum=0)


@dataclass(slots=True)
class _Row:
    row: MonitoredPoint
    source: str | None
    point: Point
    raised: set[str] = field(default_factory=set)
    timer: Timer | None = None


@node("iec104/monitor", icon="activity")
class Monitor(Sink):
    """Show readings and alarms to control centres, and tell changes at once.

    A value that is not available is invalid, a stale one not topical; both keep the last number.
    """

    station: Station = setting("Station that centres reach.")
    points: list[MonitoredPoint] = setting("What is shown.", minItems=1)
    stale_after: Duration | None = setting(
        "What has not come for so long is not topical; never, if left out.", default=None
    )

    examples = (
        Example(
            "State of charge and an alarm",
            {
                "station": "centre",
                "points": [
                    {"object": 1001, "signal": "SOC", "deadband": 0.5},
                    {"object": 1, "alarm": "too_hot"},
                ],
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rows that show nothing, or share an address."""
        seen: set[int] = set()
        for index, row in enumerate(self.points):
            if bool(row.signal) == bool(row.alarm):
                yield f"points[{index}]", 'needs either "signal" or "alarm".'
            if row.object in seen:
                yield f"points[{index}].object", f"{row.object} is there already. Give another."
            seen.add(row.object)

    def summary(self) -> str:
        """Where, and how much."""
        return f"{self.station.summary()}, {len(self.points)} points"

    async def start(self) -> None:
        """Show every point, invalid until it comes."""
        self._signals: dict[str, list[_Row]] = {}
        self._alarms: dict[str, list[_Row]] = {}
        self._rows: list[_Row] = []
        for row in self.points:
            source, name = split_signal(row.signal)
            single = bool(row.alarm) or row.kind == "single"
            made = _Row(row, source, Point(row.object, single, time=self.clock.now()))
            if row.alarm:
                made.point.quality = Quality.GOOD
            self.station.add_point(made.point)
            self._rows.append(made)
            rows = self._alarms if row.alarm else self._signals
            rows.setdefault(row.alarm or name, []).append(made)

    async def stop(self) -> None:
        """Show nothing more."""
        for row in self._rows:
            self.station.remove_point(row.point)
            if row.timer is not None:
                row.timer.cancel()

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Tell what has changed."""
        for message in messages:
            if isinstance(message, Event):
                self._show_alarm(message)
                continue
            for name, value in message.values.items():
                for row in self._signals.get(name, ()):
                    if row.source in (None, message.source):
                        self._show(row, value, message.time)
                        self._watch(row)

    def _show(self, row: _Row, value: Value, time: float) -> None:
        if isinstance(value, str):
            fault = NodeFault(f'object {row.point.address}: {row.row.signal} is "{value}", a text')
            self.context.fault(fault, None)
        if isinstance(value, str) or value is None or not math.isfinite(value):
            self._set(row, row.point.value, Quality.INVALID, time)
        else:
            shown = float(bool(value)) if row.point.is_single else float(value)
            self._set(row, shown, Quality.GOOD, time)

    def _show_alarm(self, event: Event) -> None:
        """An alarm that several sources raise stands until all have cleared it."""
        for row in self._alarms.get(event.name, ()):
            if event.state == "raised":
                row.raised.add(event.source)
            elif event.state == "cleared":
                row.raised.discard(event.source)
            self._set(row, float(bool(row.raised)), Quality.GOOD, event.time)

    def _set(self, row: _Row, value: float, quality: Quality, time: float) -> None:
        point = row.point
        moved = abs(value - point.value) > row.row.deadband or (
            value != point.value and not row.row.deadband
        )
        if moved or quality != point.quality:
            point.value, point.quality, point.time = value, quality, time
            self.station.changed(point)

    def _watch(self, row: _Row) -> None:
        if self.stale_after is not None:
            if row.timer is not None:
                row.timer.cancel()
            row.timer = self.clock.after(self.stale_after, partial(self._expire, row))

    def _expire(self, row: _Row) -> None:
        quality = row.point.quality | Quality.NOT_TOPICAL
        self._set(row, row.point.value, quality, self.clock.now())
