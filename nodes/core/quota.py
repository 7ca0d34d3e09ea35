"""So many a second, and no more."""

from __future__ import annotations

__all__ = ["Quota"]


class Quota:
    """Grants up to `most` in each second; the seconds begin with the first request."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self._began = float("-inf")

    def take(self, now: float, wanted: int = 1) -> int:
        """How many of those wanted are granted."""
        if not 0.0 <= now - self._began < 1.0:  # also when the clock has been set back
            self._began, self._left = now, self._most
        granted = min(wanted, self._left)
        self._left -= granted
        return granted
