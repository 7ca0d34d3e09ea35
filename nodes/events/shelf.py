"""Shelved alarms, held back from whoever is called by an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowrt.node import Event, Example, Output, Sent, Timer, Transform, node, setting, state

_MOST: Final = 1000
_LOOK: Final = 2.0
"""Seconds between looks at what is held: an operator may take an alarm back at any time."""


@node("events/shelf", icon="clock-pause")
class Shelf(Transform):
    """Hold back the events of alarms that an operator has shelved; put it before what calls people.

    An alarm that still stands when it comes back from the shelf is sent on then. What was held is
    counted, and leaves by `held` for a record. Shelving is done in the editor's drawer, by
    `flowrt alarms shelve`, or over the API.
    """

    always: list[str] = setting(
        "Severities that pass although they are shelved.",
        default=list,
        items={"enum": ["info", "warning", "alarm", "trip"]},
    )

    out = Output("The events of alarms that are not shelved.", carries="event")
    held = Output("Each event that was held back, as it comes.", carries="event")

    _standing: dict[str, list[Any]] = state(factory=dict)
    _told: dict[str, bool] = state(factory=dict)

    examples = (
        Example(
            "Nothing is shelved",
            given=[Event(1.0, "rack1", "soc_low", "raised", "warning", 18.0, "18 %")],
            expect=[Event(1.0, "rack1", "soc_low", "raised", "warning", 18.0, "18 %")],
        ),
    )

    def __post_init__(self) -> None:
        self._timer: Timer | None = None

    def summary(self) -> str:
        """`holds shelved alarms`."""
        passing = f", but {', '.join(self.always)}" if self.always else ""
        return f"holds shelved alarms{passing}"

    def figures(self) -> dict[str, float]:
        """How many alarms stand on the shelf."""
        return {"standing_on_the_shelf": len(self._standing)}

    def on_message(self, event: Event) -> list[Event | Sent]:
        """Hold it, or pass it on."""
        key = f"{event.source}\n{event.name}"
        was_told = self._told.pop(key, False) if event.state == "cleared" else False
        was_held = self._standing.pop(key, None) is not None and not was_told
        if not (was_held if event.state == "cleared" else self._is_held(event)):
            return [self._passed(event)]
        if event.state == "raised" and len(self._standing) < _MOST:
            fields = [event.time, event.source, event.name, event.state, event.severity]
            self._standing[key] = [*fields, event.value, event.text]
            self._wait()
        self.context.drop("shelved", 1)
        return [self.held(event)]

    def _passed(self, event: Event) -> Event:
        """Note that it was told, so that its clearing is."""
        if event.state == "raised" and len(self._told) < _MOST:
            self._told[f"{event.source}\n{event.name}"] = True
        return event

    def _is_held(self, event: Event) -> bool:
        return (
            event.state != "acknowledged"
            and event.severity not in self.always
            and self.context.is_shelved(event.source, event.name)
        )

    # --- what comes back

    def _wait(self) -> None:
        if self._timer is None and self._standing:
            self._timer = self.clock.after(_LOOK, self._look)

    def _look(self) -> None:
        self._timer = None
        back = [key for key in self._standing if not self.context.is_shelved(*key.split("\n", 1))]
        self.context.send([self._passed(Event(*self._standing.pop(key))) for key in back])
        self._wait()

    async def start(self) -> None:
        """Look after what is held."""
        self._wait()

    async def stop(self) -> None:
        """What is held is kept in the state."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on with what is held."""
        super().restore(saved)
        self._wait()
