"""Internal resistance, from the steps of the current."""

from __future__ import annotations

from statistics import median

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
    state,
)
from nodes.analysis.siblings import MOST, number


@node("analysis/resistance", icon="function-square")
class Resistance(Transform):
    """Measure internal resistance by what the voltage does when the current steps.

    A step is two messages in a row, no longer than `within` apart, whose currents differ by
    `step` or more; what is told is the median of the last `steps`, with each new one.
    """

    voltage: str = setting("Voltage.", default="PackVoltage", signal=True)
    current: str = setting("Current, charging positive.", default="PackCurrent", signal=True)
    step: float = setting("Least change of current.", exclusiveMinimum=0, unit="A")
    within: Duration = setting("Longest time of a step.", default=2.0, exclusiveMinimum=0)
    steps: int = setting("Steps that the median is of.", default=9, minimum=1, maximum=999)

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
    )

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The resistance of each source."""
        sources = sorted({info.source for info in incoming.find(self.current)})
        infos = (SignalInfo("InternalResistance", source, "ohm") for source in sources)
        return Catalogue(infos, open=incoming.open)

    def reads(self) -> frozenset[str]:
        """Voltage and current."""
        return frozenset((self.voltage, self.current))

    def summary(self) -> str:
        """`steps of 20 A`."""
        return f"steps of {self.step:g} A"

    def on_message(self, message: Signals) -> Signals | None:
        """Compare with the message before."""
        volts = number(message.values.get(self.voltage.rpartition(".")[2]))
        amperes = number(message.values.get(self.current.rpartition(".")[2]))
        source, time = message.source, message.time
        if volts is None or amperes is None or time != time:
            return None
        if source not in self._last and len(self._last) >= MOST:
            self.context.drop("too many sources", 1)
            return None
        last = self._last.get(source)
        self._last[source] = [time, volts, amperes]
        if last is None or not 0 <= time - last[0] <= self.within:
            return None
        change = amperes - last[2]
        if abs(change) < self.step:
            return None
        found = [*self._found.get(source, []), (volts - last[1]) / change][-self.steps :]
        self._found[source] = found
        return Signals(time, source, {"InternalResistance": round(median(found), 9)})
