"""Sensors of cells and racks: noise, resolution, and their own faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from nodes.bess.plant.chemistry import Array
from nodes.bess.plant.faults import Fault

__all__ = ["Sensors", "Standing"]

Standing: TypeAlias = Sequence[tuple[Fault, float]]
"""Faults that are there, and how far each has grown."""
_Quantity: TypeAlias = Literal["voltage", "temperature", "current"]
_NOISE: Final = {"voltage": 0.0005, "temperature": 0.05, "current": 0.05}
"""One sigma in V, C and A."""
_DECIMALS: Final = {"voltage": 3, "temperature": 1, "current": 1}
_SPIKES: Final = 0.02
"""Part of the readings that are spikes where a sensor has them."""


@dataclass
class Sensors:
    """What is read of true values; a value that a sensor does not give is NaN.

    `modules` is how many rows a rack has where a row is a module; `stuck` holds by fault what its
    sensor read when it got stuck.
    """

    noise: np.random.Generator
    modules: int
    stuck: dict[str, Any] = field(default_factory=dict)

    def read(self, quantity: _Quantity, true: Array, faults: Standing) -> Array:
        """Read true values in rows: a row is a module, or of currents a rack."""
        read = true + self.noise.standard_normal(true.shape) * _NOISE[quantity]
        for fault, strength in faults:
            if fault.kind.startswith("sensor-") and fault.sensor == quantity:
                self._spoil(read, fault, strength)
        rounded: Array = np.round(read, _DECIMALS[quantity])
        return rounded

    def _spoil(self, read: Array, fault: Fault, strength: float) -> None:
        rack = fault.rack - 1
        row = rack if fault.sensor == "current" else rack * self.modules + fault.module - 1
        shape, size = read[row].shape, fault.magnitude * strength
        match fault.kind:
            case "sensor-offset":
                read[row] += size
            case "sensor-noise":
                read[row] += self.noise.standard_normal(shape) * size
            case "sensor-spikes":
                read[row] += np.where(self.noise.random(shape) < _SPIKES, size, 0.0)
            case "sensor-dropout":
                read[row] = np.nan
            case "sensor-stuck":
                key = f"{fault.sensor} {row} {fault.at:g}"
                read[row] = self.stuck.setdefault(key, read[row].tolist())
