"""The temperature around the racks, and the sun, by the day and by the year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

__all__ = ["DAY", "Weather", "sunlight"]

DAY: Final = 86_400.0
_YEAR: Final = 365.2422 * DAY
_WARMEST: Final = 15.0 * 3600
"""Seconds after midnight: the afternoon is warmer than noon."""
_SUMMER: Final = 200.0 * DAY
"""Seconds after new year: 20 July, some weeks behind the longest day."""


@dataclass(frozen=True)
class Weather:
    """A mean and two swings in C, each from the mean to the warmest; northern seasons."""

    mean: float = 25.0
    daily: float = 0.0
    yearly: float = 0.0

    def temperature(self, time: float) -> float:
        """C at so many seconds after midnight of the first of January."""
        day = math.cos(2 * math.pi * (time - _WARMEST) / DAY)
        year = math.cos(2 * math.pi * (time - _SUMMER) / _YEAR)
        return self.mean + self.daily * day + self.yearly * year


def sunlight(time: float) -> float:
    """Sun by the sun at noon, 0 to 1: from 6 to 18 h of each day."""
    height = math.sin(2 * math.pi * (time / DAY - 0.25))
    return max(height, 0.0)
