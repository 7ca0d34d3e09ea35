"""When a reading is out of order, and when it is back in order again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from flowrt.node import Array, Value
from nodes.logic.quantity import number, quantity

__all__ = ["Band", "Equal", "Limit"]


class Limit(Protocol):
    """What a threshold asks of its limit; readings are never None or NaN."""

    def calm(self, value: Value) -> bool:
        """Whether the reading raises nothing."""

    def clears(self, value: Value) -> bool:
        """Whether the reading is back far enough."""

    def words(self, unit: str) -> str:
        """The limit as a text says it: `below 20 %`."""

    def short(self, signal: str, unit: str) -> str:
        """The limit as the node's card says it: `SOC < 20 %, clears at 22 %`."""

    @property
    def shown(self) -> Value:
        """The limit without unit, for a text's `{limit}`: a number where it is one."""


@dataclass(frozen=True, slots=True)
class Equal:
    """The signal must not be this."""

    value: Value

    def calm(self, value: Value) -> bool:
        """Whether it is anything else."""
        return value != self.value

    def clears(self, value: Value) -> bool:
        """Whether it is anything else."""
        return value != self.value

    def words(self, unit: str) -> str:
        """`equal to Fault`."""
        return f"equal to {quantity(self.value, unit)}"

    def short(self, signal: str, unit: str) -> str:
        """`State = Fault`."""
        return f"{signal} = {quantity(self.value, unit)}"

    @property
    def shown(self) -> Value:
        """`Fault`."""
        return self.value


class Band:
    """The signal must stay between two limits, either of which may be infinite.

    A scaled reading such as 579 x 0.1 is 57.900000000000006, so a limit gives way by a
    billionth: who reads 57.9 V on the display sees an alarm at "clears at 57.9 V" clear.
    """

    __slots__ = ("_back_high", "_back_low", "_high", "_low", "high", "hysteresis", "low")

    def __init__(self, low: float, high: float, hysteresis: float) -> None:
        self.low, self.high, self.hysteresis = low, high, hysteresis
        self._low = low - _tolerance(low)
        self._high = high + _tolerance(high)
        self._back_low = low + hysteresis - _tolerance(low)
        self._back_high = high - hysteresis + _tolerance(high)

    def calm(self, value: Value) -> bool:
        """Whether it is between the limits; raises TypeError for a text."""
        return self._low <= value <= self._high  # type: ignore[operator]

    def calm_rows(self, values: Array) -> Array:
        """`calm` of many numbers."""
        return (values >= self._low) & (values <= self._high)

    def clears_rows(self, values: Array) -> Array:
        """`clears` of many numbers."""
        return (values >= self._back_low) & (values <= self._back_high)

    def clears(self, value: Value) -> bool:
        """Whether it is between them by the hysteresis."""
        return self._back_low <= value <= self._back_high  # type: ignore[operator]

    def words(self, unit: str) -> str:
        """`below 20 %`."""
        return f"{self._word} {quantity(self.shown, unit)}"

    @property
    def _word(self) -> str:
        if math.isinf(self.low):
            return "above"
        return "below" if math.isinf(self.high) else "outside"

    @property
    def shown(self) -> Value:
        """20, or `2.5 to 3.65`."""
        ends = [end for end in (self.low, self.high) if math.isfinite(end)]
        return ends[0] if len(ends) == 1 else " to ".join(map(number, ends))

    def short(self, signal: str, unit: str) -> str:
        """`SOC < 20 %, clears at 22 %`."""
        sign = {"above": ">", "below": "<"}.get(self._word, self._word)
        short = f"{signal} {sign} {quantity(self.shown, unit)}"
        return f"{short}, clears at {quantity(self._back, unit)}" if self.hysteresis else short

    @property
    def _back(self) -> str:
        ends = (self.low + self.hysteresis, self.high - self.hysteresis)
        return " to ".join(number(end) for end in ends if math.isfinite(end))


def _tolerance(limit: float) -> float:
    return 1e-9 * max(1.0, abs(limit)) if math.isfinite(limit) else 0.0
