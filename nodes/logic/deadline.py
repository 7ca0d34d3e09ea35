"""One timer for many things that fall due, never one for each message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flowrt.node import Node, Timer

__all__ = ["Deadline"]


_DISORDER: Final = 1.0
"""Seconds by which messages may come out of order before it means a clock set back."""


class Deadline:
    """The earliest moment at which a node has something to do, in message time.

    `elapse` does what is due by then and gives what is to be sent. The clock calls it; a node that
    sees a message of that time or later, of whichever source, first asks `catch_up`, so that what
    it gives is the same however messages are batched.
    """

    def __init__(self, node: Node, elapse: Callable[[float], list[Any]]) -> None:
        self._node = node
        self._elapse = elapse
        self._timer: Timer | None = None
        self._latest: float | None = None
        self._ahead = 0.0
        """By how much the wall clock was ahead of the steady one when something fell due."""
        self.due: float | None = None

    def set_back(self, time: float) -> bool:
        """Whether a message's time says that the clock was set back; what was due is void then."""
        latest, self._latest = self._latest, time
        if latest is None or time >= latest - _DISORDER:
            return False
        self.cancel()
        return True

    def set(self, due: float, now: float) -> None:
        """Fall due at `due`, or earlier where that is set already; `now` is message time.

        Messages may be stamped later than the clock (a batch taken from a log) or earlier (a
        source whose clock lags); the longer wait is the one that never cuts a delay short.
        """
        if self.due is None or due < self.due:
            self.cancel()
            self.due = due
            clock = self._node.clock
            self._ahead = clock.now() - clock.steady()
            self._timer = clock.after(due - min(now, clock.now()), self._fire)

    def catch_up(self, time: float) -> list[Any]:
        """Do all that is due by a message's time, unless that is late as the clock was set."""
        given: list[Any] = []
        self._follow_wall()
        while (due := self.due) is not None and due <= time:
            self.cancel()
            given += self._elapse(due)
        return given

    def _follow_wall(self) -> None:
        """What is due moves with a wall clock that was set ahead; the timer is steady anyhow."""
        clock = self._node.clock
        ahead = clock.now() - clock.steady()
        if self.due is not None and ahead - self._ahead > _DISORDER:
            self.due += ahead - self._ahead
        self._ahead = ahead

    def cancel(self) -> None:
        """Fall due never."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.due = None

    def _fire(self) -> None:
        due, self._timer, self.due = self.due, None, None
        if due is not None:
            self._node.context.send(self._elapse(due))
