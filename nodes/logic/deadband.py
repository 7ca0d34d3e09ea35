"""Drop small movements of signals."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeGuard

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.logic.pick import MOST_SERIES, Pick
from nodes.logic.quantity import duration, quantity

if TYPE_CHECKING:
    from nodes.logic.columns.deadband import DeadbandColumns


def _is_number(value: Any) -> TypeGuard[float]:
    """Whether a width means anything for it; a flag is not a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@node("logic/deadband", icon="filter")
class Deadband(Transform):
    """Drop a reading that has moved less than `width` since the last one passed on.

    Other signals of the message pass on; a message that nothing is left of is dropped. A text
    passes when it changes, and so does a reading that ceases to be available.
    """

    signal: str = setting("Signal, or pattern such as Cell*, to report by exception.", signal=True)
    width: float | None = setting(
        "Smallest change worth passing on.", default=None, minimum=0, unit_of="signal"
    )
    percent: float | None = setting(
        "Smallest change in percent of the last reading passed on, in place of `width`.",
        default=None,
        minimum=0,
        unit="%",
    )
    at_least_every: Duration | None = setting(
        "Pass a reading that has not moved when the last one passed on is this old.", default=None
    )

    _passed: dict[str, list[Any]] = state(factory=dict)

    examples = (
        Example(
            "A wobbling cell voltage",
            settings={"signal": "Cell*", "width": 0.005},
            given=[
                Signals(0.0, "Cells", {"Cell1": 3.3, "Cell2": 3.31}),
                Signals(1.0, "Cells", {"Cell1": 3.301, "Cell2": 3.315}),
                Signals(2.0, "Cells", {"Cell1": 3.304, "Cell2": 3.314}),
            ],
            expect=[
                Signals(0.0, "Cells", {"Cell1": 3.3, "Cell2": 3.31}),
                Signals(1.0, "Cells", {"Cell2": 3.315}),
            ],
        ),
        Example(
            "State of charge at least each minute",
            settings={"signal": "SOC", "width": 1, "at_least_every": "60 s"},
            given=[Signals(second, "State", {"SOC": 55.0}) for second in (0.0, 59.0, 60.0)],
            expect=[Signals(0.0, "State", {"SOC": 55.0}), Signals(60.0, "State", {"SOC": 55.0})],
        ),
    )

    def __post_init__(self) -> None:
        self._pick = Pick([self.signal])
        self._unit = ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A width must be given, once."""
        if (self.width is None) == (self.percent is None):
            both = "both" if self.width is not None else "neither"
            yield "", f'needs either "width" or "percent", not {both}.'

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """What comes; the unit is remembered for the summary."""
        self._unit = incoming.unit(self.signal)
        return incoming

    def summary(self) -> str:
        """`PackVoltage moves 0.1 V, at least each 60 s`."""
        given, unit = (self.percent, "%") if self.width is None else (self.width, self._unit)
        width = quantity(given, unit)
        heart = f", at least each {duration(self.at_least_every)}" if self.at_least_every else ""
        return f"{self.signal} moves {width}{heart}"

    def on_message(self, message: Signals) -> Signals | None:
        """Pass on what has moved."""
        source, values = message.source, message.values
        kept = {
            name: value
            for name, value in values.items()
            if not self._pick(source, name) or self.moved(message.time, source, name, value)
        }
        if len(kept) == len(values):
            return message
        return Signals(message.time, source, kept) if kept else None

    def columns(self) -> DeadbandColumns:
        """Many readings at once."""
        from nodes.logic.columns.deadband import DeadbandColumns

        return DeadbandColumns(self, self._passed, self._pick)

    def moved(self, time: float, source: str, name: str, value: Value) -> bool:
        """Whether a reading passes, which is then remembered."""
        if isinstance(value, float) and math.isnan(value):
            value = None
        key = f"{source}.{name}"
        passed = self._passed.get(key)
        if passed is not None and not self._differs(passed, value, time):
            return False
        if passed is None and len(self._passed) >= MOST_SERIES:
            self.context.drop("too many signals", 1)
            return False
        self._passed[key] = [value, time]
        return True

    def _differs(self, passed: list[Any], value: Value, time: float) -> bool:
        """Whether a reading is worth passing on after the one that was passed."""
        last, at = passed
        if self.at_least_every is not None and not at <= time < at + self.at_least_every:
            return True
        if not (_is_number(value) and _is_number(last)):
            return bool(value != last)
        change = abs(value - last)
        return change > 0 and change >= self.narrow(last)

    def narrow(self, last: float) -> float:
        """The smallest change from `last` that passes."""
        width = abs(last) * (self.percent or 0.0) / 100 if self.width is None else self.width
        # 3.32 - 3.31 is 0.00999...: the noise of floats must not hide a change of just the width.
        return width * (1 - 1e-9)
