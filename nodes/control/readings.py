"""The newest readings that a control node goes by, and whether they are fresh enough to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from flowrt.node import Catalogue, Signals, split_signal

__all__ = ["Readings"]

_CYCLES: Final = 3
"""A source may miss two messages."""
_MOST: Final = 1000
"""Sources of a signal that are kept apart."""


class Readings:
    """Newest reading by signal and source; one older than allowed is as good as none.

    Allowed is `stale_after`, else three times the cycle that the source declares. A reading that
    is not available (None, NaN, a text) makes the one before it void.
    """

    def __init__(self, names: Iterable[str], stale_after: float | None) -> None:
        self._names = list(dict.fromkeys(names))
        self._patterns = [(name, *split_signal(name)) for name in self._names]
        self._plain = {plain for _, _, plain in self._patterns}
        self._stale_after = stale_after
        self._expected: dict[str, dict[str, float]] = {name: {} for name in self._names}
        self._newest: dict[str, dict[str, tuple[float, float]]] = {}

    # --- what is known before it runs

    def declare(self, incoming: Catalogue) -> None:
        """Learn which sources have the signals, and their cycles."""
        for name in self._names:
            self._expected[name] = {
                info.source: _CYCLES * info.cycle if info.cycle else math.inf
                for info in incoming.find(name)
            }

    def timeless(self) -> list[str]:
        """Signals for which nothing says how old they may be."""
        if self._stale_after is not None:
            return []
        return [
            name
            for name, sources in self._expected.items()
            if not sources or math.inf in sources.values()
        ]

    # --- readings

    def take(self, message: Signals, now: float) -> bool:
        """Note what concerns us; whether anything did. A stamp from the future counts as now."""
        if self._plain.isdisjoint(message.values):
            return False
        taken = False
        for name, source, plain in self._patterns:
            if plain not in message.values or not _fits(source, message.source):
                continue
            taken = True
            self._note(name, message, message.values[plain], now)
        return taken

    def _note(self, name: str, message: Signals, value: object, now: float) -> None:
        kept = self._newest.setdefault(name, {})
        if not isinstance(value, int | float) or not math.isfinite(value):
            kept.pop(message.source, None)
        elif message.source in kept or len(kept) < _MOST:
            time = message.time if math.isfinite(message.time) else -math.inf
            kept[message.source] = (float(value), min(time, now))

    def fresh(self, name: str, now: float) -> list[float] | None:
        """The readings of all its sources; None where one is missing or too old."""
        kept = self._newest.get(name, {})
        if not kept or not self._expected[name].keys() <= kept.keys():
            return None
        if any(self._end(name, source, min(at, now)) <= now for source, (_, at) in kept.items()):
            return None
        return [value for value, _ in kept.values()]

    def missing(self, names: Iterable[str], now: float) -> list[str]:
        """Which of these are missing or too old."""
        return [name for name in names if self.fresh(name, now) is None]

    def next_end(self, now: float) -> float:
        """When the next reading becomes too old."""
        ends = (
            self._end(name, source, at)
            for name, kept in self._newest.items()
            for source, (_, at) in kept.items()
        )
        return min((end for end in ends if end > now), default=math.inf)

    def _end(self, name: str, source: str, at: float) -> float:
        if self._stale_after is not None:
            return at + self._stale_after
        # Patterns may be met by sources that nobody declared: the shortest cycle holds for them.
        declared = self._expected[name]
        return at + declared.get(source, min(declared.values(), default=0.0))

    # --- state

    def saved(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            name: {source: list(reading) for source, reading in kept.items()}
            for name, kept in self._newest.items()
        }

    def take_up(self, saved: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
        """Go on with what was saved; how old it is decides whether it counts."""
        self._newest = {
            name: {source: (value, at) for source, (value, at) in kept.items()}
            for name, kept in saved.items()
            if name in self._expected
        }

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)


def _fits(wanted: str | None, source: str) -> bool:
    return wanted is None or wanted == source or fnmatchcase(source, wanted)
