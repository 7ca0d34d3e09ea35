"""Whether a contactor does what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
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
from nodes.analysis.readings import meant, number

State: TypeAlias = Literal["open", "closed", "opening", "closing", "welded", "not closing"]


@node("analysis/contactor", icon="plug")
class Contactor(Transform):
    """Tell a contactor's state from command, feedback, voltages and current; alarm on a fault.

    Welded: told to open, and after `settle` its feedback says closed, or current flows. Not
    closing: told to close, and after `settle` its feedback says open, or the voltages before and
    behind it differ. All signals come in one message; put a logic/merge before where they do not.
    """

    command: str = setting("1 while it is told to be closed.", signal=True, minLength=1)
    feedback: str | None = setting(
        "1 while its auxiliary contact is closed.", default=None, signal=True
    )
    inner: str | None = setting("Voltage on the battery's side.", default=None, signal=True)
    outer: str | None = setting("Voltage on the other side.", default=None, signal=True)
    current: str | None = setting("Current through it.", default=None, signal=True)
    difference: float = setting(
        "Most that the voltages of a closed one may differ.", default=10.0, unit="V", minimum=0
    )
    leakage: float = setting(
        "Most current that an open one may seem to carry: the sensor's error.",
        default=1.0,
        unit="A",
        minimum=0,
    )
    settle: Duration = setting("Time that it has to follow, pre-charge included.", default=2.0)

    out = Output("ContactorState by name, whenever it changes.", carries="signals")
    alarm = Output("Raised while welded or not closing.", carries="event")

    _commanded: bool | None = state(None)
    _since: float = state(0.0)
    _state: str = state("")

    examples = (
        Example(
            "Told to open, and current still flows after 2 s",
            settings={"command": "Command", "current": "Current"},
            given=[
                Signals(0.0, "String", {"Command": 1, "Current": 80.0}),
                Signals(5.0, "String", {"Command": 0, "Current": 80.0}),
                Signals(8.0, "String", {"Command": 0, "Current": 79.0}),
            ],
            expect=[
                Signals(0.0, "String", {"ContactorState": "closed"}),
                Signals(5.0, "String", {"ContactorState": "opening"}),
                Signals(8.0, "String", {"ContactorState": "welded"}),
                alarm(
                    Event(
                        *(8.0, "String", "", "raised", "trip", "welded"),
                        text="contactor welded: 79 A through it, told to open 3 s ago",
                    )
                ),
            ],
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Something must show what it does."""
        if not (self.feedback or self.current or (self.inner and self.outer)):
            yield "feedback", 'is needed, or "current", or "inner" and "outer".'
        if bool(self.inner) != bool(self.outer):
            yield "outer" if self.inner else "inner", "is needed as well: it compares the two."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """The state."""
        sources = {info.source for info in incoming.find(self.command)}
        infos = (SignalInfo("ContactorState", source, type="text") for source in sorted(sources))
        return {"out": Catalogue(infos, open=incoming.open)}

    def reads(self) -> frozenset[str]:
        """All that is named."""
        named = (self.command, self.feedback, self.inner, self.outer, self.current)
        return frozenset(name for name in named if name)

    def summary(self) -> str:
        """`Command, settles in 2 s`."""
        return f"{self.command}, settles in {self.settle:g} s"

    def on_message(self, message: Signals) -> list[Signals | Sent]:
        """Judge one message that has the command."""
        commanded = self._reading(message, self.command)
        if commanded is None or message.time != message.time:
            return []
        if bool(commanded) != self._commanded or message.time < self._since:
            self._commanded, self._since = bool(commanded), message.time
        doubt = self._doubt_closed(message) if self._commanded else self._doubt_open(message)
        return self._told(message, self._named(doubt, message.time - self._since), doubt)

    def _named(self, doubt: str, waited: float) -> State:
        if not doubt:
            return "closed" if self._commanded else "open"
        if waited <= self.settle:
            return "closing" if self._commanded else "opening"
        return "not closing" if self._commanded else "welded"

    def _doubt_closed(self, message: Signals) -> str:
        """What speaks against its being closed."""
        if self._reading(message, self.feedback) == 0:
            return "its feedback says open"
        inner, outer = self._reading(message, self.inner), self._reading(message, self.outer)
        if inner is not None and outer is not None and abs(inner - outer) > self.difference:
            return f"{inner:.4g} V before and {outer:.4g} V behind it"
        return ""

    def _doubt_open(self, message: Signals) -> str:
        """What speaks against its being open; equal voltages do not, as others may feed the bus."""
        if self._reading(message, self.feedback):
            return "its feedback says closed"
        current = self._reading(message, self.current)
        if current is not None and abs(current) > self.leakage:
            return f"{current:.4g} A through it"
        return ""

    def _reading(self, message: Signals, name: str | None) -> float | None:
        if name is None:
            return None
        source, plain = split_signal(name)
        return number(message.values.get(plain)) if meant(source, message.source) else None

    def _told(self, message: Signals, now: State, doubt: str) -> list[Signals | Sent]:
        if now == self._state:
            return []
        before, self._state = self._state, now
        time, source = message.time, message.source
        out: list[Signals | Sent] = [Signals(time, source, {"ContactorState": now})]
        if before in _FAULTS:
            text = f"contactor {now}, no longer {before}"
            out.append(self.alarm(Event(time, source, self.id, "cleared", "trip", now, text)))
        if now in _FAULTS:
            told = "close" if self._commanded else "open"
            text = f"contactor {now}: {doubt}, told to {told} {time - self._since:.3g} s ago"
            out.append(self.alarm(Event(time, source, self.id, "raised", "trip", now, text)))
        return out


_FAULTS = ("welded", "not closing")
