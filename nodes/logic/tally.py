"""What is kept of many readings: enough for every function of an aggregate, and no more."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final, Literal, TypeAlias

__all__ = ["FUNCTIONS", "HUGE", "Function", "Tally", "merged", "tally"]

Function: TypeAlias = Literal["min", "max", "mean", "sum", "count", "last", "first", "std", "rate"]
HUGE: Final = 1e300
"""What is beyond it is no reading, and sums of it would overflow."""


@dataclass(slots=True)
class Tally:
    """One or more readings; `squares` is the sum of the squared distances from their mean."""

    count: int
    minimum: float
    maximum: float
    total: float
    squares: float
    first: float
    last: float
    first_time: float
    last_time: float

    @property
    def mean(self) -> float:
        """The arithmetic mean."""
        return self.total / self.count


def tally(
    values: Sequence[Any],
    times: Sequence[float],
    *,
    spread: bool,
    bounds: tuple[float, float] | None = None,
) -> Tally | None:
    """The tally of the finite numbers among some readings; None where there is none.

    `times` are theirs, or empty where no function needs them; `spread` is for std. `bounds` are
    the least and the largest where somebody knows them, and that all are finite.
    """
    total = _sum(values)
    if total is None:
        values, times = _sound(values, times)
        if not values:
            return None
        total = math.fsum(values)
    mean = total / len(values)
    first_time, last_time = (times[0], times[-1]) if times else (0.0, 0.0)
    minimum, maximum = bounds or (min(values), max(values))
    return Tally(
        count=len(values),
        minimum=minimum,
        maximum=maximum,
        total=total,
        squares=_squares(values, mean) if spread else 0.0,
        first=values[0],
        last=values[-1],
        first_time=first_time,
        last_time=last_time,
    )


def _sum(values: Sequence[Any]) -> float | None:
    """The sum of finite numbers; None where something else is among them."""
    try:
        total = math.fsum(values)
    except (TypeError, ValueError, OverflowError):  # None or a text; both infinities; too large
        return None
    return total if -HUGE < total < HUGE else None


def _squares(values: Sequence[float], mean: float) -> float:
    return math.fsum((value - mean) * (value - mean) for value in values)


def _sound(values: Sequence[Any], times: Sequence[float]) -> tuple[list[float], list[float]]:
    good = [isinstance(value, int | float) and -HUGE < value < HUGE for value in values]
    return list(compress(values, good)), list(compress(times, good))


def merged(tallies: Iterable[Tally]) -> Tally:
    """Tallies of readings that followed one another as one."""
    first, *others = tallies
    for other in others:
        first = _joined(first, other)
    return first


def _joined(a: Tally, b: Tally) -> Tally:
    """The parallel form of Welford's method (Chan, Golub, LeVeque 1979), sound for near values."""
    apart = b.mean - a.mean
    count = a.count + b.count
    return Tally(
        count=count,
        minimum=min(a.minimum, b.minimum),
        maximum=max(a.maximum, b.maximum),
        total=a.total + b.total,
        squares=a.squares + b.squares + apart * apart * a.count * b.count / count,
        first=a.first,
        last=b.last,
        first_time=a.first_time,
        last_time=b.last_time,
    )


def _rate(tally: Tally) -> float | None:
    """Change per second from the first reading to the last; none where no time lies between."""
    seconds = tally.last_time - tally.first_time
    return (tally.last - tally.first) / seconds if seconds > 0 else None


FUNCTIONS: Final[dict[str, Callable[[Tally], float | None]]] = {
    "min": lambda tally: tally.minimum,
    "max": lambda tally: tally.maximum,
    "mean": lambda tally: tally.mean,
    "sum": lambda tally: tally.total,
    "count": lambda tally: tally.count,
    "last": lambda tally: tally.last,
    "first": lambda tally: tally.first,
    "std": lambda tally: math.sqrt(tally.squares / tally.count),
    "rate": _rate,
}
