"""An alarm's day: how often it was raised, when, and for how long."""

from __future__ import annotations

from typing import Final

import msgspec

from flowrt.node import Event, Severity

__all__ = ["SEVERITIES", "AlarmRow"]

SEVERITIES: Final[tuple[Severity, ...]] = ("trip", "alarm", "warning", "info")
"""The worst first."""
_MOST_SPANS: Final = 100
"""Spans that are drawn; the duration counts all."""


class AlarmRow(msgspec.Struct):
    """What became of one alarm; times in POSIX seconds, `since` while it stands."""

    source: str
    name: str
    severity: Severity = "info"
    text: str = ""
    first: float | None = None
    last: float | None = None
    count: int = 0
    duration: float = 0.0
    since: float | None = None
    spans: list[list[float]] = []

    def take(self, event: Event) -> None:
        """It was raised or cleared; told again, it stands on."""
        if event.state == "cleared":
            self.end(event.time)
            return
        self.severity = min(self.severity, event.severity, key=SEVERITIES.index)
        self.text = event.text or self.text
        if self.since is None:
            self.count += 1
            self.since = event.time
            self.first = event.time if self.first is None else self.first
            self.last = event.time

    def end(self, time: float) -> None:
        """It stands no more."""
        if self.since is None:
            return
        begin, self.since = self.since, None
        self.duration += max(0.0, time - begin)
        if len(self.spans) < _MOST_SPANS:
            self.spans.append([begin, time])

    def carried(self, midnight: float) -> AlarmRow:
        """The row of the next day for an alarm that stands at midnight."""
        return AlarmRow(self.source, self.name, self.severity, self.text, since=midnight)

    def lasted(self, until: float) -> float:
        """Seconds that it stood, until now where it still does."""
        standing = 0.0 if self.since is None else max(0.0, until - self.since)
        return self.duration + standing

    def drawn(self, until: float) -> list[list[float]]:
        """From when to when it stood."""
        return [*self.spans, *([[self.since, until]] if self.since is not None else [])]
