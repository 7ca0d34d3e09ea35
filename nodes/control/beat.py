"""A steady beat, so that how often equipment is written to has a bound whatever comes in."""

from __future__ import annotations

import math
from collections.abc import Callable

from flowrt.node import Node, Timer

__all__ = ["Beat"]


class Beat:
    """Calls at each whole multiple of `every`, and before it at the moment that `soon` names.

    The call is told whether it is the beat itself. One timer runs at a time.
    """

    def __init__(
        self,
        node: Node,
        every: float,
        call: Callable[[bool], None],
        soon: Callable[[float], float] = lambda _now: math.inf,
    ) -> None:
        self._node = node
        self._every = every
        self._call = call
        self._soon = soon
        self._timer: Timer | None = None
        self._next = 0.0

    def begin(self) -> None:
        """Beat on, unless it does already."""
        if self._timer is None:
            self._wait()

    def cancel(self) -> None:
        """Fall still."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        now = self._node.clock.now()
        # A timer may fire a little early: its own beat must not come twice.
        self._next = round((math.floor(now / self._every + 0.01) + 1) * self._every, 6)
        due = max(min(self._next, self._soon(now)), now)
        self._timer = self._node.clock.after(due - now, self._fire)

    def _fire(self) -> None:
        self._timer = None
        beat = self._node.clock.now() >= self._next - 0.01 * self._every
        try:
            self._call(beat)
        finally:
            self._wait()
