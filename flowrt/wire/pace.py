"""How many messages may come from a journal now, where a wire sets a pace."""

from __future__ import annotations

import time
from typing import Final

__all__ = ["Pace"]

_BURST: Final = 0.25
"""Seconds whose messages may come at once."""


class Pace:
    """At most so many messages a second; None is no limit."""

    def __init__(self, a_second: float | None) -> None:
        self._a_second = a_second
        self._saved = 0.0
        self._since = time.monotonic()

    def allowed(self, most: int) -> int:
        """How many may come now, up to `most`."""
        if self._a_second is None:
            return most
        now = time.monotonic()
        largest = max(1.0, self._a_second * _BURST)
        self._saved = min(largest, self._saved + (now - self._since) * self._a_second)
        self._since = now
        return min(int(self._saved), most)

    def used(self, count: int) -> None:
        """So many have come."""
        if self._a_second is not None:
            self._saved -= count

    @property
    def next(self) -> float:
        """Seconds until the next one may come."""
        return max(0.01, (1 - self._saved) / self._a_second) if self._a_second else 0.0
