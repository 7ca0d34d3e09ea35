"""Charge counted, set right whenever the battery is full; and the capacity that this shows."""

from __future__ import annotations

from collections.abc import Iterator

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.analysis.readings import Together


@node("analysis/coulomb", icon="sigma")
class Coulomb(Transform):
    """Count charge, call it 100 % whenever the battery is full, and measure its capacity.

    Full is a highest cell at `full` volts while the current has tapered to `tail`, for `hold`.
    From there down to a lowest cell at `empty` under discharge, the charge taken out is the
    capacity, and capacity by nominal the state of health. Until the first full charge the SOC is
    None. All signals come in one message.
    """

    current: str = setting("Current, charging positive.", default="PackCurrent", signal=True)
    highest: str = setting("Highest cell voltage.", default="CellVoltageMax", signal=True)
    lowest: str = setting("Lowest cell voltage.", default="CellVoltageMin", signal=True)
    capacity: float = setting("Nominal capacity.", exclusiveMinimum=0, unit="Ah")
    full: float = setting("Voltage of a full cell while charging.", default=3.5, unit="V")
    tail: float = setting("Current that is left when full, in A.", unit="A", exclusiveMinimum=0)
    hold: Duration = setting("How long both must hold.", default=60.0)
    empty: float = setting("Voltage of an empty cell while discharging.", default=2.9, unit="V")
    longest_gap: Duration = setting(
        "Longest time between two readings that is counted.", default=10.0, exclusiveMinimum=0
    )

    out = Output("SOC_counted, SOH_measured and CapacityMeasured.", carries="signals")
    reset = Output("Full: counted anew; or empty: capacity measured.", carries="event")

    _last: list[float] | None = state(None)
    _below_full: float | None = state(None)
    _full_since: float | None = state(None)
    _usable: float | None = state(None)
    _whole: bool = state(False)

    examples = (
        Example(
            "Full after a minute of taper, then 10 Ah of 100 taken out",
            settings={"capacity": 100, "tail": 5, "longest_gap": "1 h"},
            given=[
                Signals(
                    t, "Pack", {"PackCurrent": i, "CellVoltageMax": v, "CellVoltageMin": v - 0.01}
                )
                for t, i, v in (
                    (0.0, 4.0, 3.51),
                    (60.0, 4.0, 3.51),
                    (61.0, -20.0, 3.3),
                    (1861.0, -20.0, 3.3),
                )
            ],
            expect=[
                Signals(
                    0.0,
                    "Pack",
                    {"SOC_counted": None, "SOH_measured": None, "CapacityMeasured": None},
                ),
                Signals(
                    60.0,
                    "Pack",
                    {"SOC_counted": 100.0, "SOH_measured": None, "CapacityMeasured": None},
                ),
                reset(Event(60.0, "Pack", "", "happened", "info", 100.0, "full: counted anew")),
                Signals(
                    61.0,
                    "Pack",
                    {"SOC_counted": 100.0, "SOH_measured": None, "CapacityMeasured": None},
                ),
                Signals(
                    1861.0,
                    "Pack",
                    {"SOC_counted": 90.0, "SOH_measured": None, "CapacityMeasured": None},
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(self.current, self.highest, self.lowest)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Voltages the wrong way round."""
        if self.empty >= self.full:
            yield "empty", f"must be less than full ({self.full:g} V), not {self.empty:g} V."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """What is counted and measured."""
        units = {"SOC_counted": "%", "SOH_measured": "%", "CapacityMeasured": "Ah"}
        sources = sorted({info.source for info in incoming.find(self.current)})
        infos = (SignalInfo(n, source, unit) for source in sources for n, unit in units.items())
        return {"out": Catalogue(infos, open=incoming.open)}

    def reads(self) -> frozenset[str]:
        """Current and cell voltages."""
        return frozenset((self.current, self.highest, self.lowest))

    def summary(self) -> str:
        """`100 Ah, full at 3.5 V and 5 A`."""
        return f"{self.capacity:g} Ah, full at {self.full:g} V and {self.tail:g} A"

    def on_message(self, message: Signals) -> list[Signals | Sent]:
        """Count one message that has all three."""
        if (readings := self._read(message)) is None:
            return []
        current, highest, lowest = readings
        self._count(message.time, current)
        events = [
            *self._filled(message, current, highest),
            *self._emptied(message, current, lowest),
        ]
        usable = self._usable or self.capacity
        soc = (
            None if self._below_full is None else min(max(1 - self._below_full / usable, 0.0), 1.0)
        )
        values: dict[str, Value] = {
            "SOC_counted": None if soc is None else round(soc * 100, 1),
            "SOH_measured": self._usable and round(self._usable / self.capacity * 100, 1),
            "CapacityMeasured": self._usable and round(self._usable, 2),
        }
        return [Signals(message.time, message.source, values), *events]

    def _count(self, time: float, current: float) -> None:
        """Take the charge since the last reading off what is below full."""
        last, self._last = self._last, [time, current]
        if last is None or self._below_full is None:
            return
        seconds = time - last[0]
        if not 0 <= seconds <= self.longest_gap:
            self.context.drop("gap not counted", 1)
            self._whole = False
            return
        # The current holds until the next one is known: a step belongs to its beginning.
        self._below_full = max(self._below_full - last[1] * seconds / 3600, 0.0)

    def _filled(self, message: Signals, current: float, highest: float) -> Iterator[Sent]:
        if highest < self.full or not 0 <= current <= self.tail:
            self._full_since = None
            return
        if self._full_since is None or message.time < self._full_since:
            self._full_since = message.time
        if message.time - self._full_since >= self.hold:
            told = self._below_full == 0.0
            self._below_full, self._whole = 0.0, True
            if not told:
                yield self._event(message, 100.0, "full: counted anew")

    def _emptied(self, message: Signals, current: float, lowest: float) -> Iterator[Sent]:
        if current >= 0 or lowest > self.empty or not self._whole or not self._below_full:
            return
        self._usable, self._whole = self._below_full, False
        yield self._event(message, self._usable, f"empty: capacity is {self._usable:.4g} Ah")

    def _event(self, message: Signals, value: float, text: str) -> Sent:
        return self.reset(
            Event(message.time, message.source, self.id, "happened", "info", value, text)
        )
