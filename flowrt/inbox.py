"""The queues that end at one node with a task of its own, drained wire by wire in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from flowrt.graph import Edge
from flowrt.journal import Journal
from flowrt.message import Message
from flowrt.step import Step
from flowrt.wire import Wire, make_wire

__all__ = ["Inbox"]

_MOST_A_WRITE: Final = 1024
"""Messages a sink is handed at once."""


class Inbox:
    """The wires that end at one node with a task of its own."""

    def __init__(self, step: Step, capacity: int, overflow: str) -> None:
        self.step = step
        self.wires: list[tuple[Edge, Wire]] = []
        self.bell = asyncio.Event()
        self.in_flight: tuple[Wire, list[Message]] | None = None
        self._capacity = capacity
        self._overflow = overflow

    def wire(self, edge: Edge, spill: Callable[[], Journal]) -> Wire:
        """A new wire that ends here."""
        policy = edge.overflow or self._overflow
        made = make_wire(policy, edge.capacity or self._capacity, self.bell, self.step.drop, spill)
        self.wires.append((edge, made))
        return made

    def __len__(self) -> int:
        return sum(len(wire) for _, wire in self.wires)

    async def drain(self, handle: Callable[[int, list[Message]], Awaitable[None]]) -> None:
        """Hand over what comes, wire by wire in turn, for ever."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            while len(self):
                for edge, wire in self.wires:
                    if batch := wire.take(_MOST_A_WRITE):
                        self.in_flight = (wire, batch)
                        await self._hand_over(wire, partial(handle, edge.input), batch)
                        self.in_flight = None

    async def _hand_over(
        self, wire: Wire, handle: Callable[[list[Message]], Awaitable[None]], batch: list[Message]
    ) -> None:
        """Let a batch be dealt with; where that fails the wire says what becomes of it."""
        try:
            await handle(batch)
        except Exception as error:  # noqa: BLE001  a sink's error is its own
            self.step.fault(error, batch[0])
            if await wire.failed(batch, error):
                self.step.counters.received -= len(batch)
        else:
            wire.done()

    async def close(self) -> int:
        """Give up what is queued or half written; says how much that was."""
        if self.in_flight is not None:
            wire, batch = self.in_flight
            wire.put_back(batch)
        return sum([await wire.close() for _, wire in self.wires])
