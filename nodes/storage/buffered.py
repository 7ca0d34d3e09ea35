"""What the sinks of this pack have in common: messages gathered, then kept in one go.

The event loop never waits for the disk: a store does its work in a thread.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from flowrt.node import Duration, Message, NodeFault, Sink, Timer, Unavailable, setting

__all__ = ["BufferedSink", "Store", "in_turns"]

_MOST_PENDING: Final = 10_000
"""Messages gathered before the sink's own inbox fills."""
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0
"""Seconds between attempts while a store cannot write."""


_MOST_A_TURN: Final = 100
"""Messages a thread turns into rows or lines before the event loop may have its turn."""


def in_turns(messages: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The messages in parts, letting other threads run between them.

    Without it, the interpreter lets a busy thread keep the event loop waiting for 5 ms.
    """
    for begin in range(0, len(messages), _MOST_A_TURN):
        yield messages[begin : begin + _MOST_A_TURN]
        time.sleep(0)


class Store(Protocol):
    """Keeps messages on disk. Its methods block; they are called one at a time."""

    notes: list[NodeFault]
    """What went wrong and was overcome; taken away by the sink."""

    def write(self, messages: Sequence[Any]) -> None:
        """Keep all of them, safe from a power cut on return, or none.

        Raises Unavailable where it is worth trying again. Without messages, it opens the store.
        """

    def close(self) -> None:
        """Let go of the files; `write` opens them again."""


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class BufferedSink(Sink):
    """A sink that hands messages to a store; while that fails, they wait and are tried again."""

    flush_every: Duration = setting(
        "Longest time until a message is safe on disk; a power cut loses no more than this.",
        default=1.0,
        advanced=True,
    )

    def open_store(self) -> Store:
        """The store to write to; making it touches nothing."""
        raise NotImplementedError

    async def start(self) -> None:
        """Open the store, in the background."""
        self._store = self.open_store()
        self._pending: list[Message] = []
        self._wanted, self._room = asyncio.Event(), asyncio.Event()
        self._timer: Timer | None = None
        self._pause = 0.0
        self._closing = False
        self._task = asyncio.create_task(self._flush_when_wanted())

    async def stop(self) -> None:
        """Write what has been gathered, and close the store."""
        self._closing = True
        self._wanted.set()
        await self._task
        if self._timer is not None:
            self._timer.cancel()
        if self._pending:
            self.context.drop("not written before the stop", len(self._pending))
        await asyncio.to_thread(self._store.close)

    async def write(self, messages: Sequence[Any]) -> None:
        """Gather them; wait where the store does not keep up, so that the inbox fills."""
        self._pending.extend(messages)
        if self._timer is None:
            self._timer = self.clock.after(self.flush_every, self._wanted.set)
        while len(self._pending) >= _MOST_PENDING:
            if not self._pause:
                self._wanted.set()
            self._room.clear()
            await self._room.wait()

    async def _flush_when_wanted(self) -> None:
        await self._flush()
        while not self._closing:
            await self._wanted.wait()
            self._wanted.clear()
            await self._flush()
        if self._pending and not self._pause:  # what came while the last ones were being written
            await self._flush()

    async def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._pending = self._pending, []
        try:
            await asyncio.to_thread(self._store.write, batch)
        except Unavailable as error:
            self._pending[:0] = batch
            self._try_later(error)
        except Exception as error:  # noqa: BLE001  what cannot be written must not block the rest
            if batch:
                self.context.drop("cannot be written", len(batch))
            self.context.fault(error, batch[0] if batch else None)
            self._go_on()
        else:
            self.context.status("writing", ok=True)
            self._go_on()
        for note in self._store.notes:
            self.context.fault(note, None)
        self._store.notes.clear()

    def _go_on(self) -> None:
        self._pause = 0.0
        self._room.set()

    def _try_later(self, error: Unavailable) -> None:
        self.context.fault(error, None)
        self.context.status(str(error), ok=False)
        self._pause = min(max(2 * self._pause, _FIRST_PAUSE), _LONGEST_PAUSE)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.clock.after(self._pause, self._wanted.set)
