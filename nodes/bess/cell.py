"""One lithium iron phosphate cell: open-circuit voltage, resistance, polarisation, heat.

A first-order equivalent circuit: open-circuit voltage, an ohmic resistance, one RC pair. The
numbers are typical of a large prismatic cell, chosen by us and not any maker's.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

__all__ = ["Cell", "open_circuit_voltage"]

_OCV: Final = (
    (0.00, 2.600),
    (0.02, 2.950),
    (0.05, 3.130),
    (0.10, 3.205),
    (0.20, 3.250),
    (0.30, 3.282),
    (0.40, 3.292),
    (0.50, 3.298),
    (0.60, 3.308),
    (0.70, 3.330),
    (0.80, 3.334),
    (0.90, 3.340),
    (0.95, 3.352),
    (0.98, 3.385),
    (1.00, 3.460),
)
"""State of charge (0 to 1) and open-circuit voltage at 25 C; the flat middle is LFP's mark."""
_POINTS: Final = tuple(point for point, _ in _OCV)
_REFERENCE: Final = 298.15
_ACTIVATION: Final = 2000.0
"""Kelvin: how resistance grows in the cold, about twofold from 25 C to 0 C."""
_EFFICIENCY: Final = 0.998
"""Part of the charge put in that can be taken out."""
_KELVIN: Final = 273.15


def open_circuit_voltage(soc: float) -> float:
    """Volts at rest; linear between the points, and beyond them as between the last two."""
    index = min(max(bisect_right(_POINTS, soc), 1), len(_OCV) - 1)
    (low, below), (high, above) = _OCV[index - 1], _OCV[index]
    return below + (above - below) * (soc - low) / (high - low)


@dataclass(slots=True)
class Cell:
    """A cell and its state. Charging current is positive.

    `capacity` Ah, `resistance` ohm at 25 C, `soc` 0 to 1, `temperature` C, `polarisation` V,
    `leak` A taken by a short inside, `heating` W added by a fault.
    """

    capacity: float = 100.0
    resistance: float = 0.0012
    soc: float = 0.5
    temperature: float = 25.0
    polarisation: float = 0.0
    leak: float = 0.0
    heating: float = 0.0

    heat_capacity: float = 1900.0
    """J/K: about 2 kg of cell."""
    cooling: float = 0.35
    """W/K to the surroundings."""

    def ohmic(self) -> float:
        """Ohmic resistance at the cell's temperature."""
        kelvin = max(self.temperature, -60.0) + _KELVIN
        return self.resistance * math.exp(_ACTIVATION * (1 / kelvin - 1 / _REFERENCE))

    def inner_voltage(self) -> float:
        """The voltage behind the ohmic resistance."""
        return open_circuit_voltage(self.soc) + self.polarisation

    def voltage(self, current: float) -> float:
        """Terminal volts at a current."""
        return self.inner_voltage() + current * self.ohmic()

    def step(self, current: float, seconds: float, ambient: float) -> None:
        """Let a current flow for a while."""
        net = current - self.leak
        stored = net * _EFFICIENCY if net > 0 else net
        self.soc += stored * seconds / 3600 / self.capacity
        ohmic = self.ohmic()
        self._polarise(net, ohmic, seconds)
        loss = net * net * ohmic + abs(self.polarisation * net) + self.heating
        rate = self.cooling / self.heat_capacity
        settled = ambient + loss / self.cooling
        self.temperature = settled + (self.temperature - settled) * math.exp(-rate * seconds)

    def _polarise(self, current: float, ohmic: float, seconds: float) -> None:
        """The RC pair: half the ohmic resistance, with a time constant of 60 s."""
        fade = math.exp(-seconds / 60.0)
        self.polarisation = self.polarisation * fade + current * 0.5 * ohmic * (1 - fade)
