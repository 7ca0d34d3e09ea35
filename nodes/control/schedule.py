"""Peak shaving and valley filling, by the meter and by the hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    Output,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
)
from nodes.control.beat import Beat
from nodes.control.readings import Readings
from nodes.control.timetable import Hours, power_at


@node("control/schedule", icon="timer")
class Schedule(Transform):
    """Ask for a power: hold the import below `peak` and above `valley`, else as the hours say.

    The load is what the meter says without the storage's own power. Charging is positive. Without
    a fresh SOC the request is 0 kW; without a fresh meter only the hours count. What it asks for
    still has to be held within the battery's limits: put a control/setpoint behind.
    """

    hours: list[Hours] = setting(
        "Power by the time of day; the first that holds counts.", default=list
    )
    timezone: str = setting("Time zone of the hours, such as Europe/Berlin.", default="UTC")
    grid: str | None = setting(
        "Power taken from the grid at the connection, in kW.", default=None, signal=True
    )
    own: str | None = setting(
        "Power of the storage itself, in kW, charging positive; zero where left out.",
        default=None,
        signal=True,
    )
    peak: float | None = setting(
        "Discharge to keep the import below this.", default=None, unit="kW"
    )
    valley: float | None = setting(
        "Charge to bring the import up to this.", default=None, unit="kW"
    )
    power: float = setting("Most that is asked for, either way.", exclusiveMinimum=0, unit="kW")
    soc: str = setting("State of charge, in percent.", default="SOC", signal=True)
    low: float = setting("Discharge down to this.", default=10, minimum=0, maximum=100, unit="%")
    high: float = setting("Charge up to this.", default=95, minimum=0, maximum=100, unit="%")
    stale_after: Duration | None = setting(
        "Age at which a reading counts no more; three declared cycles where left out.",
        default=None,
    )
    every: Duration = setting("How often it asks.", default=1.0, minimum=0.02)
    source: str = setting("Source of the request; the node's id where empty.", default="")

    out = Output("Power in kW, charging positive.", carries="signals")

    examples = (
        Example(
            "An import of 130 kW is held at 100 kW, one of 20 kW brought up to 40 kW",
            settings={
                "grid": "Import",
                "peak": 100,
                "valley": 40,
                "power": 50,
                "stale_after": "10 s",
                "source": "shaving",
            },
            given=[
                Signals(0.1, "bms", {"SOC": 60}),
                Signals(0.2, "meter", {"Import": 130.0}),
                Signals(1.2, "meter", {"Import": 20.0}),
                Signals(2.2, "meter", {"Import": 70.0}),
            ],
            expect=[
                Signals(1.0, "shaving", {"Power": -30.0}),
                Signals(2.0, "shaving", {"Power": 20.0}),
                Signals(3.0, "shaving", {"Power": 0.0}),
            ],
            until=3.5,
        ),
    )

    def __post_init__(self) -> None:
        self._soc = Readings([self.soc], self.stale_after)
        meters = [name for name in (self.grid, self.own) if name]
        self._meter = Readings(meters, self.stale_after)
        self._beat = Beat(self, self.every, self._tell)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """A zone that is none, limits that contradict, readings without a time."""
        if self._zone() is None:
            yield "timezone", f'"{self.timezone}" is no time zone. Write one like Europe/Berlin.'
        if self.low >= self.high:
            yield "low", f"must be less than high ({self.high:g} %), not {self.low:g} %."
        if (self.peak is not None or self.valley is not None) and not self.grid:
            yield "grid", "is needed for peak and valley. Name the meter's signal."
        if self.peak is not None and self.valley is not None and self.valley > self.peak:
            yield "valley", f"must not be more than peak ({self.peak:g} kW)."
        if timeless := [*self._soc.timeless(), *self._meter.timeless()]:
            yield "stale_after", f"is needed, as no cycle is declared for {', '.join(timeless)}."

    def _zone(self) -> ZoneInfo | None:
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """The power asked for."""
        self._soc.declare(incoming)
        self._meter.declare(incoming)
        info = SignalInfo("Power", self._source, "kW", -self.power, self.power, cycle=self.every)
        return {"out": Catalogue([info])}

    def reads(self) -> frozenset[str]:
        """SOC and meter."""
        return frozenset([*self._soc, *self._meter])

    def summary(self) -> str:
        """`peak 100 kW, valley 40 kW, 2 times of day`."""
        parts = [f"peak {self.peak:g} kW"] if self.peak is not None else []
        parts += [f"valley {self.valley:g} kW"] if self.valley is not None else []
        parts += [f"{len(self.hours)} times of day"] if self.hours else []
        return ", ".join(parts)

    @property
    def _source(self) -> str:
        return self.source or self.id

    # --- its life

    async def start(self) -> None:
        """Ask at each beat."""
        self._beat.begin()

    async def stop(self) -> None:
        """Ask no more; the request lapses where it is used."""
        self._beat.cancel()

    def on_message(self, message: Signals) -> None:
        """Note readings; the beat asks."""
        self._beat.begin()
        now = self.clock.now()
        self._soc.take(message, now)
        self._meter.take(message, now)

    def _tell(self, beat: bool) -> None:
        if beat:
            now = self.clock.now()
            self.context.send(Signals(now, self._source, {"Power": self._wanted(now)}))

    def _wanted(self, now: float) -> float:
        soc = self._soc.fresh(self.soc, now)
        if soc is None:
            return 0.0
        wanted = max(-self.power, min(self.power, self._shaved(now)))
        if (wanted > 0 and max(soc) >= self.high) or (wanted < 0 and min(soc) <= self.low):
            return 0.0
        return wanted

    def _shaved(self, now: float) -> float:
        """By the hours, but as far as the meter allows it, and against peaks first of all."""
        planned = power_at(self.hours, datetime.fromtimestamp(now, self._zone()))
        load = self._load(now)
        if load is None:
            return planned
        if self.peak is not None:
            planned = min(planned, self.peak - load)
        if self.valley is not None and load < self.valley:
            planned = max(planned, self.valley - load)
        return planned

    def _load(self, now: float) -> float | None:
        """What the site takes without the storage."""
        grid = self._meter.fresh(self.grid, now) if self.grid else None
        own = self._meter.fresh(self.own, now) if self.own else [0.0]
        return sum(grid) - sum(own) if grid and own else None

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """The readings."""
        return {"soc": self._soc.saved(), "meter": self._meter.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; how old the readings are decides whether they count."""
        self._soc.take_up(saved.get("soc", {}))
        self._meter.take_up(saved.get("meter", {}))
        if any(saved.values()):
            self._beat.begin()
