"""The bounded queue between a bus and one receiver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from flowrt.node import Frame

__all__ = ["Mailbox"]


class Mailbox:
    """Frames for one receiver; what does not fit is dropped, newest first, and counted.

    `wanted` are the ids it takes (extended ones with bit 31 set), None for all.
    """

    def __init__(
        self, wanted: frozenset[int] | None, drop: Callable[[str, int], None], capacity: int
    ) -> None:
        self.wanted = wanted
        self._drop = drop
        self._capacity = capacity
        self._frames: list[Frame] = []
        self._bell = asyncio.Event()

    def put(self, batch: Sequence[Frame]) -> None:
        """Take what is wanted of a batch."""
        room = self._capacity - len(self._frames)
        if self.wanted is not None:
            wanted = self.wanted
            batch = [f for f in batch if (f.id | 0x8000_0000 if f.extended else f.id) in wanted]
        if len(batch) > room:
            self._drop("receive queue full", len(batch) - room)
            batch = batch[:room]
        self._frames.extend(batch)
        self._bell.set()

    def take_over(self, old: Mailbox) -> None:
        """Take what waits in another mailbox at the same bus; what is in both counts once."""
        mine, self._frames = self._frames, []
        theirs, old._frames = old._frames, []
        new = [frame for frame in mine if not old.wants(frame)]
        self.put(sorted([*theirs, *new], key=lambda frame: frame.time))

    def wants(self, frame: Frame) -> bool:
        """Whether it takes this frame."""
        key = frame.id | 0x8000_0000 if frame.extended else frame.id
        return self.wanted is None or key in self.wanted

    async def get(self) -> list[Frame]:
        """Wait for frames; everything there is."""
        await self._bell.wait()
        self._bell.clear()
        frames, self._frames = self._frames, []
        return frames
