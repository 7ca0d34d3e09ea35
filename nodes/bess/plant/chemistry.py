"""What lithium iron phosphate does: volts at rest, resistance by temperature, and how it burns.

The numbers are typical of a large prismatic cell of 100 Ah, chosen by us and not any maker's.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "burning", "open_circuit_voltage", "resistance_factor"]

Array: TypeAlias = npt.NDArray[np.float64]

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


def _with_ends(points: tuple[tuple[float, float], ...]) -> tuple[Array, Array]:
    """The curve, gone on straight at both ends: one whole charge further."""
    (x0, y0), (x1, y1) = points[:2]
    (x2, y2), (x3, y3) = points[-2:]
    first = (x0 - 1, y0 - (y1 - y0) / (x1 - x0))
    last = (x3 + 1, y3 + (y3 - y2) / (x3 - x2))
    both = np.array([first, *points, last])
    return both[:, 0].copy(), both[:, 1].copy()


_SOC, _VOLTS = _with_ends(_OCV)
_KELVIN: Final = 273.15
_REFERENCE: Final = 298.15
_ACTIVATION: Final = 2000.0
"""Kelvin: how resistance grows in the cold, about twofold from 25 C to 0 C."""
_FREQUENCY: Final = 2.5e13
_BARRIER: Final = 135_080.0 / 8.314
"""1/s and K: anode against electrolyte, as Hatchard et al. (J. Electrochem. Soc. 148, 2001, A755)
and Kim et al. (J. Power Sources 170, 2007, 476) have it; it outruns the cooling at some 130 C."""


def open_circuit_voltage(soc: Array | float) -> Array:
    """Volts at rest; linear between the points, and beyond them as between the last two."""
    volts: Array = np.interp(np.asarray(soc), _SOC, _VOLTS)
    return volts


def resistance_factor(temperature: Array) -> Array:
    """Resistance by that at 25 C; no colder than -60 C."""
    kelvin = np.maximum(temperature, -60.0) + _KELVIN
    return np.exp(_ACTIVATION / kelvin - _ACTIVATION / _REFERENCE)


def burning(temperature: Array) -> Array:
    """Part of what can burn in a cell that burns in a second, at a temperature in C."""
    return np.minimum(_FREQUENCY * np.exp(-_BARRIER / (temperature + _KELVIN)), 1.0)
