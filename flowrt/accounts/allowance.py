"""So many in a while, and a count of those that were too many."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Allowance"]


@dataclass
class Allowance:
    """Lets `most` through in each span of `seconds`."""

    most: int
    seconds: float
    now: Callable[[], float] = time.monotonic
    _since: float = float("-inf")
    _taken: int = 0
    _untold: int = 0

    def take(self) -> int | None:
        """How many were kept back since the last that passed; None for one that is kept back."""
        if self.now() - self._since >= self.seconds:
            self._since, self._taken = self.now(), 0
        if self._taken >= self.most:
            self._untold += 1
            return None
        self._taken += 1
        untold, self._untold = self._untold, 0
        return untold
