"""One flow as it runs live: its circuit, a task per source, sink and resource, queues between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from flowrt import checkpoint
from flowrt.check import Prepared
from flowrt.circuit import Circuit
from flowrt.clock import Clock, RealClock
from flowrt.graph import Edge
from flowrt.inbox import Inbox
from flowrt.journal import Journal
from flowrt.message import Message
from flowrt.node import Emit, Resource, Sink, Source
from flowrt.port import KIND_CLASSES
from flowrt.step import Push, Step
from flowrt.supervisor import supervise
from flowrt.watch import Watch
from flowrt.wire import Wire

__all__ = ["RunningFlow"]

_START_AGAIN: Final = 1.0
"""Seconds after which a node that did not start is tried once more; then supervision's pauses."""
_CANCEL_AGAIN: Final = 1.0
"""Seconds after which a task that is still there is cancelled once more."""
_LONGEST_TURN: Final = 0.002
"""Seconds a source may push before the other tasks get a turn."""


class RunningFlow:
    """A flow between `start` and `stop`."""

    def __init__(
        self,
        prepared: Prepared,
        watch: Watch,
        *,
        data: Path,
        clock: Clock | None = None,
        shared: dict[type, Any] | None = None,
    ) -> None:
        self.prepared = prepared
        self.name = prepared.flow.name
        self.clock = clock or RealClock()
        self.inboxes: dict[str, Inbox] = {}
        self._data = data
        self._checkpoint = data / "state" / f"{self.name}.json"
        self._watch = watch
        self._tasks: list[asyncio.Task[None]] = []
        self._source_tasks: list[asyncio.Task[None]] = []
        self.circuit = Circuit(prepared, self.clock, watch, self._inlet, shared)

    def _inlet(self, step: Step, edge: Edge) -> Push:
        """The end of a wire that has a queue."""
        inbox = self.inboxes.get(edge.target)
        if inbox is None:
            kind = type(step.node)
            capacity, overflow = (
                (kind.capacity, kind.overflow) if issubclass(kind, Sink) else (10_000, "block")
            )
            inbox = self.inboxes[edge.target] = Inbox(step, capacity, overflow)
        wire = inbox.wire(edge, partial(self._journal, edge))
        if not isinstance(step.node, Sink):  # its own inlet looks at the kinds
            return wire.put
        return step.filtered(edge.input, self.prepared.graph.carries(edge), wire.put)

    def _journal(self, edge: Edge) -> Journal:
        name = f"{edge.source}.{edge.output}-{edge.target}.{edge.input}.journal"
        return Journal(self._data / "spill" / self.name / name)

    # --- starting

    async def start(self) -> None:
        """Start resources, sinks, transforms and sources, in this order.

        What cannot start is reported and tried again; the rest of the flow runs.
        """
        circuit = self.circuit
        checkpoint.restore(self._checkpoint, self.prepared.nodes)
        for step in (*circuit.resources.values(), *reversed(circuit.steps.values())):
            if isinstance(step.node, Source):
                step.node.wanted = circuit.graph.wants(step.node.id)
            await self._start_node(step)
        for step in circuit.resources.values():
            if isinstance(step.node, Resource):
                self._spawn(step, step.node.run)
        for id, inbox in self.inboxes.items():
            self._spawn(circuit.steps[id], partial(inbox.drain, self._handler(inbox)))
        for step in circuit.steps.values():
            if isinstance(step.node, Source):
                run = partial(step.node.run, self._emitter(step))
                self._source_tasks.append(self._spawn(step, run))

    async def _start_node(self, step: Step) -> None:
        """Start a node; one that cannot is tried again by a task of its own."""
        try:
            await step.node.start()
        except Exception as error:  # noqa: BLE001  a node that cannot start must not stop others
            step.fault(error, None)
            step.status(f"did not start: {error}", ok=False)
            self._spawn(step, partial(self._start_again, step))

    async def _start_again(self, step: Step) -> None:
        await self.clock.sleep(_START_AGAIN)
        await step.node.start()
        if not step.state[1]:
            step.status("started", ok=True)

    def _spawn(self, step: Step, run: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        def on_error(error: Exception, pause: float) -> None:
            step.fault(error, None)
            step.status(f"failed, trying again in {pause:g} s: {error}", ok=False)

        task = asyncio.create_task(
            supervise(run, on_error, self.clock), name=f"{self.name}.{step.node.id}"
        )
        self._tasks.append(task)
        return task

    # --- the edges

    def _emitter(self, step: Step) -> Emit:
        """What a source calls: pushes through the circuit, waits for wires that make it wait."""
        blocking = self._waiting_for(step)
        turn_began = perf_counter()

        async def emit(result: Any) -> None:
            nonlocal turn_began
            batch = result if isinstance(result, list | tuple) else (result,)
            if batch:
                step.pass_on(batch)
            for wire in blocking:
                await wire.room()
            if perf_counter() - turn_began > _LONGEST_TURN:
                await asyncio.sleep(0)
                turn_began = perf_counter()

        return emit

    def _waiting_for(self, step: Step) -> list[Wire]:
        reached = self.circuit.graph.downstream(step.node.id)
        return [
            wire
            for id, inbox in self.inboxes.items()
            if id in reached
            for _, wire in inbox.wires
            if wire.waits
        ]

    def _handler(self, inbox: Inbox) -> Callable[[int, list[Message]], Awaitable[None]]:
        if isinstance(inbox.step.node, Sink):
            return partial(self._write, inbox.step, inbox.step.node)
        pushes = [
            inbox.step.inlet(port.index, frozenset(KIND_CLASSES)) for port in inbox.step.node.inputs
        ]

        async def push(port: int, batch: list[Message]) -> None:
            pushes[port](batch)
            await asyncio.sleep(0)

        return push

    async def _write(self, step: Step, sink: Sink, _port: int, batch: list[Message]) -> None:
        """Hand a batch to a sink; raises what the sink does."""
        step.counters.received += len(batch)
        await sink.write(batch)
        step.counters.sent += len(batch)

    # --- stopping

    def sources_ended(self) -> bool:
        """Whether every source has ended by itself."""
        return all(task.done() for task in self._source_tasks)

    def broken(self) -> list[str]:
        """The nodes whose task has ended by what supervision cannot mend."""
        ended = [task for task in self._tasks if task.done()]
        return [_node_of(task) for task in ended if task.cancelled() or task.exception()]

    async def stop(self, patience: float = 5.0) -> None:
        """Stop sources, drain the queues for up to `patience` seconds, stop everything.

        What is then still queued is counted as dropped.
        """
        await _cancel(self._source_tasks)
        await self._drained(patience)
        await _cancel(self._tasks)
        for inbox in self.inboxes.values():
            if left := await inbox.close():
                inbox.step.drop("stopped with messages queued", left)
        for step in (*self.circuit.steps.values(), *self.circuit.resources.values()):
            step.cancel_timers()
            await self._stop_node(step)
        self._save_state()

    def _save_state(self) -> None:
        try:
            checkpoint.save(self._checkpoint, self.prepared.nodes)
        except (OSError, TypeError) as error:
            self._watch.fault(self.name, "", error, 1)

    async def _drained(self, patience: float) -> None:
        deadline = perf_counter() + patience
        inboxes = [box for box in self.inboxes.values() if not _spills(box)]
        while any(len(box) or box.in_flight for box in inboxes) and perf_counter() < deadline:  # noqa: ASYNC110  polled once, at the end
            await asyncio.sleep(0.005)

    async def _stop_node(self, step: Step) -> None:
        try:
            await step.node.stop()
        except Exception as error:  # noqa: BLE001  the others must stop, too
            step.fault(error, None)


def _spills(inbox: Inbox) -> bool:
    return all(wire.policy == "spill" for _, wire in inbox.wires)


def _node_of(task: asyncio.Task[None]) -> str:
    """The node that a task was named after."""
    return task.get_name().rpartition(".")[2]


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: some library may swallow a first cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN)
