"""A factor by a reading: straight lines between points."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from flowrt.node import setting

__all__ = ["Derating", "factor_at"]


@dataclass(frozen=True, kw_only=True)
class Derating:
    """A limit made smaller where a reading comes near its end."""

    signal: str = setting(
        "Reading it goes by, such as SOC; of several sources (*.CellVoltageMax) the worst counts.",
        signal=True,
        minLength=1,
    )
    limits: Literal["charge", "discharge", "both"] = setting(
        "Which limit is derated.", default="both"
    )
    points: list[list[float]] = setting(
        "Reading and factor from 0 to 1, by growing reading: [[0, 0], [15, 1], [50, 1], [55, 0]]. "
        "Between two points a straight line, beyond the ends as at the end.",
        minItems=2,
    )

    def problems(self) -> Iterator[str]:
        """What is wrong with the points."""
        for index, point in enumerate(self.points):
            if len(point) != 2:
                yield f"point {index + 1} must be [reading, factor], not {point}."
            elif not 0 <= point[1] <= 1:
                yield f"point {index + 1}: the factor must be from 0 to 1, not {point[1]:g}."
        readings = [point[0] for point in self.points if point]
        if any(after <= before for before, after in pairwise(readings)):
            yield "the readings must grow from point to point."

    def factor(self, readings: Sequence[float] | None) -> float:
        """The smallest factor of the readings; 0 where there is none to go by."""
        if not readings:
            return 0.0
        return min(factor_at(self.points, reading) for reading in readings)


def factor_at(points: Sequence[Sequence[float]], reading: float) -> float:
    """Linear between the points, constant beyond them."""
    index = bisect_right(points, reading, key=lambda point: point[0])
    if index in (0, len(points)):
        return points[0 if index == 0 else -1][1]
    (low, below), (high, above) = points[index - 1], points[index]
    return below + (above - below) * (reading - low) / (high - low)
