"""The queues that end at one node with a task of its own, drained wire by wire in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterator
from functools import partial
from time import perf_counter
from typing import Final

from flowrt.flow.graph import Edge
from flowrt.journal import Journal
from flowrt.message import Message
from flowrt.running.step import Step
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
        self._paused = False
        self.handled = 0
        """Messages that were handed over, or lost and counted, since it was made."""

    def pending(self) -> int:
        """Messages in memory that are not dealt with; a journal on disk keeps its own."""
        queued = sum(len(wire) for _, wire in self.wires if wire.policy != "spill")
        return queued + (len(self.in_flight[1]) if self.in_flight else 0)

    def serve(self, step: Step, capacity: int, overflow: str) -> None:
        """Work for another step of the same id from now on; what is queued is handed to that."""
        self.step = step
        self._capacity = capacity
        self._overflow = overflow

    def wire(self, edge: Edge, spill: Callable[[], Journal]) -> Wire:
        """The wire that ends here; one between the same ports goes on, with all that it holds."""
        policy = edge.overflow or self._overflow
        capacity = edge.capacity or self._capacity
        before = next((one for other, one in self.wires if other.joins_as(edge)), None)
        if before is not None and before.policy == policy:
            before.adapt(capacity, edge.journal)
            self.wires = [(edge if one is before else other, one) for other, one in self.wires]
            return before
        made = make_wire(policy, capacity, self.bell, self._drop, spill, edge.journal)
        if before is not None and before.policy != "spill":  # that one is emptied from the disk
            made.put(before.take(len(before)))
        self.wires = [*self.wires, (edge, made)]
        return made

    def keep_only(self, edges: Container[Edge]) -> None:
        """Forget the wires that are no longer among these, once they are empty."""
        held = self.in_flight[0] if self.in_flight else None
        kept = [
            (edge, wire) for edge, wire in self.wires if edge in edges or len(wire) or wire is held
        ]
        for one in self.wires:
            if one not in kept:
                one[1].let_go()
        self.wires = kept

    def take_all(self) -> Iterator[tuple[int, list[Message]]]:
        """What is queued in memory, by input, for a step that ends and can deal with it at once."""
        for edge, wire in self.wires:
            while wire.policy != "spill" and (batch := wire.take(_MOST_A_WRITE)):
                yield edge.input, batch

    async def pause(self, patience: float) -> None:
        """Hand over nothing more until it is drained anew; wait so long for what is under way."""
        self._paused = True
        deadline = perf_counter() + patience
        while self.in_flight is not None and perf_counter() < deadline:  # noqa: ASYNC110  polled once, at a deploy
            await asyncio.sleep(0.002)

    def _drop(self, reason: str, count: int) -> None:
        self.handled += count
        self.step.drop(reason, count)

    def __len__(self) -> int:
        return sum(len(wire) for _, wire in self.wires)

    async def drain(self, handle: Callable[[int, list[Message]], Awaitable[None]]) -> None:
        """Hand over what comes, wire by wire in turn, until paused or cancelled."""
        self._paused = False
        self.bell.set()
        while True:
            await self.bell.wait()
            self.bell.clear()
            while await self._round(handle):
                pass
            if self._paused:
                return

    async def _round(self, handle: Callable[[int, list[Message]], Awaitable[None]]) -> bool:
        """Hand over a batch of every wire that has one; False where none had."""
        any_had = False
        for edge, wire in self.wires:
            if self._paused:
                return False
            if batch := wire.take(_MOST_A_WRITE):
                any_had = True
                self.in_flight = (wire, batch)
                await self._hand_over(wire, partial(handle, edge.input), batch)
                self.in_flight = None
                self.handled += len(batch)
        return any_had

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

    def take_back(self) -> None:
        """Queue again what was handed over and not dealt with."""
        if self.in_flight is not None:
            wire, batch = self.in_flight
            self.in_flight = None
            wire.put_back(batch)

    async def close(self) -> int:
        """Give up what is queued or half written; says how much that was."""
        self.take_back()
        return sum([await wire.close() for _, wire in self.wires])
