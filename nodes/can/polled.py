"""Reading a python-can bus by a thread, for interfaces that have no socket of the kernel."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from flowrt.node import Frame
from nodes.can.frames import frame_of

if TYPE_CHECKING:
    import can

__all__ = ["PolledReader"]

_MOST_AT_ONCE: Final = 256
_MOST_WAITING: Final = 16_384
"""Frames handed over and not yet taken: two seconds of a full bus at 1 Mbit/s."""
_POLL_SECONDS: Final = 0.1


class PolledReader:
    """Reads a bus in a thread for as long as `run` is awaited."""

    def __init__(
        self,
        bus: can.BusABC,
        channel: str,
        deliver: Callable[[list[Frame]], None],
        dropped: Callable[[int], None],
    ) -> None:
        self._bus = bus
        self._channel = channel
        self._deliver = deliver
        self._dropped = dropped
        self._turn = threading.Lock()
        self._waiting: list[Frame] = []
        self._stopping = threading.Event()

    async def run(self) -> None:
        """Deliver batches until the bus fails; raises what it failed with."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        thread = threading.Thread(
            target=self._read, args=(loop, ended), name=f"can-{self._channel}", daemon=True
        )
        thread.start()
        try:
            await asyncio.shield(ended)
        finally:
            self._stopping.set()
            await asyncio.to_thread(thread.join, 2 * _POLL_SECONDS + 1)

    def _read(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Future[None]) -> None:
        try:
            while not self._stopping.is_set():
                if batch := self._batch():
                    self._hand_over(loop, batch)
        except Exception as error:  # noqa: BLE001  a driver raises what it likes; it goes to `run`
            if not self._stopping.is_set():
                loop.call_soon_threadsafe(_fail, ended, error)

    def _batch(self) -> list[Frame]:
        frames: list[Frame] = []
        message = self._bus.recv(_POLL_SECONDS)
        while message is not None and len(frames) < _MOST_AT_ONCE:
            frames.append(frame_of(message, self._channel))
            message = self._bus.recv(0) if len(frames) < _MOST_AT_ONCE else None
        return frames

    def _hand_over(self, loop: asyncio.AbstractEventLoop, batch: list[Frame]) -> None:
        """Wake the loop, but for the first only that waits: a thread may be far ahead of it."""
        with self._turn:
            wakes = not self._waiting
            lost = max(0, len(self._waiting) + len(batch) - _MOST_WAITING)
            self._waiting += batch[: len(batch) - lost]
        if wakes:
            loop.call_soon_threadsafe(self._take)
        if lost:
            loop.call_soon_threadsafe(self._dropped, lost)

    def _take(self) -> None:
        with self._turn:
            frames, self._waiting = self._waiting, []
        self._deliver(frames)


def _fail(ended: asyncio.Future[None], error: Exception) -> None:
    if not ended.done():
        ended.set_exception(error)
