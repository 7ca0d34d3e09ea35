"""A low-voltage rack: modules of cells in series, the modules in parallel, and their BMS."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

from nodes.bess.cell import Cell

__all__ = ["FLAGS", "Rack", "Reading", "make_rack"]

Reading: TypeAlias = dict[str, float | int]

_CHARGE_DERATING: Final = ((3.500, 1.0), (3.550, 0.5), (3.590, 0.02), (3.615, 0.0))
_DISCHARGE_DERATING: Final = ((3.040, 0.0), (3.050, 0.01), (3.150, 1.0))
"""Cell volts and the part of the rated current allowed, as home storage systems publish it."""
_COLD: Final = ((0.0, 0.0), (15.0, 1.0))
_HOT: Final = ((50.0, 1.0), (55.0, 0.0))

FLAGS: Final = {
    "P_CellOverVoltage": ("high_cell", 3.650, 0.050),
    "P_CellUnderVoltage": ("low_cell", -2.700, 0.200),
    "P_OverTemperature": ("hottest", 60.0, 5.0),
    "P_UnderTemperature": ("coldest", 10.0, 5.0),
    "P_DischargeOverCurrent": ("discharge", 1.25, 0.25),
    "P_ChargeOverCurrent": ("charge", 1.25, 0.25),
    "A_HighVoltage": ("high_cell", 3.550, 0.050),
    "A_LowVoltage": ("low_cell", -3.000, 0.100),
    "A_HighTemperature": ("hottest", 50.0, 3.0),
    "A_LowTemperature": ("coldest", 0.0, 3.0),
    "A_DischargeHighCurrent": ("discharge", 1.05, 0.10),
    "A_ChargeHighCurrent": ("charge", 1.05, 0.10),
}
"""Flag -> (what is measured, raised above, cleared that much below). Low limits are negated."""


@dataclass
class Module:
    """Cells in series."""

    cells: list[Cell]

    def inner_voltage(self) -> float:
        """Volts behind the resistance."""
        return sum(cell.inner_voltage() for cell in self.cells)

    def resistance(self) -> float:
        """Ohm."""
        return sum(cell.ohmic() for cell in self.cells)

    def soc(self) -> float:
        """A series string is empty with its emptiest cell."""
        return min(cell.soc for cell in self.cells)


@dataclass
class Rack:
    """Modules in parallel with a BMS that measures, limits and warns.

    `rated` is the whole rack's current in A; sensors have gaussian noise and a resolution.
    """

    modules: list[Module]
    noise: random.Random
    rated: float = 400.0
    ambient: float = 25.0
    current: float = 0.0
    raised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLAGS, 0))
    voltage_offsets: dict[int, float] = field(default_factory=dict)

    def step(self, current: float, seconds: float) -> None:
        """Let the rack's current flow, shared among the modules as their resistances have it."""
        inner = [module.inner_voltage() for module in self.modules]
        conductances = [1 / module.resistance() for module in self.modules]
        driven = sum(volts * g for volts, g in zip(inner, conductances, strict=True))
        terminal = (current + driven) / sum(conductances)
        for module, volts, conductance in zip(self.modules, inner, conductances, strict=True):
            share = (terminal - volts) * conductance
            for cell in module.cells:
                cell.step(share, seconds, self.ambient)
        self.current = current

    def soc(self) -> float:
        """State of charge, 0 to 1, of modules of equal size."""
        return sum(module.soc() for module in self.modules) / len(self.modules)

    # --- what the BMS says

    def readings(self) -> dict[str, Reading]:
        """Readings by message, named as in the Pylontech database."""
        cells = [self._cells(index) for index in range(len(self.modules))]
        volts = [reading for module in cells for reading, _ in module]
        temperatures = [reading for module in cells for _, reading in module]
        facts = {
            "high_cell": max(volts),
            "low_cell": -min(volts),
            "hottest": max(temperatures),
            "coldest": -min(temperatures),
            "charge": self.current / self.rated,
            "discharge": -self.current / self.rated,
        }
        return {
            "Limits": self._limits(facts),
            "State": self._state(),
            "Measure": self._measure(volts, temperatures),
            "Alarms": self._alarms(facts),
            "Request": self._request(facts),
        }

    def _cells(self, index: int) -> list[tuple[float, float]]:
        """Measured volts and degrees of a module's cells: 1 mV and 0.1 C resolution."""
        module = self.modules[index]
        share = self.current / len(self.modules)
        offset = self.voltage_offsets.get(index, 0.0)
        return [
            (
                round(cell.voltage(share) + offset + self.noise.gauss(0, 0.0005), 3),
                round(cell.temperature + self.noise.gauss(0, 0.05), 1),
            )
            for cell in module.cells
        ]

    def modules_summary(self) -> dict[str, Reading]:
        """Readings by module: extremes of its cells."""
        summary = {}
        for index, _module in enumerate(self.modules):
            volts, temperatures = zip(*self._cells(index), strict=True)
            summary[f"Module{index + 1:02}"] = {
                "CellVoltageMax": max(volts),
                "CellVoltageMin": min(volts),
                "CellTemperatureMax": max(temperatures),
                "CellTemperatureMin": min(temperatures),
            }
        return summary

    def _limits(self, facts: Reading) -> Reading:
        cells = len(self.modules[0].cells)
        warm = _ramp(_COLD, -facts["coldest"]) * _ramp(_HOT, facts["hottest"])
        charge = _ramp(_CHARGE_DERATING, facts["high_cell"]) * warm
        discharge = _ramp(_DISCHARGE_DERATING, -facts["low_cell"]) * warm
        return {
            "ChargeVoltageLimit": round(3.55 * cells, 1),
            "ChargeCurrentLimit": round(self.rated * charge, 1),
            "DischargeCurrentLimit": round(self.rated * discharge, 1),
            "DischargeVoltageLimit": round(3.0 * cells, 1),
        }

    def _state(self) -> Reading:
        percent = min(max(self.soc() * 100, 0.0), 100.0)
        return {"SOC": round(percent), "SOH": 99, "SOC_hires": round(percent, 2)}

    def _measure(self, volts: list[float], temperatures: list[float]) -> Reading:
        return {
            "PackVoltage": round(sum(volts) / len(self.modules), 2),
            "PackCurrent": round(self.current + self.noise.gauss(0, 0.05), 1),
            "PackTemperature": round(sum(temperatures) / len(temperatures), 1),
        }

    def _alarms(self, facts: Reading) -> Reading:
        for flag, (fact, limit, hysteresis) in FLAGS.items():
            threshold = limit - hysteresis if self.raised[flag] else limit
            self.raised[flag] = int(facts[fact] > threshold)
        quiet = {"P_SystemError": 0, "A_InternalCommunication": 0}
        return {**self.raised, **quiet, "ModuleCount": len(self.modules)}

    def _request(self, facts: Reading) -> Reading:
        soc = self.soc()
        return {
            "ChargeEnable": int(facts["high_cell"] < 3.65),
            "DischargeEnable": int(facts["low_cell"] < -2.7),
            "ForceCharge1": int(soc < 0.05),
            "ForceCharge2": int(soc < 0.09),
            "FullChargeRequest": 0,
        }


def make_rack(modules: int, cells: int, soc: float, capacity: float, seed: int) -> Rack:
    """A rack whose cells differ a little, the same for the same seed."""
    spread = random.Random(seed)
    return Rack(
        [
            Module(
                [
                    Cell(
                        capacity=capacity * spread.gauss(1, 0.01),
                        resistance=0.0012 * spread.gauss(1, 0.05),
                        soc=soc + spread.gauss(0, 0.004),
                        temperature=25 + spread.gauss(0, 0.3),
                    )
                    for _ in range(cells)
                ]
            )
            for _ in range(modules)
        ],
        noise=random.Random(seed + 1),
        rated=25.0 * modules,
    )


def _ramp(points: tuple[tuple[float, float], ...], x: float) -> float:
    """Linear between the points, constant beyond them."""
    if x <= points[0][0]:
        return points[0][1]
    for (low, below), (high, above) in pairwise(points):
        if x <= high:
            return below + (above - below) * (x - low) / (high - low)
    return points[-1][1]
