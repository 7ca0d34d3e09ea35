"""Silence as an alarm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Output,
    Severity,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
    state,
)
from nodes.logic.deadline import Deadline
from nodes.logic.pick import MOST_SERIES, Pick, is_pattern, picked
from nodes.logic.quantity import duration

_CYCLES: Final = 3
"""A source may miss two messages."""


@node("logic/stale-watch", icon="heart-pulse")
class StaleWatch(Transform):
    """Raise an alarm when a source or signal has not come for a while; clear it when it returns.

    Without `after` that is three times the cycle that the source declares. What is known to come
    is awaited from the start; the rest from when it first came. A reading of None has not come.
    After a restart silence counts anew.
    """

    sources: list[str] = setting(
        "Sources to watch, such as State or rack2/*; all where no signals are given either.",
        default=list,
    )
    signals: list[str] = setting(
        "Signals to watch, such as SOC, State.SOC or Cell*.", default=list, signal=True
    )
    after: Duration | None = setting(
        "Silence that raises the alarm; three declared cycles where left out.", default=None
    )
    severity: Severity = setting("How bad it is.", default="alarm")

    alarm = Output("Raised and cleared, with the seconds of silence as value.", carries="event")

    _seen: dict[str, dict[str, float]] = state(factory=dict)
    _stale: dict[str, list[str]] = state(factory=dict)

    examples = (
        Example(
            "The battery falls silent for 3 s",
            settings={"sources": ["State"], "after": "3 s"},
            given=[
                Signals(0.0, "State", {"SOC": 55}),
                Signals(1.0, "State", {"SOC": 55}),
                Signals(9.0, "State", {"SOC": 54}),
            ],
            expect=[
                Event(4.0, "State", "", "raised", "alarm", 3.0, "State silent for 3 s"),
                Event(9.0, "State", "", "cleared", "alarm", 8.0, "State is back after 8 s"),
            ],
            until=10.0,
        ),
    )

    def __post_init__(self) -> None:
        self._pick = Pick(self.signals)
        self._all = not self.sources and not self.signals
        self._incoming = Catalogue(open=True)
        self._limits: dict[tuple[str, str], float | None] = {}
        self._watched: dict[str, bool] = {}
        self._deadline = Deadline(self, self._elapse)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Something must say how long is too long."""
        if self.after is not None:
            if self.after < 0.001:
                yield "after", f"must be 1 ms or more, not {duration(self.after)}."
            return
        timeless = [info.qualified for info in self._awaited() if info.cycle is None]
        if self._incoming.open or timeless:
            which = f": {', '.join(sorted(timeless)[:3])}" if timeless else ""
            yield "after", f"is needed, as not every source declares a cycle{which}."

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """No signal leaves; the declared cycles are remembered."""
        self._incoming = incoming
        self._limits.clear()
        return Catalogue()

    def summary(self) -> str:
        """`State silent for 3 s`."""
        what = ", ".join([*self.sources, *self.signals]) or "any source"
        limit = f"{_CYCLES} cycles" if self.after is None else duration(self.after)
        return f"{what} silent for {limit}"

    def _awaited(self) -> list[SignalInfo]:
        """The catalogue's signals that are watched, by themselves or as part of their source."""
        chosen = picked(self._incoming, self.signals) if self.signals else []
        return chosen + [info for info in self._incoming if self._watches(info.source)]

    def _watches(self, source: str) -> bool:
        known = self._watched.get(source)
        if known is None:
            known = self._all or any(fnmatchcase(source, pattern) for pattern in self.sources)
            if len(self._watched) < MOST_SERIES:
                self._watched[source] = known
        return known

    def _limit(self, source: str, name: str) -> float | None:
        """The silence allowed to a signal, or to a source where `name` is empty."""
        if self.after is not None:
            return self.after
        key = (source, name)
        if key not in self._limits:
            self._limits[key] = self._declared(source, name)
        return self._limits[key]

    def _declared(self, source: str, name: str) -> float | None:
        cycles = [
            info.cycle
            for info in self._incoming
            if info.source == source and info.cycle and name in ("", info.name)
        ]
        return _CYCLES * min(cycles) if cycles else None

    # --- messages

    def on_message(self, message: Signals) -> list[Event]:
        """Note what has come; what has fallen silent before it comes first."""
        time, source = message.time, message.source
        if not math.isfinite(time):
            self.context.drop("no time", 1)
            return []
        if self._deadline.set_back(time):
            self._count_anew(time)
        events = self._deadline.catch_up(time)
        if self._watches(source):
            events += self._come(source, "", time)
        if self.signals:
            for name, value in message.values.items():
                if value is not None and value == value and self._pick(source, name):
                    events += self._come(source, name, time)
        return events

    def _come(self, source: str, name: str, time: float) -> list[Event]:
        limit = self._limit(source, name)
        if limit is None:
            return []
        seen = self._seen.get(source)
        if seen is None:
            if len(self._seen) >= MOST_SERIES:
                self.context.drop("too many sources", 1)
                return []
            seen = self._seen[source] = {}
        last, seen[name] = seen.get(name), time
        stale = name in self._stale.get(source, ())
        if last is None or stale:  # else something is due before it, and looks again
            self._deadline.set(time + limit, time)
        if not stale:
            return []
        self._stale[source].remove(name)
        return [self._event("cleared", source, name, time, time - (time if last is None else last))]

    def _count_anew(self, now: float) -> None:
        """The clock was set back: nothing has come later than now."""
        for seen in self._seen.values():
            seen.update({name: min(at, now) for name, at in seen.items()})
        self._await_next(now)

    # --- silence

    def _elapse(self, now: float) -> list[Event]:
        """Raise what has been silent too long, then wait for the next that may be."""
        events = []
        for end, source, name in sorted(self._ends()):
            if end > now:
                break
            self._stale.setdefault(source, []).append(name)
            events.append(self._event("raised", source, name, end, end - self._seen[source][name]))
        self._await_next(now)
        return events

    def _ends(self) -> Iterator[tuple[float, str, str]]:
        """When each thing that is not stale yet would be."""
        for source, seen in self._seen.items():
            stale = self._stale.get(source, ())
            for name, at in seen.items():
                limit = self._limit(source, name)
                if limit is not None and name not in stale:
                    yield at + limit, source, name

    def _await_next(self, now: float) -> None:
        nearest = min(self._ends(), default=None)
        if nearest is not None:
            self._deadline.set(nearest[0], now)

    def _event(self, state: str, source: str, name: str, time: float, silence: float) -> Event:
        what = f"{source}.{name}" if name else source
        said = "silent for" if state == "raised" else "is back after"
        time, silence = round(time, 6), round(silence, 6)
        text = f"{what} {said} {duration(silence)}"
        return Event(time, source, self.id, state, self.severity, silence, text)

    # --- start and state

    async def start(self) -> None:
        """Await what is known to come."""
        now = self.clock.now()
        for source, name in self._known():
            if self._limit(source, name) is not None:
                self._seen.setdefault(source, {}).setdefault(name, now)
        self._rewait()

    def _known(self) -> Iterator[tuple[str, str]]:
        yield from ((source, "") for source in self.sources if not is_pattern(source))
        yield from ((info.source, "") for info in self._incoming if self._watches(info.source))
        if self.signals:
            yield from ((info.source, info.name) for info in picked(self._incoming, self.signals))

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up who is silent, and wait on."""
        super().restore(saved)
        self._rewait()

    def _rewait(self) -> None:
        """Wait on; what fell silent while the node did not run was not heard, so it counts anew."""
        now = self.clock.now()
        for end, source, name in list(self._ends()):
            if end <= now:
                self._seen[source][name] = now
        self._deadline.cancel()
        self._await_next(now)
