"""An operator's set-point in place of the automatic one, for a while."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Input,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
    split_signal,
    state,
)
from nodes.control.beat import Beat


@node("control/override", icon="pencil")
class Override(Transform):
    """Put a set-point that comes by `command` in place of the automatic one, for `hold` at most.

    A command of None (null) hands back. Each taking over and handing back is an event, for the
    audit log. Put it before control/setpoint: that holds operators to the limits as well.
    """

    signal: str = setting("Set-point to take over.", signal=True, minLength=1)
    by: str = setting(
        "Signal that commands it, at `command`.", default="Command", signal=True, minLength=1
    )
    hold: Duration = setting("How long a command holds.", default=900.0, minimum=1)
    minimum: float | None = setting("Least that may be commanded.", default=None, unit_of="signal")
    maximum: float | None = setting("Most that may be commanded.", default=None, unit_of="signal")
    every: Duration = setting("How often a command is told on.", default=1.0, minimum=0.02)
    source: str = setting("Source of the set-point; the node's id where empty.", default="")

    out = Output("The set-point, automatic or commanded.", carries="signals")
    audit = Output("Raised with a command, cleared when it ends, with its source.", carries="event")
    command = Input("A message with the signal: what is commanded, and by whom.", carries="signals")

    _value: float | None = state(None)
    _until: float = state(0.0)
    _who: str = state("")

    examples = (
        Example(
            "An operator sets 10 kW for 2 s",
            settings={"signal": "Power", "hold": "2 s", "maximum": 50, "source": "chosen"},
            given=[
                Signals(0.5, "schedule", {"Power": -30.0}),
                command(Signals(1.5, "operator", {"Command": 10})),
                Signals(4.0, "schedule", {"Power": -30.0}),
            ],
            expect=[
                Signals(0.5, "chosen", {"Power": -30.0}),
                Signals(1.5, "chosen", {"Power": 10.0}),
                audit(
                    Event(
                        *(1.5, "operator", "", "raised", "warning", 10.0),
                        text="Power 10 by operator, for 2 s",
                    )
                ),
                Signals(2.0, "chosen", {"Power": 10.0}),
                Signals(3.0, "chosen", {"Power": 10.0}),
                audit(
                    Event(
                        *(3.5, "operator", "", "cleared", "warning", 10.0),
                        text="Power by operator has ended: after 2 s",
                    )
                ),
                Signals(4.0, "chosen", {"Power": -30.0}),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._wanted, self._name = split_signal(self.signal)
        self._commander, self._commands = split_signal(self.by)
        self._beat = Beat(self, self.every, self._tell, self._end_of_hold)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Limits that contradict."""
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            yield "minimum", f"must not be more than maximum ({self.maximum:g})."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """The set-point alone, told at least each beat while commanded."""
        found = next(iter(incoming.find(self.signal)), SignalInfo(self._name))
        return {"out": Catalogue([replace(found, name=self._name, source=self._source)])}

    @property
    def _source(self) -> str:
        return self.source or self.id

    def summary(self) -> str:
        """`Power, for 900 s`."""
        return f"{self.signal}, for {self.hold:g} s"

    # --- messages

    def on_message(self, message: Signals) -> Signals | None:
        """The automatic set-point passes unless one is commanded."""
        if self._value is not None or self._name not in message.values:
            return None
        if self._wanted not in (None, message.source):
            return None
        return Signals(message.time, self._source, {self._name: message.values[self._name]})

    def on_command(self, message: Signals) -> list[Signals | Sent]:
        """Take over, or hand back."""
        if self._commands not in message.values or self._commander not in (None, message.source):
            return []
        value, now = message.values[self._commands], self.clock.now()
        if value is None:
            return self._end("handed back", now)
        if not isinstance(value, int | float) or value != value:
            self.context.drop("no number", 1)
            return []
        self._value, self._until, self._who = (
            self._held(float(value)),
            now + self.hold,
            message.source,
        )
        self._beat.cancel()
        self._beat.begin()
        self.context.commanded(self._name, self._value, self._who)
        text = f"{self._name} {self._value:.9g} by {self._who}, for {self.hold:g} s"
        return [self._told(now), self._event("raised", text, now)]

    def _held(self, value: float) -> float:
        low = value if self.minimum is None else max(value, self.minimum)
        held = low if self.maximum is None else min(low, self.maximum)
        if held != value:
            self.context.drop("clamped to the limits", 1)
        return held

    # --- the beat

    def _end_of_hold(self, now: float) -> float:
        return self._until if self._value is not None and self._until > now else math.inf

    def _tell(self, beat: bool) -> None:
        if self._value is None:
            return
        now = self.clock.now()
        if now >= self._until:
            self.context.send(self._end(f"after {self.hold:g} s", now))
        elif beat:
            self.context.send(self._told(now))

    def _told(self, now: float) -> Signals:
        return Signals(now, self._source, {self._name: self._value})

    def _end(self, why: str, now: float) -> list[Signals | Sent]:
        if self._value is None:
            return []
        event = self._event("cleared", f"{self._name} by {self._who} has ended: {why}", now)
        self.context.commanded(self._name, why, self._who)
        self._value, self._until = None, 0.0
        return [event]

    def _event(self, state: str, text: str, now: float) -> Sent:
        return self.audit(Event(now, self._who, self.id, state, "warning", self._value, text))

    async def start(self) -> None:
        """Go on with a command that still holds."""
        self._beat.begin()

    async def stop(self) -> None:
        """Fall still."""
        self._beat.cancel()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on with a command that still holds."""
        super().restore(saved)
        self._beat.begin()
