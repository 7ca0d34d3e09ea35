"""One timer for many things that fall due, never one for each message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flowrt.node import Node, Timer

__all__ = ["Deadline"]


_DISORDER: Final = 1.0
"""Seconds by which messages may come out of order before it means a clock set back."""


class Deadline:
    """The earliest moment at which a node has something to do, in message time.

    The clock calls when it has come; a node that sees a message of that time or later first asks
    `reached`, so that the result is the same however messages are batched.
    """

    def __init__(self, node: Node, call: Callable[[float], None]) -> None:
        self._node = node
        self._call = call
        self._timer: Timer | None = None
        self._latest: float | None = None
        self.due: float | None = None

    def set_back(self, time: float) -> bool:
        """Whether a message's time says that the clock was set back; what was due is void then."""
        latest, self._latest = self._latest, time
        if latest is None or time >= latest - _DISORDER:
            return False
        self.cancel()
        return True

    def set(self, due: float, now: float) -> None:
        """Fall due at `due`, or earlier where that is set already; `now` is message time."""
        if self.due is None or due < self.due:
            self.cancel()
            self.due = due
            self._timer = self._node.clock.after(due - now, self._fire)

    def reached(self, time: float) -> float | None:
        """The moment that was due by `time`, once; None where there is none."""
        due = self.due
        if due is None or time < due:
            return None
        self.cancel()
        return due

    def cancel(self) -> None:
        """Fall due never."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.due = None

    def _fire(self) -> None:
        due, self._timer, self.due = self.due, None, None
        if due is not None:
            self._call(due)
