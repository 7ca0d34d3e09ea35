"""Energy, charge and cycles, counted for good."""

from __future__ import annotations

from collections.abc import Iterator

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.analysis.readings import Together, has_room

_UNITS = {
    "EnergyCharged": "kWh",
    "EnergyDischarged": "kWh",
    "ChargeIn": "Ah",
    "ChargeOut": "Ah",
    "FullCycles": "",
}


@node("analysis/energy", icon="sigma")
class Energy(Transform):
    """Count energy, charge and equivalent full cycles by source; a restart goes on counting.

    Voltage and current of one message are joined by straight lines, charging and discharging
    apart. What lies in a gap longer than `longest_gap` is not known and not counted: the gap is.
    """

    voltage: str = setting("Voltage in V.", default="PackVoltage", signal=True)
    current: str = setting("Current in A, charging positive.", default="PackCurrent", signal=True)
    capacity: float = setting("Capacity in Ah, for full cycles.", exclusiveMinimum=0, unit="Ah")
    every: Duration = setting("How often the counters are told.", default=60.0)
    longest_gap: Duration = setting(
        "Longest time between two readings that is counted.", default=10.0, exclusiveMinimum=0
    )

    _counted: dict[str, dict[str, float]] = state(factory=dict)
    _last: dict[str, list[float]] = state(factory=dict)
    _told: dict[str, float] = state(factory=dict)

    examples = (
        Example(
            "360 s with 50 A at 50 V in, from a battery of 100 Ah",
            settings={"capacity": 100, "every": "360 s", "longest_gap": "400 s"},
            given=[
                Signals(0.0, "Measure", {"PackVoltage": 50.0, "PackCurrent": 50.0}),
                Signals(360.0, "Measure", {"PackVoltage": 50.0, "PackCurrent": 50.0}),
            ],
            expect=[
                Signals(
                    *(360.0, "Measure"),
                    values={
                        "EnergyCharged": 0.25,
                        "EnergyDischarged": 0.0,
                        "ChargeIn": 5.0,
                        "ChargeOut": 0.0,
                        "FullCycles": 0.025,
                    },
                )
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(self.voltage, self.current)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A beat of nothing."""
        if self.every <= 0:
            yield "every", "must be more than 0 s."

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The counters of each source that has a current."""
        return Catalogue(
            (
                SignalInfo(name, info.source, unit, cycle=self.every)
                for info in incoming.find(self.current)
                for name, unit in _UNITS.items()
            ),
            open=incoming.open,
        )

    def reads(self) -> frozenset[str]:
        """Voltage and current."""
        return frozenset((self.voltage, self.current))

    def summary(self) -> str:
        """`100 Ah, each 60 s`."""
        return f"{self.capacity:g} Ah, each {self.every:g} s"

    def on_message(self, message: Signals) -> Signals | None:
        """Count on from the reading before."""
        source, readings = message.source, self._read(message)
        if readings is None or not has_room(self._last, source, self.context):
            return None
        counted = self._counted.setdefault(source, dict.fromkeys(_UNITS, 0.0))
        if source in self._last:
            self._count(counted, self._last[source], [message.time, *readings])
        self._last[source] = [message.time, *readings]
        return self._tell(source, message.time)

    def _count(self, counted: dict[str, float], last: list[float], now: list[float]) -> None:
        seconds = now[0] - last[0]
        if not 0 <= seconds <= self.longest_gap:
            self.context.drop("gap not counted", 1)
            return
        hours = seconds / 3600
        charged, discharged = _areas(last[2], now[2], hours)
        energies = _areas(last[1] * last[2] / 1000, now[1] * now[2] / 1000, hours)
        counted["ChargeIn"] += charged
        counted["ChargeOut"] += discharged
        counted["EnergyCharged"] += energies[0]
        counted["EnergyDischarged"] += energies[1]
        counted["FullCycles"] += (charged + discharged) / 2 / self.capacity

    def _tell(self, source: str, time: float) -> Signals | None:
        told = self._told.setdefault(source, time)
        if 0 <= time - told < self.every:
            return None
        self._told[source] = time
        values: dict[str, Value] = {n: round(v, 9) for n, v in self._counted[source].items()}
        return Signals(time, source, values)


def _areas(first: float, last: float, hours: float) -> tuple[float, float]:
    """The areas over and under zero of a straight line, both positive."""
    if first * last >= 0:
        area = (first + last) / 2 * hours
        return max(area, 0.0), max(-area, 0.0)
    crossing = hours * first / (first - last)
    parts = (first * crossing / 2, last * (hours - crossing) / 2)
    return max(parts), -min(parts)
