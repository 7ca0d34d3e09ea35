"""Slows down who guesses passwords: the more wrong ones in a row, the longer the pause."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Attempts"]

_FREE: Final = 5
"""Wrong passwords without a pause: people mistype."""
_FORGET: Final = 3600.0
"""Seconds after which a wrong password no longer counts."""
_MOST: Final = 4096
"""Keys that are remembered; the oldest goes first."""


@dataclass
class Attempts:
    """Failures by key (an address, a user), each with a pause that doubles up to `longest`."""

    longest: float
    now: Callable[[], float] = time.monotonic
    _failed: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)

    def pause(self, key: str) -> float:
        """Seconds until this key may try again, 0 for now."""
        count, last = self._failed.get(key, (0, 0.0))
        if count < _FREE:
            return 0.0
        wait = min(self.longest, 2.0 ** (count - _FREE))
        return max(0.0, last + wait - self.now())

    def fail(self, key: str) -> None:
        """Note a wrong password."""
        count, last = self._failed.pop(key, (0, 0.0))
        fresh = self.now() - last < _FORGET
        self._failed[key] = (min(count + 1, 64) if fresh else 1, self.now())
        if len(self._failed) > _MOST:
            self._failed.popitem(last=False)

    def succeed(self, key: str) -> None:
        """Forget what was wrong before."""
        self._failed.pop(key, None)
