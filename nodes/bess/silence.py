"""Which of the messages that must come has not come for too long."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Final

from flowrt.node import Node, Timer

__all__ = ["Silence"]

_STEP: Final = 1.0
"""Seconds by which a clock must move by itself before it counts as set."""


class Silence:
    """Calls `fall_silent` with the moment at which one of the `core` messages was due.

    Times are those of the messages. `seen` has the last one of each, and is the owner's to keep.
    One timer runs at a time, and is set anew only when it has run out.
    """

    def __init__(
        self,
        node: Node,
        core: Iterable[str],
        timeout: float,
        seen: dict[str, float],
        fall_silent: Callable[[float], None],
    ) -> None:
        self._node = node
        self._core = tuple(core)
        self._timeout = timeout
        self._seen = seen
        self._fall_silent = fall_silent
        self._timer: Timer | None = None
        self._lag = 0.0
        """By how much the last message was stamped earlier than it came."""
        self._ahead: float | None = None

    def begin(self) -> None:
        """Await every message from now on; what came longer ago counts as come now."""
        now = self._node.clock.now()
        for name in self._core:
            if now - self._seen.get(name, -math.inf) > self._timeout:
                self._seen[name] = now
        self.wait()

    def due(self) -> float:
        """When silence is too long unless something comes."""
        return min(self._seen.get(name, -math.inf) for name in self._core) + self._timeout

    def missing(self, now: float) -> list[str]:
        """Those that have been silent for too long."""
        limit = now - self._timeout + 1e-6
        return [name for name in self._core if self._seen.get(name, -math.inf) <= limit]

    def note(self, name: str, time: float) -> None:
        """A message has come."""
        if name in self._core:
            self._seen[name] = time
            self._lag = max(self._node.clock.now() - time, 0.0)

    def follow_clock(self, time: float) -> None:
        """What was seen moves with a wall clock that was set, either way."""
        clock = self._node.clock
        ahead = clock.now() - clock.steady()
        if self._ahead is not None and ahead - self._ahead > _STEP:
            self._move(ahead - self._ahead)
        elif time < max(self._seen.values(), default=time) - _STEP:
            self._move(time - max(self._seen.values()))
        self._ahead = ahead

    def _move(self, seconds: float) -> None:
        for name in self._seen:
            self._seen[name] += seconds

    def wait(self) -> None:
        """Be called when silence is too long."""
        if self._timer is None:
            late = self.due() + self._lag - self._node.clock.now()
            self._timer = self._node.clock.after(max(late, 0.0), self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._node.clock.now()
        self.follow_clock(now)
        if self.due() + self._lag <= now + 1e-6:
            self._fall_silent(self.due())
        else:
            self.wait()

    def cancel(self) -> None:
        """Await nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
