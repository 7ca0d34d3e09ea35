"""Where a reading is heading, and when it will be there."""

from __future__ import annotations

import math
from collections.abc import Iterator

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Output,
    Sent,
    Severity,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
    split_signal,
    state,
)
from nodes.analysis.readings import Together, has_room

_BUCKETS = 48
"""Means that a window is cut into."""


@node("analysis/trend", icon="function-square")
class Trend(Transform):
    """Fit a line to a slow signal, and warn when it will pass a limit within `ahead`.

    The window is cut into 48 means; the line is theirs, by least squares, from the eighth on. The
    warning clears when the limit is twice as far away, or never reached.
    """

    signal: str = setting("Signal to follow.", signal=True, minLength=1)
    window: Duration = setting("How far it looks back.", default=86400.0, minimum=1)
    below: float | None = setting(
        "Limit that a falling signal meets.", default=None, unit_of="signal"
    )
    above: float | None = setting(
        "Limit that a growing signal meets.", default=None, unit_of="signal"
    )
    ahead: Duration = setting("How far it looks ahead.", default=7 * 86400.0, exclusiveMinimum=0)
    severity: Severity = setting("How bad it is.", default="warning")

    out = Output(
        "Slope an hour, and hours until a limit (None: never), each mean.", carries="signals"
    )
    alarm = Output("Raised when a limit is near at this rate.", carries="event")

    _means: dict[str, list[list[float]]] = state(factory=dict)
    _raised: list[str] = state(factory=list)

    examples = (
        Example(
            "Insulation falls by 10 kOhm an hour, and has 24 h to 100 kOhm",
            settings={"signal": "Insulation", "window": "48 h", "below": 100, "ahead": "26 h"},
            given=[
                Signals(3600.0 * hour, "Guard", {"Insulation": 420 - 10.0 * hour})
                for hour in range(9)
            ],
            expect=[
                Signals(28800.0, "Guard", {"Insulation_slope": -10.0, "Insulation_hours": 24.0}),
                alarm(
                    Event(
                        *(28800.0, "Guard", "", "raised", "warning", 340.0),
                        text="Insulation is 340, and 100 in 24 h at this rate",
                    )
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(self.signal)
        self._name = split_signal(self.signal)[1]

    def problems(self) -> Iterator[tuple[str, str]]:
        """A limit is needed."""
        if self.below is None and self.above is None:
            yield "below", 'is needed, or "above": a limit to be met.'

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """Slope and hours of each source."""
        made = []
        for info in incoming.find(self.signal):
            unit = f"{info.unit}/h" if info.unit else ""
            made.append(SignalInfo(f"{self._name}_slope", info.source, unit))
            made.append(SignalInfo(f"{self._name}_hours", info.source, "h"))
        return {"out": Catalogue(made, open=incoming.open)}

    def reads(self) -> frozenset[str]:
        """The one signal."""
        return frozenset({self.signal})

    def summary(self) -> str:
        """`Insulation to 100 within 168 h`."""
        limits = " or ".join(
            f"{limit:g}" for limit in (self.below, self.above) if limit is not None
        )
        return f"{self.signal} to {limits} within {self.ahead / 3600:g} h"

    def on_message(self, message: Signals) -> list[Signals | Sent]:
        """Add to the mean of now; look at the line whenever a mean is complete."""
        source, time, readings = message.source, message.time, self._read(message)
        if readings is None or not has_room(self._means, source, self.context):
            return []
        (value,) = readings
        means = self._means.setdefault(source, [])
        if means and time < means[-1][0]:
            means.clear()  # the clock was set back
        if means and time < means[-1][0] + self.window / _BUCKETS:
            begin, total, count, _ = means[-1]
            means[-1] = [begin, total + value, count + 1, time]
            return []
        complete = len(means) >= _FEWEST
        line = self._line(means) if complete else None
        means.append([time, value, 1, time])
        while means[0][0] <= time - self.window:
            means.pop(0)
        return self._told(source, line, time) if line else []

    def _line(self, means: list[list[float]]) -> tuple[float, float, float] | None:
        """Slope a second, and a point of the line, by least squares."""
        times = [(begin + last) / 2 for begin, _, _, last in means]
        values = [total / count for _, total, count, _ in means]
        middle, level = sum(times) / len(times), sum(values) / len(values)
        spread = sum((at - middle) ** 2 for at in times)
        if not spread:
            return None
        pairs = zip(times, values, strict=True)
        slope = sum((at - middle) * (value - level) for at, value in pairs) / spread
        return slope, middle, level

    def _told(
        self, source: str, line: tuple[float, float, float], time: float
    ) -> list[Signals | Sent]:
        slope, middle, level = line
        now = level + slope * (time - middle)
        seconds, limit = self._until(now, slope)
        hours = None if math.isinf(seconds) else round(seconds / 3600, 6)
        values = {f"{self._name}_slope": round(slope * 3600, 9), f"{self._name}_hours": hours}
        out: list[Signals | Sent] = [Signals(time, source, dict(values))]
        near = seconds <= (2 * self.ahead if source in self._raised else self.ahead)
        if near != (source in self._raised):
            (self._raised.append if near else self._raised.remove)(source)
            text = f"{self._name} is {now:.6g}"
            text += (
                f", and {limit:g} in {hours:.4g} h at this rate" if near else ", far from a limit"
            )
            state = "raised" if near else "cleared"
            event = Event(time, source, self.id, state, self.severity, round(now, 6), text)
            out.append(self.alarm(event))
        return out

    def _until(self, now: float, slope: float) -> tuple[float, float]:
        """Seconds until the nearer limit, and which one it is."""
        best = (math.inf, math.nan)
        if self.below is not None and (slope < 0 or now <= self.below):
            best = min(best, (max(0.0, (self.below - now) / slope if slope else 0.0), self.below))
        if self.above is not None and (slope > 0 or now >= self.above):
            best = min(best, (max(0.0, (self.above - now) / slope if slope else 0.0), self.above))
        return best


_FEWEST = 8
"""Means that a line needs."""
