"""Who decides what the racks do: a cycle, the day of a site with sun, or commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from nodes.bess.plant.weather import DAY, sunlight

__all__ = ["Plan", "Schedule"]

Plan: TypeAlias = Literal["cycle", "solar-day", "commands"]
_SUNNY: Final = (9.0, 16.0)
_EVENING: Final = (17.5, 22.0)
"""Hours: when surplus of the sun is stored, and when it is used."""


@dataclass
class Schedule:
    """An EMS: charge at noon by the sun, discharge in the evening, within two bounds of charge.

    `cloud` is what clouds leave of the sun, 0 to 1.
    """

    low: float
    high: float
    charging: bool = False
    cloud: float = 1.0

    def direction(self, soc: float) -> int:
        """1 to charge or -1 to discharge, in turn between the bounds."""
        if soc >= self.high:
            self.charging = False
        elif soc <= self.low:
            self.charging = True
        return 1 if self.charging else -1

    def power(self, time: float, soc: float) -> float:
        """Part of the rated power wanted at a time of the day."""
        hour = time % DAY / 3600
        if _SUNNY[0] <= hour < _SUNNY[1] and soc < self.high:
            return sunlight(time) * self.cloud
        if _EVENING[0] <= hour < _EVENING[1] and soc > self.low:
            return -0.6
        return 0.0
