"""Looks at what passes an output, by a budget, so that looking can never slow a flow.

Up to 200 messages in 100 ms are looked at; what comes beyond that is only counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from flowrt.message import Message, stream_of
from flowrt.running.step import Outlet

__all__ = ["Sampler"]

_BUDGET: Final = 200
_WINDOW: Final = 0.1
_MOST_STREAMS: Final = 200


class Sampler:
    """The newest message of each source at one output, at most 200; and how many came.

    `hang` puts it into an outlet's targets; until then, and after `hang(None)`, it costs nothing.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.count = 0
        self.skipped = 0
        """Messages that were not looked at, or had to give way to those of other sources."""
        self.newest: dict[object, Message] = {}
        self._now = now
        self._budget = _BUDGET
        self._renewed = now()
        self._outlet: Outlet | None = None

    def hang(self, outlet: Outlet | None) -> None:
        """Look at this output from now on, and no more at the one before; None for none."""
        if outlet is self._outlet:
            return
        if self._outlet is not None:
            self._outlet.targets.remove(self.push)
        if outlet is not None:
            outlet.targets.append(self.push)
        self._outlet = outlet

    def push(self, batch: Sequence[Message]) -> None:
        """Take a batch as a wire does: called for each, so it does next to nothing."""
        self.count += len(batch)
        now = self._now()
        if now - self._renewed >= _WINDOW:
            self._renewed = now
            self._budget = _BUDGET
        excess = len(batch) - self._budget
        if excess > 0:
            self.skipped += excess
            if not self._budget:
                return
            batch = batch[excess:]
        self._budget -= len(batch)
        self.look(batch)

    def look(self, batch: Sequence[Message]) -> None:
        """Remember the newest of each source."""
        newest = self.newest
        for message in batch:
            stream = stream_of(message)
            newest.pop(stream, None)  # so that the order is that of the last messages
            newest[stream] = message
        while len(newest) > _MOST_STREAMS:
            del newest[next(iter(newest))]
            self.skipped += 1

    def clear(self) -> None:
        """Begin anew."""
        self.newest.clear()
        self.count = self.skipped = 0
