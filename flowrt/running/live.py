"""One flow as it runs live: its circuit, a task per source, sink and resource, queues between."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from flowrt.clock import Clock, RealClock
from flowrt.flow.check import Prepared
from flowrt.flow.graph import Edge, Graph
from flowrt.journal import Journal
from flowrt.message import Message
from flowrt.node import Emit, Resource, Sink, Source
from flowrt.port import KIND_CLASSES
from flowrt.running.circuit import Circuit
from flowrt.running.inbox import Inbox
from flowrt.running.step import Push, Step
from flowrt.running.supervisor import supervise
from flowrt.state.saving import Saver
from flowrt.watch.watch import Watch
from flowrt.wire import Wire

__all__ = ["RunningFlow", "drained"]

_START_AGAIN: Final = 1.0
"""Seconds after which a node that did not start is tried once more; then supervision's pauses."""
_SETTLING: Final = 5.0
"""Seconds the sinks may take to write what is queued, else this checkpoint is left out."""
_LOCK_PATIENCE: Final = 10.0
_START_PATIENCE: Final = 20.0
"""Seconds a node may take to start, so that it cannot hold up all others for ever."""
_CANCEL_AGAIN: Final = 1.0
"""Seconds after which a task that is still there is cancelled once more."""
_LONGEST_TURN: Final = 0.002
"""Seconds a source may push before the other tasks get a turn."""


class RunningFlow:
    """A flow between `start` and `stop`.

    Its state is saved every `save_every` seconds, 0 for at its stop only.
    """

    def __init__(
        self,
        prepared: Prepared,
        watch: Watch,
        *,
        data: Path,
        clock: Clock | None = None,
        shared: dict[type, Any] | None = None,
        save_every: float = 0.0,
    ) -> None:
        self.prepared = prepared
        self.name = prepared.flow.name
        self.clock = clock or RealClock()
        self.inboxes: dict[str, Inbox] = {}
        self._data = data
        self._save_every = save_every
        self._saving: asyncio.Task[None] | None = None
        self.saver = Saver(self.name, data / "state" / f"{self.name}.json", watch, self._settled)
        self._tasks: dict[Step, list[asyncio.Task[None]]] = {}
        self._serving: set[Step] = set()
        self._blocking: dict[str, list[Wire]] = {}
        self.circuit = Circuit(prepared, self.clock, watch, self._inlet, shared)
        self.rewired()

    def _inlet(self, step: Step, edge: Edge) -> Push:
        """The end of a wire that has a queue."""
        inbox = self.inboxes.get(edge.target)
        if inbox is None:
            inbox = self.inboxes[edge.target] = Inbox(step, *_bounds(step))
        elif inbox.step is not step:
            inbox.serve(step, *_bounds(step))
        wire = inbox.wire(edge, partial(self._journal, edge))
        if not isinstance(step.node, Sink):  # its own inlet looks at the kinds
            return wire.put
        return step.filtered(edge.input, self.prepared.graph.carries(edge), wire.put)

    def _journal(self, edge: Edge) -> Journal:
        """The journal of a wire; waits for another flow of the name that still has it open."""
        nodes = self.prepared.nodes
        source, target = nodes[edge.source], nodes[edge.target]
        output, input_ = source.outputs[edge.output].name, target.inputs[edge.input].name
        name = f"{edge.source}.{output}-{edge.target}.{input_}".replace("/", "~")
        return Journal(self._data / "journal" / self.name / name, edge.journal, _LOCK_PATIENCE)

    def rewired(self) -> None:
        """The wires are others now: sources wait for those that block them."""
        edges = frozenset(self.circuit.graph.edges)
        for id, inbox in self.inboxes.items():
            inbox.keep_only(edges)
            step = self.circuit.steps.get(id, inbox.step)
            if step is not inbox.step:  # it has no queue any more, but what is in it is wanted
                inbox.serve(step, *_bounds(step))
        for id, step in self.circuit.steps.items():
            if isinstance(step.node, Source):
                self._blocking.setdefault(id, [])[:] = self._waiting_for(step)

    # --- starting

    async def start(self) -> None:
        """Start resources, sinks, transforms and sources, in this order.

        What cannot start is reported and tried again; the rest of the flow runs.
        """
        circuit = self.circuit
        await self.saver.restore(self.prepared.nodes)
        steps = (*circuit.resources.values(), *reversed(circuit.steps.values()))
        for step in steps:
            await self.start_step(step, circuit.graph)
        for step in steps:
            self.run_step(step)
        if self._save_every:
            saving = self.saver.run(self._save_every, lambda: self.prepared.nodes)
            self._saving = asyncio.create_task(saving, name=f"{self.name} checkpoints")

    async def save(self) -> None:
        """Save the state now."""
        await self.saver.save(self.prepared.nodes)

    async def _settled(self) -> bool:
        """Whether the sinks have written what has passed until now, where that matters."""
        if not self._resumes():
            return True
        waiting = [(box, box.handled + box.pending()) for box in self.inboxes.values()]
        deadline = perf_counter() + _SETTLING
        while any(box.handled < wanted for box, wanted in waiting):
            if perf_counter() > deadline:
                return False
            await asyncio.sleep(0.002)
        return True

    async def start_step(self, step: Step, graph: Graph) -> None:
        """Start a node of that graph; one that cannot is tried again by a task of its own."""
        if isinstance(step.node, Source):
            step.node.wanted = graph.wants(step.node.id)
        elif isinstance(step.node, Sink):
            step.node.incoming = graph.catalogue(step.node.id)
        try:
            async with asyncio.timeout(_START_PATIENCE):
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

    def run_step(self, step: Step) -> None:
        """Begin what a node does by itself: connect, write what comes, bring messages in."""
        inbox = self.inboxes.get(step.node.id)
        if isinstance(step.node, Resource):
            self._spawn(step, step.node.run)
        elif inbox is not None and inbox.step is step:
            self._serving.add(step)
            self._spawn(step, partial(inbox.drain, self._handler(inbox)))
        if isinstance(step.node, Source):
            self._spawn(step, partial(step.node.run, self._emitter(step)))

    def _spawn(self, step: Step, run: Callable[[], Awaitable[None]]) -> None:
        def on_error(error: Exception, pause: float) -> None:
            step.fault(error, None)
            step.status(f"failed, trying again in {pause:g} s: {error}", ok=False)

        task = asyncio.create_task(
            supervise(run, on_error, self.clock), name=f"{self.name}.{step.node.id}"
        )
        self._tasks.setdefault(step, []).append(task)

    async def rest(self, steps: Iterable[Step]) -> None:
        """End what nodes do by themselves; they can be run again."""
        resting = set(steps)
        self._serving -= resting
        await _cancel([task for step in resting for task in self._tasks.pop(step, ())])

    def serves(self, step: Step) -> bool:
        """Whether the queue of a step is emptied by a task."""
        return step in self._serving

    # --- the edges

    def _emitter(self, step: Step) -> Emit:
        """What a source calls: pushes through the circuit, waits for wires that make it wait."""
        blocking = self._blocking[step.node.id]
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

    @property
    def is_running(self) -> bool:
        """Whether it has begun, and has not been stopped."""
        return bool(self._tasks)

    def sources_ended(self) -> bool:
        """Whether every source has ended by itself."""
        tasks = [task for step in self._sources() for task in self._tasks.get(step, ())]
        return all(task.done() for task in tasks)

    def _sources(self) -> list[Step]:
        return [step for step in self.circuit.steps.values() if isinstance(step.node, Source)]

    def _resumes(self) -> bool:
        nodes = (step.node for step in self._sources())
        return any(node.resumes for node in nodes if isinstance(node, Source))

    def broken(self) -> list[str]:
        """The nodes whose task has ended by what supervision cannot mend."""
        return [
            step.node.id
            for step, tasks in self._tasks.items()
            if any(task.done() and (task.cancelled() or task.exception()) for task in tasks)
        ]

    async def stop(self, patience: float = 5.0) -> None:
        """Stop sources, drain the queues for up to `patience` seconds, stop everything.

        What is then still queued is counted as dropped.
        """
        if self._saving is not None:
            await _cancel([self._saving])
        await self.rest(self._sources())
        await drained(self.inboxes.values(), patience)
        await self.rest(list(self._tasks))
        for inbox in self.inboxes.values():
            if left := await inbox.close():
                inbox.step.drop("stopped with messages queued", left)
        for step in (*self.circuit.steps.values(), *self.circuit.resources.values()):
            await self.stop_step(step)
        await self.saver.save(self.prepared.nodes, wait=False)

    async def stop_step(self, step: Step) -> None:
        """Let a node go of everything; it can be started again."""
        step.cancel_timers()
        try:
            await step.node.stop()
        except Exception as error:  # noqa: BLE001  the others must stop, too
            step.fault(error, None)


def _bounds(step: Step) -> tuple[int, str]:
    """Capacity and policy of a node's queue, unless a wire says otherwise."""
    kind = type(step.node)
    return (kind.capacity, kind.overflow) if issubclass(kind, Sink) else (10_000, "block")


async def drained(inboxes: Iterable[Inbox], patience: float) -> None:
    """Return when the queues are empty, or after so many seconds; a journal on disk can wait."""
    deadline = perf_counter() + patience
    boxes = [box for box in inboxes if not _spills(box)]
    while any(len(box) or box.in_flight for box in boxes) and perf_counter() < deadline:  # noqa: ASYNC110  polled once, at the end
        await asyncio.sleep(0.005)


def _spills(inbox: Inbox) -> bool:
    return all(wire.policy == "spill" for _, wire in inbox.wires)


async def _cancel(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended: some library may swallow a first cancellation."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN)
