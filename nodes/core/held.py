"""Messages that wait for their moment."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable
from typing import Any, Final

from flowrt.node import Message, Node, Timer, from_record, to_record

__all__ = ["Held"]

_SHORTEST_PAUSE: Final = 0.001
"""Seconds between two releases: what falls due within a millisecond leaves together."""


class Held:
    """Messages that a node holds back, sent by one timer when they are due.

    `longest` seconds is the most that the earliest one can have to wait; it bounds what a
    wall clock that is set back can do. The timer itself is steady.
    """

    def __init__(self, node: Node, longest: float) -> None:
        self._node = node
        self._longest = longest
        self._heap: list[tuple[float, int, Message]] = []
        self._order = itertools.count()
        self._timer: Timer | None = None
        self._armed_for = 0.0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, due: float, message: Message) -> None:
        """Hold a message until `due`; those due at the same time keep their order."""
        heapq.heappush(self._heap, (due, next(self._order), message))
        if self._timer is None or due < self._armed_for:
            self.arm()

    def take_due(self, now: float) -> list[Message]:
        """Let go of what is due, in order."""
        heap, taken = self._heap, []
        while heap and heap[0][0] <= now:
            taken.append(heapq.heappop(heap)[2])
        return taken

    def take_all(self) -> list[Message]:
        """Let go of everything, in order."""
        self.disarm()
        return self.take_due(float("inf"))

    def arm(self) -> None:
        """Set the timer for the earliest message, if there is one."""
        self.disarm()
        if self._heap:
            self._armed_for = self._heap[0][0]
            pause = self._armed_for - self._node.clock.now()
            pause = min(max(pause, _SHORTEST_PAUSE), max(self._longest, _SHORTEST_PAUSE))
            self._timer = self._node.clock.after(pause, self._release)

    def disarm(self) -> None:
        """Stop the timer; what is held stays."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _release(self) -> None:
        self._timer = None
        # What the timer was set for is due now, even where the wall clock was set back since.
        due = self.take_due(max(self._node.clock.now(), self._armed_for))
        self.arm()
        self._node.context.send(due)

    def snapshot(self) -> list[Any]:
        """What is held, JSON-able."""
        return [[due, to_record(message)] for due, _, message in sorted(self._heap)]

    def restore(self, saved: Iterable[Any]) -> None:
        """Hold what `snapshot` gave; `arm` sets the timer once there is a clock."""
        self._heap = [(due, next(self._order), from_record(record)) for due, record in saved]
        heapq.heapify(self._heap)
