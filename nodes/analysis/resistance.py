"""Internal resistance, from the steps of the current; and the health that it shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median

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

_KELVIN = 273.15
_REFERENCE = 298.15


@node("analysis/resistance", icon="function-square")
class Resistance(Transform):
    """Measure internal resistance by what the voltage does when the current steps.

    A step is two messages in a row, no longer than `within` apart, whose currents differ by
    `step` or more; what is told is the median of the last `steps`, with each new one. With the
    resistance when `new`, it is health too: 100 % when new, 0 % at `worn` times as much. A
    resistance doubles from 25 C to 0 C: name a `temperature`, and what is told is that at 25 C.
    """

    voltage: str = setting("Voltage.", default="PackVoltage", signal=True)
    current: str = setting("Current, charging positive.", default="PackCurrent", signal=True)
    step: float = setting("Least change of current.", exclusiveMinimum=0, unit="A")
    within: Duration = setting("Longest time of a step.", default=2.0, exclusiveMinimum=0)
    steps: int = setting("Steps that the median is of.", default=9, minimum=1, maximum=999)
    temperature: str | None = setting(
        "Temperature, in the same message; left out, it is told as it is.",
        default=None,
        signal=True,
    )
    activation: float = setting(
        "How it falls with warmth: the exponent of an Arrhenius law, typical of LFP.",
        default=2000.0,
        minimum=0,
        unit="K",
        advanced=True,
    )
    new: float | None = setting(
        "Resistance when new, at 25 C; left out, no health is told.",
        default=None,
        exclusiveMinimum=0,
        unit="ohm",
    )
    worn: float = setting(
        "At how many times that it is at its end.", default=2.0, exclusiveMinimum=1, advanced=True
    )

    _last: dict[str, list[float]] = state(factory=dict)
    _found: dict[str, list[float]] = state(factory=dict)

    examples = (
        Example(
            "50 A more are 1 V more: 20 mohm",
            settings={"step": 20},
            given=[
                Signals(0.0, "Pack", {"PackVoltage": 50.0, "PackCurrent": 0.0}),
                Signals(1.0, "Pack", {"PackVoltage": 51.0, "PackCurrent": 50.0}),
            ],
            expect=[Signals(1.0, "Pack", {"InternalResistance": 0.02})],
        ),
        Example(
            "20 mohm of a pack that had 16 when new, and is at its end with 32",
            settings={"step": 20, "new": 0.016},
            given=[
                Signals(0.0, "Pack", {"PackVoltage": 50.0, "PackCurrent": 0.0}),
                Signals(1.0, "Pack", {"PackVoltage": 51.0, "PackCurrent": 50.0}),
            ],
            expect=[Signals(1.0, "Pack", {"InternalResistance": 0.02, "SOH_resistance": 75.0})],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(self.voltage, self.current)
        self._warmth = Together(self.temperature) if self.temperature else None

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """Resistance and health of each source."""
        sources = sorted({info.source for info in incoming.find(self.current)})
        infos = [SignalInfo("InternalResistance", source, "ohm") for source in sources]
        if self.new is not None:
            infos += [SignalInfo("SOH_resistance", source, "%") for source in sources]
        return Catalogue(infos, open=incoming.open)

    def reads(self) -> frozenset[str]:
        """Voltage, current and temperature."""
        named = (self.voltage, self.current, self.temperature)
        return frozenset(name for name in named if name)

    def summary(self) -> str:
        """`steps of 20 A`."""
        return f"steps of {self.step:g} A"

    def on_message(self, message: Signals) -> Iterator[Signals]:
        """Compare with the message before."""
        source, time, readings = message.source, message.time, self._read(message)
        if readings is None or not has_room(self._last, source, self.context):
            return
        last = self._last.get(source)
        self._last[source] = [time, *readings]
        if last is None or not 0 <= time - last[0] <= self.within:
            return
        change = readings[1] - last[2]
        factor = self._factor(message)
        if abs(change) < self.step or factor is None:
            return
        ohm = (readings[0] - last[1]) / change / factor
        self._found[source] = [*self._found.get(source, []), ohm][-self.steps :]
        yield Signals(time, source, self._told(median(self._found[source])))

    def _factor(self, message: Signals) -> float | None:
        """Resistance now by that at 25 C; None where the temperature is not there."""
        if self._warmth is None:
            return 1.0
        if (readings := self._warmth(message)) is None:
            self.context.drop("step without a temperature", 1)
            return None
        kelvin = max(readings[0], -60.0) + _KELVIN
        return math.exp(self.activation * (1 / kelvin - 1 / _REFERENCE))

    def _told(self, ohm: float) -> dict[str, Value]:
        told: dict[str, Value] = {"InternalResistance": round(ohm, 9)}
        if self.new is not None:
            left = (self.worn - ohm / self.new) / (self.worn - 1)
            told["SOH_resistance"] = round(min(max(left, 0.0), 1.0) * 100, 1)
        return told
