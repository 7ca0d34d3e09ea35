"""A bounded queue between a chain of nodes and the task that drains it, and its six policies.

| policy        | a full queue                                                    |
|---------------|-----------------------------------------------------------------|
| `block`       | makes the source wait                                           |
| `drop-oldest` | loses its oldest messages                                       |
| `drop-newest` | loses what comes                                                |
| `latest`      | keeps one message per source, whatever the capacity             |
| `thin`        | loses every second message, oldest first                        |
| `spill`       | is on disk: every message goes there first (`spill.py`)         |

Whatever is lost is counted by reason.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Literal, TypeAlias, get_args

from flowrt.journal import JournalOptions
from flowrt.message import Message, stream_of

__all__ = ["PLAIN", "POLICIES", "Drop", "Policy", "Wire"]

Policy: TypeAlias = Literal["block", "drop-oldest", "drop-newest", "latest", "thin", "spill"]
POLICIES: Final[tuple[str, ...]] = get_args(Policy)
Drop: TypeAlias = Callable[[str, int], None]


class Wire:
    """A queue that drops its oldest messages when full; the other policies differ from it.

    `bell` is rung when something comes, and may be shared by several wires; `drop(reason, count)`
    is told of losses.
    """

    policy: Policy = "drop-oldest"
    waits: bool = False
    """Whether a source must await `room` after it has sent."""

    def __init__(self, capacity: int, bell: asyncio.Event, drop: Drop) -> None:
        self.capacity = capacity
        self.bell = bell
        self.peak = 0
        self.dropped = 0
        self._drop = drop
        self._queue: deque[Message] = deque()

    def __len__(self) -> int:
        return len(self._queue)

    def put(self, batch: Sequence[Message]) -> None:
        """Take a batch; never waits."""
        self._queue.extend(batch)
        if len(self._queue) > self.capacity:
            self._overflow()
        self._note_peak()
        self.bell.set()

    def take(self, most: int) -> list[Message]:
        """Up to `most` of the oldest messages; empty where there are none."""
        queue = self._queue
        if len(queue) <= most:
            taken = list(queue)
            queue.clear()
            return taken
        return [queue.popleft() for _ in range(most)]

    def put_back(self, batch: Sequence[Message]) -> None:
        """Take back what was taken last and not dealt with."""
        self._queue.extendleft(reversed(batch))

    def adapt(self, capacity: int, journal: JournalOptions | None) -> None:
        """Go on with all that is queued, as the wire is set now."""
        self.capacity = capacity

    def let_go(self) -> None:
        """It is empty, and nobody uses it any more."""

    def done(self) -> None:
        """What was taken last has been dealt with."""

    async def failed(self, batch: Sequence[Message], error: Exception) -> bool:
        """What was taken last could not be dealt with; says whether it will be given again."""
        self.drop("write failed", len(batch))
        return False

    async def room(self) -> None:
        """Return when the source may go on."""

    async def close(self) -> int:
        """Give up what is still queued; says how many messages that were."""
        left = len(self._queue)
        self._queue.clear()
        return left

    def drop(self, reason: str, count: int) -> None:
        """Count losses, here and at the node where the wire ends."""
        self.dropped += count
        self._drop(reason, count)

    def _overflow(self) -> None:
        excess = len(self._queue) - self.capacity
        for _ in range(excess):
            self._queue.popleft()
        self.drop("queue full, oldest dropped", excess)

    def _note_peak(self) -> None:
        self.peak = max(self.peak, len(self))


class _DropNewest(Wire):
    policy: Policy = "drop-newest"

    def _overflow(self) -> None:
        excess = len(self._queue) - self.capacity
        for _ in range(excess):
            self._queue.pop()
        self.drop("queue full, newest dropped", excess)


class _Thin(Wire):
    policy: Policy = "thin"

    def _overflow(self) -> None:
        """Keep every second one of the oldest part, as often as it takes to fit."""
        dropped = 0
        while (excess := len(self._queue) - self.capacity) > 0:
            part = min(len(self._queue), max(2, 2 * excess))
            oldest = [self._queue.popleft() for _ in range(part)]
            kept = oldest[1::2]
            self._queue.extendleft(reversed(kept))
            dropped += part - len(kept)
        self.drop("queue full, thinned", dropped)


class _Block(Wire):
    """Takes whole batches, then makes the source wait.

    What comes by a timer cannot wait: beyond twice the capacity it is dropped.
    """

    policy: Policy = "block"
    waits = True

    def __init__(self, capacity: int, bell: asyncio.Event, drop: Drop) -> None:
        super().__init__(capacity, bell, drop)
        self._has_room = asyncio.Event()
        self._has_room.set()

    def _overflow(self) -> None:
        self._has_room.clear()
        excess = len(self._queue) - 2 * max(self.capacity, _LARGEST_BATCH)
        if excess > 0:
            for _ in range(excess):
                self._queue.pop()
            self.drop("queue full while blocked", excess)

    def take(self, most: int) -> list[Message]:
        taken = super().take(most)
        if len(self._queue) <= self.capacity:
            self._has_room.set()
        return taken

    async def room(self) -> None:
        if not self._has_room.is_set():
            await self._has_room.wait()

    async def close(self) -> int:
        self._has_room.set()
        return await super().close()


class _Latest(Wire):
    """One message per source: a frame's channel and id, an event's source and name."""

    policy: Policy = "latest"

    def __init__(self, capacity: int, bell: asyncio.Event, drop: Drop) -> None:
        super().__init__(capacity, bell, drop)
        self._newest: dict[object, Message] = {}

    def __len__(self) -> int:
        return len(self._newest)

    def put(self, batch: Sequence[Message]) -> None:
        newest = self._newest
        before = len(newest)
        for message in batch:
            newest[stream_of(message)] = message
        replaced = len(batch) - (len(newest) - before)
        if replaced:
            self.drop("replaced by a newer one", replaced)
        if len(newest) > self.capacity:
            self._overflow()
        self._note_peak()
        self.bell.set()

    def take(self, most: int) -> list[Message]:
        keys = list(islice(self._newest, most))
        return [self._newest.pop(key) for key in keys]

    def put_back(self, batch: Sequence[Message]) -> None:
        for message in batch:
            self._newest.setdefault(stream_of(message), message)

    async def close(self) -> int:
        left = len(self._newest)
        self._newest.clear()
        return left

    def _overflow(self) -> None:
        excess = len(self._newest) - self.capacity
        for key in list(islice(self._newest, excess)):
            del self._newest[key]
        self.drop("more sources than the queue holds", excess)


_LARGEST_BATCH: Final = 1024
PLAIN: Final[dict[str, type[Wire]]] = {
    cls.policy: cls for cls in (Wire, _DropNewest, _Thin, _Block, _Latest)
}
