"""A flow under a virtual clock, cut off from the world: the ground of replay and flow tests.

Sinks are recorded and not connected. Sources that touch the world are silent until fed; those
that need only the clock (an inject, a simulator) run. Nothing sleeps, and the same input gives
the same output, byte for byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from flowrt.clock import VirtualClock
from flowrt.flow.check import Prepared
from flowrt.flow.graph import Edge
from flowrt.message import Message
from flowrt.node import Source
from flowrt.running.circuit import Circuit
from flowrt.running.step import Push, Step
from flowrt.watch.watch import Watch

__all__ = ["Record", "Rehearsal"]

Record: TypeAlias = Callable[[str, str, Message], None]
"""Takes a node's id, a port's name and a message seen there."""


class Rehearsal:
    """A prepared flow that is fed by hand. Use as an asynchronous context manager.

    `record` sees what reaches a sink, and what leaves a node that nobody listens to.
    """

    def __init__(self, prepared: Prepared, record: Record, start: float = 0.0) -> None:
        self.clock = VirtualClock(start)
        self.watch = Watch()
        self._record = record
        self._tasks: list[asyncio.Task[None]] = []
        self._fed: set[str] = set()
        self.circuit = Circuit(prepared, self.clock, self.watch, self._recorder)
        self._record_loose_ends()

    def _recorder(self, step: Step, edge: Edge) -> Push:
        if edge.overflow and step.node.outputs:  # a queue between chains: nothing queues here
            return step.inlet(edge.input, self.circuit.graph.carries(edge))
        id, port = step.node.id, step.node.inputs[edge.input].name

        def record(batch: Sequence[Message]) -> None:
            step.counters.received += len(batch)
            for message in batch:
                self._record(id, port, message)

        return record

    def _record_loose_ends(self) -> None:
        """A node that nobody listens to is recorded at its first output."""
        heard = {edge.source for edge in self.circuit.graph.edges}
        for id, step in self.circuit.steps.items():
            if id not in heard and step.outlets:
                self.tap(id, step.outlets[0].name, self._record)

    def tap(self, id: str, port: str, record: Record) -> None:
        """Also show what passes an output to `record`."""
        outlet = next(o for o in self.circuit.steps[id].outlets if o.name == port)

        def show(batch: Sequence[Message]) -> None:
            for message in batch:
                record(id, port, message)

        outlet.targets.append(show)

    def silence(self, id: str) -> None:
        """Do not run this source by itself: it is fed."""
        self._fed.add(id)

    async def __aenter__(self) -> Rehearsal:
        for step in self.circuit.steps.values():
            if not step.node.external:
                await step.node.start()
        for id, step in self.circuit.steps.items():
            node = step.node
            if isinstance(node, Source) and not node.external and id not in self._fed:
                self.clock.runner_started()
                self._tasks.append(asyncio.create_task(self._run(step, node)))
        await self.clock.settle()
        return self

    async def _run(self, step: Step, source: Source) -> None:
        async def emit(result: Any) -> None:
            step.pass_on(result if isinstance(result, list | tuple) else (result,))

        try:
            await source.run(emit)
        except Exception as error:  # noqa: BLE001  reported like any node's
            step.fault(error, None)
        finally:
            self.clock.runner_ended()

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for step in self.circuit.steps.values():
            step.cancel_timers()
            if not step.node.external:
                await step.node.stop()

    async def run_to(self, time: float) -> None:
        """Let the clock go on, timers and sleeping sources with it."""
        due = self.clock.next_due()
        if due is not None and due <= time:
            await self.clock.run_to(time)
        else:
            self.clock.advance(time)

    async def give(self, id: str, batch: Sequence[Message], port: int = 0) -> None:
        """Let messages of one moment leave a node, as if it had sent them."""
        await self.run_to(batch[0].time)
        step = self.circuit.steps[id]
        step.counters.sent += len(batch)
        step.outlets[port].push(batch)

    def snapshot(self) -> dict[str, Any]:
        """The state of every node that has one, by id."""
        states = {id: step.node.snapshot() for id, step in self.circuit.steps.items()}
        return {id: state for id, state in states.items() if state}

    def restore(self, states: Mapping[str, Any]) -> None:
        """Give nodes the state that `snapshot` gave, before it is entered."""
        for id, state in states.items():
            if id in self.circuit.steps:
                self.circuit.steps[id].node.restore(state)

    def count_anew(self) -> None:
        """Forget what was counted."""
        for step in self.circuit.steps.values():
            step.counters.errors = 0
            step.counters.drops.clear()

    def finish(self) -> None:
        """The input has ended: let every transform give out what it holds."""
        self.circuit.finish()
