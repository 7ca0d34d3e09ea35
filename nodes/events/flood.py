"""A flood of alarms, told as one."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flowrt.node import (
    Duration,
    Event,
    Example,
    Output,
    Sent,
    Timer,
    Transform,
    node,
    setting,
    state,
)

_MOST: Final = 1000
"""Alarms that are kept apart."""
_NAMED: Final = 3
"""Alarms that the summary names."""


@node("events/flood", icon="filter")
class Flood(Transform):
    """Tell a flood of alarms as one, so that an operator can act: by ISA-18.2 and EEMUA 191.

    More than `limit` alarms raised in `per` are a flood: one event says so, with the alarm that
    came first, and further alarms are held and counted, none is lost. It ends when fewer than
    `ends_below` came in `per`: then a summary is told, and the held alarms that still stand.
    """

    limit: int = setting("Alarms within `per` that are no flood yet.", default=10, minimum=1)
    per: Duration = setting("Length of time in which they are counted.", default=600.0, minimum=1)
    ends_below: int = setting("It ends when fewer came within `per`.", default=5, minimum=1)
    always: list[str] = setting(
        "Severities that pass also in a flood.",
        default=lambda: ["trip"],
        items={"enum": ["info", "warning", "alarm", "trip"]},
    )

    out = Output("The alarms, but for those that are held in a flood.", carries="event")
    flood = Output(
        "Raised when a flood begins; cleared, with a summary, at its end.", carries="event"
    )
    held = Output("Each event that is held, as it comes: for a record.", carries="event")

    _recent: list[list[Any]] = state(factory=list)
    _first: str = state("")
    _since: float | None = state(None)
    _standing: dict[str, list[Any]] = state(factory=dict)
    _told: dict[str, bool] = state(factory=dict)
    _counts: dict[str, int] = state(factory=dict)
    _held: int = state(0)

    examples = (
        Example(
            "The third alarm within a minute is one too many",
            settings={"limit": 2, "per": "60 s", "ends_below": 1},
            given=[
                Event(1.0, "rack1", "lost", "raised", "alarm"),
                Event(2.0, "rack1", "low", "raised", "warning"),
                Event(3.0, "rack2", "low", "raised", "warning"),
                Event(4.0, "rack2", "low", "cleared", "warning"),
            ],
            expect=[
                Event(1.0, "rack1", "lost", "raised", "alarm"),
                Event(2.0, "rack1", "low", "raised", "warning"),
                flood(
                    Event(
                        *(3.0, "", "flood", "raised", "alarm", 3),
                        text="more than 2 alarms in 60 s; "
                        "first was lost of rack1 at 1970-01-01 00:00:01.000 UTC",
                    )
                ),
                held(Event(3.0, "rack2", "low", "raised", "warning")),
                held(Event(4.0, "rack2", "low", "cleared", "warning")),
                flood(
                    Event(
                        *(63.0, "", "flood", "cleared", "alarm", 1),
                        text="1 alarm held in 60 s, first was lost of rack1 at "
                        "1970-01-01 00:00:01.000 UTC; most often 1 of low of rack2",
                    )
                ),
            ],
            until=70.0,
        ),
    )

    def __post_init__(self) -> None:
        self._raised: deque[list[Any]] = deque(maxlen=max(self.limit, self.ends_below) + 1)
        self._timer: Timer | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """An end that would be a beginning."""
        if self.ends_below > self.limit:
            yield "ends_below", f"must not be more than limit ({self.limit}), or it ends at once."

    def summary(self) -> str:
        """`more than 10 in 600 s`."""
        return f"more than {self.limit} in {self.per:g} s"

    def figures(self) -> dict[str, float]:
        """Whether there is a flood, and what it holds."""
        return {
            "is_flood": float(self._since is not None),
            "held": self._held,
            "held_standing": len(self._standing),
        }

    # --- messages

    def on_message(self, event: Event) -> list[Event | Sent]:
        """Pass it on, or hold it; the one that is too many begins the flood."""
        key = f"{event.source}\n{event.name}"
        out: list[Event | Sent] = []
        if event.state == "raised":
            out += self._count(event)
        if event.state == "cleared":
            was_told = self._told.pop(key, False)
            if self._standing.pop(key, None) is not None and not was_told:
                return [self._hold(event)]
        if self._since is None or event.state != "raised" or event.severity in self.always:
            return [*out, self._passed(event)]
        if key in self._standing or len(self._standing) < _MOST:
            fields = [event.time, event.source, event.name, event.state, event.severity]
            self._standing[key] = [*fields, event.value, event.text]
            self._counts[key] = self._counts.get(key, 0) + 1
        return [*out, self._hold(event)]

    def _passed(self, event: Event) -> Event:
        """Note that it was told, so that its clearing is."""
        if event.state == "raised" and len(self._told) < _MOST:
            self._told[f"{event.source}\n{event.name}"] = True
        return event

    def _hold(self, event: Event) -> Sent:
        self._held += event.state == "raised"
        self.context.drop("held in a flood", 1)
        return self.held(event)

    def _count(self, event: Event) -> list[Event | Sent]:
        now = self.clock.now()
        self._forget(now)
        self._raised.append([now, event.time, event.source, event.name])
        self._wait()
        if self._since is not None or len(self._raised) <= self.limit:
            return []
        self._since, self._first = now, _told(*self._raised[0])
        text = f"more than {self.limit} alarms in {self.per:g} s; first was {self._first}"
        return [self._flood("raised", len(self._raised), text, now)]

    def _forget(self, now: float) -> None:
        while self._raised and not 0 <= now - self._raised[0][0] < self.per - 1e-6:
            self._raised.popleft()

    # --- its end

    def _wait(self) -> None:
        """Look again when the oldest alarm counts no more."""
        if self._timer is None and self._raised:
            rest = self._raised[0][0] + self.per - self.clock.now()
            self._timer = self.clock.after(min(max(rest, 0.0), self.per), self._look)

    def _look(self) -> None:
        self._timer = None
        now = self.clock.now()
        self._forget(now)
        if self._since is not None and len(self._raised) < self.ends_below:
            self.context.send(self._end(now))
        self._wait()

    def _end(self, now: float) -> list[Event | Sent]:
        assert self._since is not None
        lasted, self._since = now - self._since, None
        often = sorted(self._counts.items(), key=lambda item: -item[1])[:_NAMED]
        told = [f"{count} of {_words(key)}" for key, count in often]
        count = f"{self._held} alarm{'s' * (self._held != 1)}"
        text = f"{count} held in {lasted:.0f} s, first was {self._first}"
        text += f"; most often {', '.join(told)}" if told else ""
        text += f"; {len(self._standing)} still stand" if self._standing else ""
        ended = self._flood("cleared", self._held, text, now)
        standing = sorted(self._standing.values(), key=lambda fields: fields[0])
        self._standing, self._counts, self._held = {}, {}, 0
        return [ended, *(self._passed(Event(*fields)) for fields in standing)]

    def _flood(self, state: str, count: int, text: str, now: float) -> Sent:
        return self.flood(Event(now, self.id, "flood", state, "alarm", count, text))

    # --- its life

    async def start(self) -> None:
        """Go on counting."""
        self._wait()

    async def stop(self) -> None:
        """What is held is kept in the state."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def finish(self) -> list[Event | Sent]:
        """A log has ended: tell what is held."""
        return self._end(self.clock.now()) if self._since is not None else []

    def snapshot(self) -> dict[str, Any]:
        """Counts, and what is held."""
        return {**super().snapshot(), "_recent": list(self._raised)}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on counting."""
        super().restore(saved)
        self._raised.extend(self._recent)
        self._wait()


def _words(key: str) -> str:
    source, name = key.split("\n", 1)
    return f"{name} of {source}" if source else name


def _told(now: float, time: float, source: str, name: str) -> str:
    """`lost of rack1 at 2026-03-01 11:02:03.250 UTC`."""
    stamp = datetime.fromtimestamp(time if math.isfinite(time) else now, UTC)
    told = stamp.isoformat(" ", "milliseconds").removesuffix("+00:00")
    return f"{name or 'an alarm'} of {source or 'the flow'} at {told} UTC"
