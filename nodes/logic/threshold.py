"""Alarms on limits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Input,
    NodeFault,
    Output,
    Severity,
    Signals,
    Transform,
    Value,
    node,
    setting,
    split_signal,
)
from nodes.logic.alarms import Alarms
from nodes.logic.limit import Band, Equal, Limit
from nodes.logic.pick import Heard, is_pattern
from nodes.logic.quantity import duration
from nodes.logic.wording import fill, wording_problem

if TYPE_CHECKING:
    from nodes.logic.columns.threshold import ThresholdColumns

_ABSENT: Final = object()
_FIELDS: Final = ("limit", "name", "severity", "signal", "source", "state", "unit", "value")


@node("logic/threshold", icon="gauge")
class Threshold(Transform):
    """Raise an alarm when a signal passes a limit, and clear it when it is back far enough.

    Each source that has the signal has an alarm of its own, raised and cleared once an excursion.
    A reading that is not available (None, NaN) does neither, and is counted. Delays run on the
    messages' time; the clock ends them when nothing comes.
    """

    signal: str = setting(
        "Signal to watch: SOC, State.SOC where several sources have one, *.SOC for all of them.",
        signal=True,
        minLength=1,
    )
    above: float | None = setting("Raise above this.", default=None, unit_of="signal")
    below: float | None = setting("Raise below this.", default=None, unit_of="signal")
    outside: list[float] | None = setting(
        "Raise outside these two limits, the lower one first.",
        default=None,
        minItems=2,
        maxItems=2,
        unit_of="signal",
    )
    equals: float | bool | str | None = setting(
        "Raise while the signal is just this: a number, a text or true.", default=None
    )
    hysteresis: float = setting(
        "How far the signal must come back to clear: below 20 with 2 clears at 22.",
        default=0.0,
        minimum=0,
        unit_of="signal",
    )
    on_delay: Duration = setting("How long it must be bad before the alarm is raised.", default=0.0)
    off_delay: Duration = setting(
        "How long it must be good before the alarm is cleared.", default=0.0
    )
    latch: bool = setting("Keep the alarm until it is acknowledged.", default=False)
    severity: Severity = setting("How bad it is.", default="alarm")
    text: str = setting(
        'Text of the event, such as "{signal} is {value:.1f} {unit}, limit {limit}"; fields are '
        "limit, name, severity, signal, source, state, unit and value.",
        default="",
    )

    alarm = Output("The alarm: raised, acknowledged, cleared.", carries="event")
    acknowledge = Input(
        "Any event acknowledges every alarm of the node; an event named like the node only that "
        "of its source; another alarm's event none. A latched alarm whose condition has gone "
        "clears.",
        carries="event",
    )

    examples = (
        Example(
            "State of charge runs low and recovers",
            settings={"signal": "SOC", "below": 20, "hysteresis": 2, "severity": "warning"},
            given=[
                Signals(0.0, "State", {"SOC": 21, "SOH": 98}),
                Signals(1.0, "State", {"SOC": 19, "SOH": 98}),
                Signals(2.0, "State", {"SOC": 21, "SOH": 98}),
                Signals(3.0, "State", {"SOC": 22, "SOH": 98}),
            ],
            expect=[
                Event(1.0, "State", "", "raised", "warning", 19, "SOC is 19, below 20"),
                Event(3.0, "State", "", "cleared", "warning", 22, "SOC is 22, no longer below 20"),
            ],
        ),
        Example(
            "Cell spread over 50 mV for 10 s, clear at 30 mV",
            settings={
                "signal": "CellSpread",
                "above": 0.05,
                "hysteresis": 0.02,
                "on_delay": "10 s",
                "text": "{source}: {value:.3f} V between cells",
            },
            given=[
                Signals(0.0, "rack1/Cells", {"CellSpread": 0.061}),
                Signals(5.0, "rack1/Cells", {"CellSpread": 0.064}),
                Signals(60.0, "rack1/Cells", {"CellSpread": 0.03}),
            ],
            expect=[
                Event(
                    *(10.0, "rack1/Cells", "", "raised", "alarm", 0.064),
                    text="rack1/Cells: 0.064 V between cells",
                ),
                Event(
                    *(60.0, "rack1/Cells", "", "cleared", "alarm", 0.03),
                    text="rack1/Cells: 0.030 V between cells",
                ),
            ],
        ),
        Example(
            "An over-temperature trip stays until it is acknowledged",
            settings={"signal": "Tmax", "above": 55, "latch": True, "severity": "trip"},
            given=[
                Signals(0.0, "Extremes", {"Tmax": 56.0}),
                Signals(60.0, "Extremes", {"Tmax": 41.0}),
                acknowledge(Event(90.0, "operator", "button")),
            ],
            expect=[
                Event(0.0, "Extremes", "", "raised", "trip", 56.0, "Tmax is 56, above 55"),
                Event(
                    *(90.0, "Extremes", "", "cleared", "trip", 41.0),
                    text="Tmax is 41, no longer above 55",
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._source, self._name = split_signal(self.signal)
        self._heard = Heard(self.signal)
        self._limit = self._make_limit()
        self._unit = ""
        delays = (self.on_delay, self.off_delay)
        self._alarms = Alarms(self, self._limit, self._event, delays=delays, latch=self.latch)

    def _make_limit(self) -> Limit:
        """The one limit that is set; what contradicts is said by `problems`."""
        if self.equals is not None:
            return Equal(self.equals)
        low, high = self.outside or (-math.inf, math.inf)
        low = low if self.below is None else self.below
        high = high if self.above is None else self.above
        return Band(low, high, self.hysteresis)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Limits that contradict, names and texts that cannot be."""
        limits = ("above", "below", "outside", "equals")
        given = [name for name in limits if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            yield "", f"needs exactly one of {', '.join(limits)}, not {got}."
        if is_pattern(self._name):
            yield (
                "signal",
                f'"{self._name}" is a pattern, but an alarm watches one signal. '
                "Name it; a pattern may stand for the source: *.SOC.",
            )
        if self.equals is not None and self.hysteresis:
            yield "hysteresis", 'has no meaning with "equals". Remove it.'
        yield from self._band_problems()
        if self.text and (sentence := self._text_problem()):
            yield "text", sentence

    def _text_problem(self) -> str | None:
        if sentence := wording_problem(self.text, _FIELDS):
            return sentence
        sample = self.equals if self.equals is not None else 1.0
        try:
            fill(self.text, self._fields("raised", "", sample))
        except (TypeError, ValueError) as error:
            return f'"{self.text}" does not fit: {error}. Take the format out of the braces.'
        return None

    def _band_problems(self) -> Iterator[tuple[str, str]]:
        if self.outside is None:
            return
        low, high = self.outside
        if low >= high:
            yield "outside", f"the lower limit {low:g} must be less than the upper one {high:g}."
        elif 2 * self.hysteresis >= high - low:
            yield (
                "hysteresis",
                f"{self.hysteresis:g} leaves no reading between {low:g} and {high:g} that clears. "
                f"Use less than {(high - low) / 2:g}.",
            )

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """No signal leaves; the unit is remembered for texts."""
        self._unit = incoming.unit(self.signal)
        return Catalogue()

    def reads(self) -> frozenset[str]:
        """The one signal."""
        return frozenset({self.signal})

    def summary(self) -> str:
        """`SOC < 20 %, clears at 22 %, for 10 s`."""
        parts = [self._limit.short(self.signal, self._unit)]
        parts += [f"for {duration(self.on_delay)}"] if self.on_delay else []
        parts += ["latched"] if self.latch else []
        return ", ".join(parts)

    # --- messages

    def on_message(self, message: Signals) -> list[Event]:
        """Judge one message."""
        return self.on_batch((message,))

    def on_batch(self, batch: Sequence[Signals]) -> list[Event]:
        """Judge many; one without the signal, or in order as before, costs next to nothing."""
        events: list[Event] = []
        name, active, calm = self._name, self._alarms.open, self._limit.calm
        deadline, anywhere, heard = self._alarms.deadline, self._source is None, self._heard
        value: Any
        for message in batch:
            value = message.values.get(name, _ABSENT)
            try:
                if deadline.due is not None and message.time >= deadline.due:
                    events += deadline.catch_up(message.time)
                if value is _ABSENT:
                    continue
                if not anywhere and not heard[message.source]:
                    continue
                if value is None or value != value:  # NaN
                    self.context.drop("no value", 1)
                elif message.source in active or not calm(value):
                    events += self._alarms.judge(message.source, value, message.time)
            except Exception as error:  # noqa: BLE001  one bad message must not take others with it
                self.context.fault(self._in_words(error, message, value), message)
        return events

    def _in_words(self, error: Exception, message: Signals, value: object) -> Exception:
        if not isinstance(value, str):
            return error
        return NodeFault(
            f'{message.source}.{self._name} is "{value}", a text, but the limit is a number. '
            'Compare it with "equals", or decode it as a number'
        )

    def columns(self) -> ThresholdColumns:
        """Many readings at once."""
        from nodes.logic.columns.threshold import ThresholdColumns

        return ThresholdColumns(self, self._alarms, self._limit, self._name, self._heard)

    # --- acknowledging

    def on_acknowledge(self, event: Event) -> list[Event]:
        """Acknowledge what an operator has seen."""
        return [
            given
            for source in list(self._alarms.open)
            if self._meant(event, source)
            for given in self._alarms.acknowledge(source, event.time)
        ]

    def _meant(self, event: Event, source: str) -> bool:
        """Whether an event is about the alarm of a source: a button's is about all."""
        if event.name == self.id:
            return event.source in ("", source)
        return event.state == "happened"

    # --- state

    async def start(self) -> None:
        """Wait on where a delay was pending."""
        self._alarms.wait_on()

    def snapshot(self) -> dict[str, Any]:
        """The alarms by source."""
        return {"alarms": self._alarms.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up the alarms, and wait on where a delay was pending."""
        self._alarms.take_up(saved.get("alarms", {}))

    # --- what it says

    def _event(self, state: str, source: str, value: Value, time: float) -> Event:
        text = self._wording(state, source, value)
        return Event(time, source, self.id, state, self.severity, value, text)

    def _wording(self, state: str, source: str, value: Value) -> str:
        """The text; the event is sent with a plain one where a format does not fit the value."""
        fields = self._fields(state, source, value)
        plain = "{signal} is {value} {unit}" if self._unit else "{signal} is {value}"
        plain += ", no longer " if state == "cleared" else ", "
        plain = fill(plain, fields) + self._limit.words(self._unit)
        try:
            return fill(self.text, fields) if self.text else plain
        except (TypeError, ValueError) as error:
            self.context.fault(NodeFault(f"text: {error}; the value is {value!r}"), None)
            return plain

    def _fields(self, state: str, source: str, value: Value) -> dict[str, Value]:
        return {
            "limit": self._limit.shown,
            "name": self.id,
            "severity": self.severity,
            "signal": self.signal,
            "source": source,
            "state": state,
            "unit": self._unit,
            "value": value,
        }
