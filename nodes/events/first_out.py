"""What came first when much happens at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowrt.node import Duration, Event, Example, Timer, Transform, node, setting, state

_MOST = 10_000
"""Events held, and alarms kept apart."""


@node("events/first-out", icon="list-checks")
class FirstOut(Transform):
    """Number the alarms of an incident by their stamps, and say which one came first.

    Events are held for `wait` and put in order of time, as their sources are not equally quick. An
    incident begins with the first alarm that is raised, and ends when all have cleared. Each event
    leaves with its place in the text, to the millisecond.
    """

    wait: Duration = setting(
        "How long events are held to be put in order.", default=0.2, minimum=0.001
    )

    _held: list[list[Any]] = state(factory=list)
    _standing: list[str] = state(factory=list)
    _count: int = state(0)
    _first: list[Any] = state(factory=list)

    examples = (
        Example(
            "The contactor opened because of the cell, whatever came in first",
            given=[
                Event(10.05, "string", "contactor", "raised", "trip", None, "open"),
                Event(10.0, "cell", "high", "raised", "trip", None, "3.66 V"),
            ],
            expect=[
                Event(10.0, "cell", "high", "raised", "trip", None, "first out: 3.66 V"),
                Event(
                    *(10.05, "string", "contactor", "raised", "trip", None),
                    text="2nd, 0.050 s after high of cell: open",
                ),
            ],
            until=11.0,
        ),
    )

    def __post_init__(self) -> None:
        self._timer: Timer | None = None

    def summary(self) -> str:
        """`in order after 0.2 s`."""
        return f"in order after {self.wait:g} s"

    def on_message(self, event: Event) -> list[Event]:
        """Hold it; what has been held for long enough goes first."""
        if event.time != event.time:
            self.context.drop("no time", 1)
            return []
        given = self._due() if len(self._held) < _MOST else self._all()
        fields = [event.time, event.source, event.name, event.state, event.severity]
        self._held.append([self.clock.now(), [*fields, event.value, event.text]])
        self._set()
        return given

    # --- held

    def _set(self) -> None:
        if self._timer is None and self._held:
            due = self._held[0][0] + self.wait
            self._timer = self.clock.after(due - self.clock.now(), self._fire)

    def _fire(self) -> None:
        self._timer = None
        self.context.send(self._due())
        self._set()

    def _due(self) -> list[Event]:
        """Those held for long enough, by their stamps, and what is stamped before them."""
        limit = self.clock.now() - self.wait
        stamps = [fields[0] for at, fields in self._held if at <= limit + 1e-6]
        return self._released(max(stamps)) if stamps else []

    def _all(self) -> list[Event]:
        return self._released(float("inf"))

    def _released(self, until: float) -> list[Event]:
        due = sorted((f for _, f in self._held if f[0] <= until), key=lambda fields: fields[0])
        self._held = [item for item in self._held if item[1][0] > until]
        return [self._placed(Event(*fields)) for fields in due]

    # --- the incident

    def _placed(self, event: Event) -> Event:
        key = f"{event.source}\n{event.name}"
        if event.state == "cleared" and key in self._standing:
            self._standing.remove(key)
        if event.state != "raised" or key in self._standing:
            return event
        if not self._standing:
            self._count, self._first = 0, [event.time, f"{event.name} of {event.source}"]
        if len(self._standing) < _MOST:
            self._standing.append(key)
        self._count += 1
        place = "first out"
        if self._count > 1:
            after = event.time - self._first[0]
            place = f"{_ordinal(self._count)}, {after:.3f} s after {self._first[1]}"
        text = f"{place}: {event.text}" if event.text else place
        return Event(
            event.time, event.source, event.name, event.state, event.severity, event.value, text
        )

    # --- its life

    async def stop(self) -> None:
        """What is held is kept in the state."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def finish(self) -> list[Event]:
        """Give out what is held."""
        return self._all()

    async def start(self) -> None:
        """Go on with what is held."""
        self._set()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on with what is held."""
        super().restore(saved)
        self._set()


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}th" if number % 100 in (11, 12, 13) else f"{number}{ending}"
