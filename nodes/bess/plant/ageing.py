"""How cells lose capacity and gain resistance, by the calendar and by use.

The laws and numbers are those published for a commercial LiFePO4/graphite cell by Naumann et al.:
calendar, J. Energy Storage 17 (2018) 153; cycles, J. Power Sources 451 (2020) 227666. Loss grows
with the root of time and of cycles, resistance in a straight line. Depth of discharge is taken as
the whole range, and what a cell has lost says how far along its root it is, so that weather and
load may change on the way.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nodes.bess.plant.chemistry import Array

__all__ = ["aged"]

_KELVIN: Final = 273.15
_REFERENCE: Final = 298.15
_GAS: Final = 8.3144598
"""J/(mol K)"""
_CALENDAR: Final = 1.2571e-5
"""Part of the capacity a root of a second, at 25 C and the factor 1 of charge."""
_CALENDAR_BARRIER: Final = 17_126.0 / _GAS
_CALENDAR_RESISTANCE: Final = 3.4194e-10
"""Part of the resistance a second."""
_RESISTANCE_BARRIER: Final = 71_827.0 / _GAS
_DEPTH: Final = 4.0253 * (1.0 - 0.6) ** 3 + 1.0923
_DEPTH_RESISTANCE: Final = 6.8477 * (1.0 - 0.5) ** 3 + 0.9182


def aged(
    lost: tuple[Array, Array], soc: Array, temperature: Array, rate: Array, seconds: float
) -> tuple[Array, Array, Array]:
    """Capacity lost by calendar and by use, and resistance gained, all as parts.

    `lost` is what was lost so by now, `rate` the mean current by the capacity (1/h), in `seconds`.
    """
    calendar, cyclic = lost
    kelvin = 1 / (temperature + _KELVIN) - 1 / _REFERENCE
    slope = _CALENDAR * np.exp(-_CALENDAR_BARRIER * kelvin) * _by_charge(soc)
    calendar = np.sqrt(calendar**2 + slope**2 * seconds)
    cycles = rate * seconds / 3600 / 2
    steep = (0.0630 * rate + 0.0971) * _DEPTH / 100
    cyclic = np.sqrt(cyclic**2 + steep**2 * cycles)
    still = _CALENDAR_RESISTANCE * np.exp(-_RESISTANCE_BARRIER * kelvin) * seconds
    used = np.maximum(-0.0020 * rate + 0.0021, 0.0) * _DEPTH_RESISTANCE / 100 * cycles
    return calendar, cyclic, still * (1.5604 - 3.3903 * (soc - 0.5) ** 2) + used


def _by_charge(soc: Array) -> Array:
    return np.maximum(2.8575 * (soc - 0.5) ** 3 + 0.60225, 0.0)
