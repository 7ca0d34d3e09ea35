"""What a rack's BMS says: limits, state, measurements, flags. Names are Pylontech's database's."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, TypeAlias

__all__ = ["FLAGS", "Bms", "Facts", "Reading"]

Reading: TypeAlias = dict[str, float | int | None]

_CHARGE_DERATING: Final = ((3.500, 1.0), (3.550, 0.5), (3.590, 0.02), (3.615, 0.0))
_DISCHARGE_DERATING: Final = ((3.040, 0.0), (3.050, 0.01), (3.150, 1.0))
"""Cell volts and the part of the rated current allowed, as home storage systems publish it."""
_COLD: Final = ((0.0, 0.0), (15.0, 1.0))
_HOT: Final = ((50.0, 1.0), (55.0, 0.0))

FLAGS: Final = {
    "P_CellOverVoltage": ("high_cell", 1, 3.650, 0.050),
    "P_CellUnderVoltage": ("low_cell", -1, -2.700, 0.200),
    "P_OverTemperature": ("hottest", 1, 60.0, 5.0),
    "P_UnderTemperature": ("coldest", -1, 10.0, 5.0),
    "P_DischargeOverCurrent": ("load", -1, 1.25, 0.25),
    "P_ChargeOverCurrent": ("load", 1, 1.25, 0.25),
    "A_HighVoltage": ("high_cell", 1, 3.550, 0.050),
    "A_LowVoltage": ("low_cell", -1, -3.000, 0.100),
    "A_HighTemperature": ("hottest", 1, 50.0, 3.0),
    "A_LowTemperature": ("coldest", -1, 0.0, 3.0),
    "A_DischargeHighCurrent": ("load", -1, 1.05, 0.10),
    "A_ChargeHighCurrent": ("load", 1, 1.05, 0.10),
}
"""Flag -> (what is measured, its sign, raised above, cleared that much below)."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a BMS has measured: cells in V and C, current in A and as a part of the rated one."""

    cells: int
    modules: int
    high_cell: float
    low_cell: float
    hottest: float
    coldest: float
    load: float
    voltage: float
    current: float | None
    temperature: float
    soc: float
    soh: float
    blind: bool = False
    """Whether sensors give nothing."""


@dataclass
class Bms:
    """A rack's BMS; `rated` is the rack's current in A."""

    rated: float
    raised: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FLAGS, 0))

    def readings(self, facts: Facts) -> dict[str, Reading]:
        """Readings by message."""
        return {
            "Limits": self.limits(facts),
            "State": self._state(facts),
            "Measure": self._measure(facts),
            "Alarms": self._alarms(facts),
            "Request": self._request(facts),
        }

    def limits(self, facts: Facts) -> Reading:
        """Voltages and currents allowed now."""
        measured = (facts.low_cell, facts.high_cell, facts.coldest, facts.hottest)
        discharge, charge = self.allowed(*measured)
        return {
            "ChargeVoltageLimit": round(3.55 * facts.cells, 1),
            "ChargeCurrentLimit": round(charge, 1),
            "DischargeCurrentLimit": round(discharge, 1),
            "DischargeVoltageLimit": round(3.0 * facts.cells, 1),
        }

    def allowed(
        self, low: float, high: float, coldest: float, hottest: float
    ) -> tuple[float, float]:
        """A that may be discharged, and charged, with such extremes in V and C; none unseen."""
        if math.isnan(low + high + coldest + hottest):
            return 0.0, 0.0
        warm = self.rated * _ramp(_COLD, coldest) * _ramp(_HOT, hottest)
        return _ramp(_DISCHARGE_DERATING, low) * warm, _ramp(_CHARGE_DERATING, high) * warm

    def _state(self, facts: Facts) -> Reading:
        percent = min(max(facts.soc * 100, 0.0), 100.0)
        health = min(max(facts.soh * 100, 0.0), 100.0)
        return {"SOC": round(percent), "SOH": round(health), "SOC_hires": round(percent, 2)}

    def _measure(self, facts: Facts) -> Reading:
        return {
            "PackVoltage": _rounded(facts.voltage, 2),
            "PackCurrent": _rounded(facts.current, 1),
            "PackTemperature": _rounded(facts.temperature, 1),
        }

    def _alarms(self, facts: Facts) -> Reading:
        for flag, (fact, sign, limit, hysteresis) in FLAGS.items():
            threshold = limit - hysteresis if self.raised[flag] else limit
            self.raised[flag] = int(sign * getattr(facts, fact) > threshold)
        rest = {"P_SystemError": 0, "A_InternalCommunication": int(facts.blind)}
        return {**self.raised, **rest, "ModuleCount": facts.modules}

    def _request(self, facts: Facts) -> Reading:
        return {
            "ChargeEnable": int(facts.high_cell < 3.65),
            "DischargeEnable": int(facts.low_cell > 2.7),
            "ForceCharge1": int(facts.soc < 0.05),
            "ForceCharge2": int(facts.soc < 0.09),
            "FullChargeRequest": 0,
        }


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None or math.isnan(value) else round(value, decimals)


def _ramp(points: tuple[tuple[float, float], ...], x: float) -> float:
    """Linear between the points, constant beyond them."""
    if x <= points[0][0]:
        return points[0][1]
    for (low, below), (high, above) in pairwise(points):
        if x <= high:
            return below + (above - below) * (x - low) / (high - low)
    return points[-1][1]
