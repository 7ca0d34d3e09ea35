"""Take messages of other flows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from flowrt.node import Catalogue, Emit, Example, Message, Output, Source, node, setting
from nodes.core.links import Links

_MOST_AT_ONCE: Final = 1024
_FOR_EVER: Final = 1e9
"""Seconds."""


@node("core/link-in", icon="arrow-left-circle")
class LinkIn(Source):
    """Take what a link-out of the same name hands over, from any flow of this gateway."""

    external = False

    name: str = setting("Name of the link.", minLength=1)
    capacity: int = setting(
        "Most messages waiting to be taken; then the oldest are dropped and counted.",
        default=10_000,
        minimum=1,
        advanced=True,
    )

    out = Output("What was handed over.")

    examples = (Example("Readings decoded by another flow", {"name": "rack1"}),)

    def __post_init__(self) -> None:
        self._queue: deque[Message] = deque()

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """Unknown: another flow says what comes."""
        return Catalogue(open=True)

    def summary(self) -> str:
        """The link's name."""
        return self.name

    async def start(self) -> None:
        """Begin to listen."""
        self._came = asyncio.Event()
        self.context.shared(Links).join(self.name, self._put)

    async def stop(self) -> None:
        """Listen no longer; what nobody took is counted as dropped."""
        self.context.shared(Links).leave(self.name, self._put)
        if self._queue:
            self.context.drop("stopped with messages queued", len(self._queue))
            self._queue.clear()

    async def run(self, emit: Emit) -> None:
        """Pass on what comes."""
        # Virtual time goes on while a source sleeps; it knows of no other way to wait.
        asleep = asyncio.create_task(self.clock.sleep(_FOR_EVER))
        try:
            while True:
                await self._came.wait()
                self._came.clear()
                while self._queue:
                    await emit(self._take())
        finally:
            asleep.cancel()

    def _put(self, messages: Sequence[Message]) -> None:
        self._queue.extend(messages)
        excess = len(self._queue) - self.capacity
        if excess > 0:
            for _ in range(excess):
                self._queue.popleft()
            self.context.drop("link queue full, oldest dropped", excess)
        self._came.set()

    def _take(self) -> list[Message]:
        queue = self._queue
        return [queue.popleft() for _ in range(min(len(queue), _MOST_AT_ONCE))]
