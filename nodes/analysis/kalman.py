"""State of charge by an extended Kalman filter, with its uncertainty."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

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
from nodes.analysis.readings import Together, has_room

_LFP = (
    [0, 2.60], [2, 2.95], [5, 3.13], [10, 3.205], [20, 3.25], [30, 3.282], [40, 3.292],
    [50, 3.298], [60, 3.308], [70, 3.33], [80, 3.334], [90, 3.34], [95, 3.352], [98, 3.385],
    [100, 3.46],
)  # fmt: skip
"""Percent and volts at rest of a lithium iron phosphate cell, typical."""


@node("analysis/kalman", icon="function-square")
class Kalman(Transform):
    """Estimate the state of charge from current and voltage, by an extended Kalman filter.

    The cell is its open-circuit curve, a resistance and one RC pair. Where the curve is flat the
    estimate lives on counted charge and its uncertainty grows; where it is steep, voltage corrects
    it. Voltage and current come in one message; charging is positive.
    """

    voltage: str = setting("Voltage.", default="PackVoltage", signal=True)
    current: str = setting("Current, charging positive.", default="PackCurrent", signal=True)
    cells: int = setting("Cells in series that the voltage is of.", default=1, minimum=1)
    capacity: float = setting("Capacity.", exclusiveMinimum=0, unit="Ah")
    resistance: float = setting("Ohmic resistance of a cell.", exclusiveMinimum=0, unit="ohm")
    polarisation: float = setting("Resistance of its RC pair.", default=0.0, minimum=0, unit="ohm")
    time_constant: Duration = setting("Time constant of its RC pair.", default=60.0, minimum=1)
    curve: list[list[float]] = setting(
        "Percent and volts at rest, growing; a typical LFP cell where left out.",
        default=lambda: [list(point) for point in _LFP],
        minItems=2,
    )
    sensor: float = setting(
        "Error of the voltage, model's error included.", default=0.01, exclusiveMinimum=0, unit="V"
    )
    offset: float = setting(
        "Error of the current that lasts, as a part of the capacity an hour.",
        default=0.005,
        exclusiveMinimum=0,
        advanced=True,
    )

    _states: dict[str, list[float]] = state(factory=dict)

    examples = (
        Example(
            "A cell at rest, on the steep part of its curve",
            settings={"capacity": 100, "resistance": 0.001, "curve": [[0, 3.0], [100, 4.0]]},
            given=[Signals(0.0, "Cell", {"PackVoltage": 3.5, "PackCurrent": 0.0})],
            expect=[Signals(0.0, "Cell", {"SOC_estimate": 50.0, "SOC_sigma": 1.0})],
        ),
    )

    def __post_init__(self) -> None:
        self._read = Together(self.voltage, self.current)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A curve that does not grow."""
        if any(len(point) != 2 for point in self.curve):
            yield "curve", "each point must be [percent, volts]."
        elif any(b[0] <= a[0] or b[1] <= a[1] for a, b in pairwise(self.curve)):
            yield "curve", "percent and volts must both grow from point to point."

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """Estimate and one sigma, in percent."""
        sources = {info.source for info in incoming.find(self.current)}
        names = ("SOC_estimate", "SOC_sigma")
        infos = (SignalInfo(name, source, "%") for source in sorted(sources) for name in names)
        return Catalogue(infos, open=incoming.open)

    def reads(self) -> frozenset[str]:
        """Voltage and current."""
        return frozenset((self.voltage, self.current))

    def summary(self) -> str:
        """`100 Ah, 1 mohm`."""
        return f"{self.capacity:g} Ah, {self.resistance * 1000:g} mohm"

    def on_message(self, message: Signals) -> Signals | None:
        """Predict by the current, correct by the voltage."""
        readings = self._read(message)
        if readings is None or not has_room(self._states, message.source, self.context):
            return None
        volts, amperes = readings[0] / self.cells, readings[1]
        kept = self._states.get(message.source)
        kept = (
            self._begun(volts, amperes)
            if kept is None
            else self._step(kept, message.time, volts, amperes)
        )
        self._states[message.source] = [message.time, amperes, *kept[2:]]
        soc, sigma = kept[2] * 100, math.sqrt(kept[4]) * 100
        values = {"SOC_estimate": round(soc, 3), "SOC_sigma": round(sigma, 3)}
        return Signals(message.time, message.source, dict(values))

    # --- the filter: [time, current, soc, polarisation, and the covariance's three numbers]

    def _begun(self, volts: float, amperes: float) -> list[float]:
        """What the voltage alone says, and how little that is where the curve is flat."""
        soc = self._inverse(volts - amperes * self.resistance)
        slope = self._ocv(soc)[1]
        return [0.0, 0.0, soc, 0.0, min((self.sensor / slope) ** 2, 0.25), 0.0, 1e-6]

    def _step(self, kept: list[float], time: float, volts: float, amperes: float) -> list[float]:
        before, _, soc, rc, p00, p01, p11 = kept
        hours = max(time - before, 0.0) / 3600
        fade = math.exp(-hours * 3600 / self.time_constant)
        soc += amperes * hours / self.capacity
        rc = rc * fade + amperes * self.polarisation * (1 - fade)
        # An offset lasts, so its error grows with time and not with its root.
        drift = self.offset * hours
        p00 += drift * drift + 2 * drift * math.sqrt(p00)
        p01 *= fade
        p11 = p11 * fade * fade + (1 - fade * fade) * 1e-6
        ocv, slope = self._ocv(soc)
        error = volts - (ocv + rc + amperes * self.resistance)
        spread = slope * slope * p00 + 2 * slope * p01 + p11 + self.sensor**2
        gain0, gain1 = (slope * p00 + p01) / spread, (slope * p01 + p11) / spread
        soc = min(max(soc + gain0 * error, 0.0), 1.0)
        left = [p00 - gain0 * (slope * p00 + p01), p01 - gain0 * (slope * p01 + p11)]
        return [time, amperes, soc, rc + gain1 * error, *left, p11 - gain1 * (slope * p01 + p11)]

    def _ocv(self, soc: float) -> tuple[float, float]:
        """Volts at rest, and volts for the whole of the charge at this slope."""
        index = bisect_right(self.curve, soc * 100, key=lambda point: point[0])
        (low, below), (high, above) = self.curve[_between(index, self.curve)]
        slope = (above - below) / (high - low) * 100
        return below + slope * (soc - low / 100), slope

    def _inverse(self, volts: float) -> float:
        """The charge with these volts at rest, within 0 and 1."""
        index = bisect_right(self.curve, volts, key=lambda point: point[1])
        (low, below), (high, above) = self.curve[_between(index, self.curve)]
        return min(max((low + (high - low) * (volts - below) / (above - below)) / 100, 0.0), 1.0)


def _between(index: int, points: list[list[float]]) -> slice:
    """The two points around a place in the list."""
    last = min(max(index, 1), len(points) - 1)
    return slice(last - 1, last + 1)
