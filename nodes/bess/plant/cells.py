"""Many lithium iron phosphate cells at once: charge, polarisation, heat, age.

A first-order equivalent circuit: open-circuit voltage, an ohmic resistance, one RC pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from nodes.bess.plant.ageing import aged
from nodes.bess.plant.chemistry import Array, burning, open_circuit_voltage, resistance_factor

__all__ = ["Cells"]

_EFFICIENCY: Final = 0.998
"""Part of the charge put in that can be taken out."""
_HEAT_CAPACITY: Final = 1900.0
"""J/K: about 2 kg of cell."""
_COOLING: Final = 0.35
"""W/K to the surroundings."""
_CONTACT: Final = 0.1
"""W/K to each neighbour in the module, through a sheet of insulation."""
_TIME_CONSTANT: Final = 60.0
"""Seconds of the RC pair; its resistance is half the ohmic one."""
_BURNS: Final = 700_000.0
"""J in a cell that can burn, some 350 J/g."""
_HOT: Final = 70.0
"""C below which nothing burns that could be seen."""
_AGES_EVERY: Final = 600.0


class Cells:
    """Cells in rows: a row is a module, whose cells are in series. Charging current is positive.

    Arrays of rows by columns: `capacity` Ah when new, `resistance` ohm when new and at 25 C, `soc`
    0 to 1 of what is usable, `temperature` C, `polarisation` V, `leak` A by a short inside,
    `heating` W by a fault, `fuel` 1 to 0 (what has not burnt), `calendar` and `cyclic` (parts of
    the capacity lost), `growth` (part of the resistance gained), `used` (Ah through it since it
    was aged last). `ageing` is how many times as fast as life they age.
    """

    FIELDS: Final = (
        "capacity", "resistance", "soc", "temperature", "polarisation", "leak", "heating",
        "fuel", "calendar", "cyclic", "growth", "used",
    )  # fmt: skip

    def __init__(
        self,
        rows: int = 1,
        columns: int = 1,
        *,
        capacity: float = 100.0,
        resistance: float = 0.0012,
        soc: float = 0.5,
        temperature: float = 25.0,
    ) -> None:
        shape = (rows, columns)
        self.capacity = np.full(shape, capacity)
        self.resistance = np.full(shape, resistance)
        self.soc = np.full(shape, soc)
        self.temperature = np.full(shape, temperature)
        self.fuel = np.ones(shape)
        self.polarisation, self.leak, self.heating = (np.zeros(shape) for _ in range(3))
        self.calendar, self.cyclic, self.growth = (np.zeros(shape) for _ in range(3))
        self.used = np.zeros(shape)
        self.ageing = 1.0
        self.unaged = 0.0

    # --- what they are now

    def health(self) -> Array:
        """Usable capacity by that when new."""
        return 1 - self.calendar - self.cyclic

    def ohmic(self) -> Array:
        """Ohmic resistance at the cells' temperature and age."""
        return self.resistance * (1 + self.growth) * resistance_factor(self.temperature)

    def inner_voltage(self) -> Array:
        """The voltage behind the ohmic resistance; none is left in a cell that has burnt."""
        return (open_circuit_voltage(self.soc) + self.polarisation) * self.fuel

    def voltage(self, current: Array | float) -> Array:
        """Terminal volts at a current, one of each row or one for all."""
        return self.inner_voltage() + _of_rows(current) * self.ohmic()

    # --- what happens to them

    def step(
        self, current: Array | float, seconds: float, ambient: float, ohmic: Array | None = None
    ) -> None:
        """Let the current of each row flow for a while; `ohmic` is what `ohmic()` gives now."""
        net = _of_rows(current) - self.leak
        usable = self.capacity * self.health()
        stored = np.where(net > 0, net * _EFFICIENCY, net)
        self.soc += stored * (seconds / 3600) / usable
        ohmic = self.ohmic() if ohmic is None else ohmic
        loss = net * net * ohmic + np.abs(self.polarisation * net) + self.heating
        if self.leak.any():
            loss += self.leak * self.inner_voltage()
        fade = np.exp(-seconds / _TIME_CONSTANT)
        self.polarisation = self.polarisation * fade + net * ohmic * (0.5 * (1 - fade))
        self._warm(loss, seconds, ambient)
        self.used += np.abs(net) * (seconds / 3600)
        self.unaged += seconds
        if self.unaged >= _AGES_EVERY:
            self._age()

    def _warm(self, loss: Array, seconds: float, ambient: float) -> None:
        between = (self.temperature[:, 1:] - self.temperature[:, :-1]) * _CONTACT
        loss[:, :-1] += between
        loss[:, 1:] -= between
        fade = np.exp(-_COOLING / _HEAT_CAPACITY * seconds)
        settled = ambient + loss / _COOLING
        self.temperature = settled + (self.temperature - settled) * fade
        if self.temperature.max() > _HOT:
            burnt = self.fuel * (1 - np.exp(-burning(self.temperature) * seconds))
            self.fuel -= burnt
            self.temperature += burnt * (_BURNS / _HEAT_CAPACITY)

    def _age(self) -> None:
        rate = self.used / self.capacity * (3600 / self.unaged)
        lost, seconds = (self.calendar, self.cyclic), self.unaged * self.ageing
        older = aged(lost, self.soc, self.temperature, rate, seconds)
        self.calendar, self.cyclic = older[0], older[1]
        self.growth = self.growth + older[2]
        self.used[:] = 0.0
        self.unaged = 0.0

    # --- state

    def saved(self) -> dict[str, Any]:
        """JSON-able."""
        arrays = {name: getattr(self, name).tolist() for name in self.FIELDS}
        return {**arrays, "unaged": self.unaged}

    def take_up(self, saved: Mapping[str, Any]) -> None:
        """Go on with what was saved of cells in the same rows and columns."""
        for name in self.FIELDS:
            setattr(self, name, np.array(saved[name], dtype=np.float64))
        self.unaged = saved["unaged"]


def _of_rows(current: Array | float) -> Array:
    return np.asarray(current, dtype=np.float64).reshape(-1, 1)
