"""The newest readings of many alike, and their median."""

from __future__ import annotations

from statistics import median

from nodes.analysis.readings import MOST

__all__ = ["Siblings"]

_FEWEST = 3
"""Of fewer, nobody can say who is the odd one out."""


class Siblings:
    """The newest reading of each, no older than `age` seconds.

    The median is worked out anew when the first of them speaks again: once a round, not once a
    message.
    """

    def __init__(self, age: float) -> None:
        self._age = age
        self._newest: dict[str, tuple[float, float]] = {}
        self._since: set[str] = set()
        self._median: float | None = None

    def note(self, source: str, time: float, value: float) -> None:
        """Take a reading."""
        if source not in self._newest and len(self._newest) >= MOST:
            return
        if source in self._since:
            self._since.clear()
            self._median = self._worked_out(time)
        self._since.add(source)
        self._newest[source] = (time, value)

    def median(self) -> float | None:
        """The median of the round before; None of fewer than three."""
        return self._median

    def _worked_out(self, time: float) -> float | None:
        fresh = [value for at, value in self._newest.values() if abs(time - at) <= self._age]
        return median(fresh) if len(fresh) >= _FEWEST else None

    def saved(self) -> list[object]:
        """JSON-able."""
        newest = {source: list(reading) for source, reading in self._newest.items()}
        return [newest, sorted(self._since), self._median]

    def take_up(self, saved: list[object]) -> None:
        """Go on with what was saved."""
        newest, since, self._median = saved  # type: ignore[assignment]
        assert isinstance(newest, dict)
        assert isinstance(since, list)
        self._newest = {source: (at, value) for source, (at, value) in newest.items()}
        self._since = set(since)
