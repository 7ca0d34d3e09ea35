"""Two ways out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowrt.node import (
    Catalogue,
    Event,
    Example,
    Frame,
    Output,
    Sent,
    Signals,
    Transform,
    Value,
    node,
    setting,
)
from nodes.logic.expression import Expression, ExpressionError, Missing, unknown_names

_FRAME: Final = (
    "time", "channel", "id", "extended", "fd", "bitrate_switch", "remote", "error", "length",
)  # fmt: skip
_EVENT: Final = ("time", "source", "name", "state", "severity", "value", "text")


@node("logic/switch", icon="split")
class Switch(Transform):
    """Send a message one way where a condition holds, and the other way where it does not.

    The condition reads a message's signals by name, and its `source` and `time`; of an event also
    name, state, severity, value and text; of a frame channel, id, length, extended, fd,
    bitrate_switch, remote and error. A message that lacks what it reads does not match.
    """

    condition: str = setting(
        'Such as SOC < 20 and PackCurrent < 0, severity == "trip", or id == 0x355.',
        minLength=1,
    )

    match = Output("Messages for which the condition holds.", carries="any")
    otherwise = Output("All others.", carries="any")

    examples = (
        Example(
            "Discharging while nearly empty",
            settings={"condition": "SOC < 20 and PackCurrent < 0"},
            given=[
                Signals(0.0, "Pack", {"SOC": 19, "PackCurrent": -5.0}),
                Signals(1.0, "Pack", {"SOC": 19, "PackCurrent": 5.0}),
                Signals(2.0, "Pack", {"SOC": 19}),
            ],
            expect=[
                match(Signals(0.0, "Pack", {"SOC": 19, "PackCurrent": -5.0})),
                otherwise(Signals(1.0, "Pack", {"SOC": 19, "PackCurrent": 5.0})),
                otherwise(Signals(2.0, "Pack", {"SOC": 19})),
            ],
        ),
        Example(
            "Trips to the operator",
            settings={"condition": 'severity == "trip" and state == "raised"'},
            given=[
                Event(0.0, "rack1", "cell_high", "raised", "trip", 3.66),
                Event(1.0, "rack1", "soc_low", "raised", "warning", 19),
            ],
            expect=[
                match(Event(0.0, "rack1", "cell_high", "raised", "trip", 3.66)),
                otherwise(Event(1.0, "rack1", "soc_low", "raised", "warning", 19)),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._incoming = Catalogue(open=True)
        self._broken = ""
        try:
            self._holds = Expression(self.condition)
        except ExpressionError as error:
            self._broken = str(error)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A condition that cannot be read, or reads what never comes."""
        if self._broken:
            yield "condition", self._broken
            return
        for sentence in unknown_names(self._holds, self._incoming, {*_FRAME, *_EVENT}):
            yield "condition", sentence

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The same signals may leave by either way."""
        self._incoming = incoming
        return incoming

    def summary(self) -> str:
        """The condition."""
        return self.condition

    def on_message(self, message: Signals | Event | Frame) -> Sent:
        """Send it one way or the other."""
        try:
            holds = self._holds(getattr(message, "source", ""), _readable(message))
        except Missing:
            holds = False
        return self.match(message) if holds else self.otherwise(message)


def _readable(message: Signals | Event | Frame) -> dict[str, Value]:
    """What a condition may read of a message; a signal hides a field of the same name."""
    if isinstance(message, Signals):
        return {"time": message.time, "source": message.source, **message.values}
    if isinstance(message, Event):
        return {name: getattr(message, name) for name in _EVENT}
    fields: dict[str, Any] = {name: getattr(message, name) for name in _FRAME[:-1]}
    return {**fields, "length": len(message.data)}
