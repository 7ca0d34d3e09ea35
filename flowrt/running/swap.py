"""Exchanges parts of a flow while it runs: the new version takes over between two batches.

What is the same in both versions goes on as it is: objects, tasks, queues, connections. The rest
takes turns:

1. New resources, new nodes and changed nodes without state start beside those that run.
2. Changed sources fall silent, changed sinks finish what they write, and their queues fill.
3. In one step of the event loop, with no batch on its way: state is handed over, wires are led
   to the new nodes.
4. What could not run twice at a time starts, and what has left is drained and stopped.

A node that left keeps its object, so that the way back is the same exchange again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from time import perf_counter
from typing import Any, Final

import orjson

from flowrt.flow.build import Prepared
from flowrt.flow.difference import Difference
from flowrt.flow.graph import Edge, Graph
from flowrt.message import Message
from flowrt.node import Node, Source, Transform
from flowrt.port import KIND_CLASSES
from flowrt.running.live import RunningFlow, drained
from flowrt.running.step import Push, Step

__all__ = ["Swap"]

_PATIENCE: Final = 5.0
"""Seconds that a sink may take to finish its batch where it changes, its queue where it goes."""
_MOST_HELD: Final = 100_000
"""Messages kept for a node that takes its time to start."""
Steps = dict[str, Step]


class Swap:
    """One exchange of a running flow's version for another; `undo` gives the way back."""

    def __init__(
        self,
        flow: RunningFlow,
        prepared: Prepared,
        difference: Difference,
        resting: Mapping[str, Steps] | None = None,
        distrusted: Collection[str] = (),
    ) -> None:
        self.flow = flow
        self.prepared = prepared
        self.difference = difference
        self.before = flow.prepared
        self.seconds = 0.0
        """How long the step took in which nothing else could run."""
        self._old: Steps = dict(flow.circuit.steps)
        self._old_resources: Steps = dict(flow.circuit.resources)
        self._started: set[Step] = set()
        self._distrusted = distrusted
        resting = resting or {"nodes": {}, "resources": {}}
        self._graft()
        self._resources = self._made(
            prepared.resources, self._old_resources, difference.resources.kept, resting["resources"]
        )
        made = self._made(prepared.nodes, self._old, difference.nodes.kept, resting["nodes"])
        self._steps = {id: made[id] for id in prepared.graph.order}

    def _graft(self) -> None:
        """Put the nodes that go on into the new version."""
        for id in self.difference.nodes.kept:
            node = self.before.nodes[id]
            self.prepared.nodes[id] = self.prepared.graph.nodes[id] = node
        for id in self.difference.resources.kept:
            self.prepared.resources[id] = self.before.resources[id]

    def _made(
        self, nodes: Mapping[str, Node], old: Steps, kept: Sequence[str], resting: Steps
    ) -> Steps:
        make = self.flow.circuit.step
        return {
            id: old[id] if id in kept else resting.get(id) or make(node)
            for id, node in nodes.items()
        }

    # --- who takes part

    @property
    def fresh(self) -> list[Step]:
        """The steps that come, resources first, then from the end of the flow to its beginning."""
        resources = [self._resources[id] for id in self.difference.resources.fresh]
        fresh = set(self.difference.nodes.fresh)
        return [*resources, *(self._steps[id] for id in reversed(self._steps) if id in fresh)]

    @property
    def leaving(self) -> list[Step]:
        """The steps that go, from the beginning of the flow to its end, then resources."""
        leaving = set(self.difference.nodes.leaving)
        resources = [self._old_resources[id] for id in self.difference.resources.leaving]
        return [*(step for id, step in self._old.items() if id in leaving), *resources]

    def _changed(self, kind: type[Node]) -> list[tuple[Step, Step]]:
        """The changed nodes of a kind: the step that goes, and the one that comes."""
        pairs = [(self._old[id], self._steps[id]) for id in self.difference.nodes.changed]
        return [(old, new) for old, new in pairs if isinstance(new.node, kind)]

    def _starts_beside(self, step: Step) -> bool:
        """Whether a step can start while the one of its id still runs."""
        id, node = step.node.id, step.node
        if step in self._resources.values():
            return id in self.difference.resources.added
        if id in self.difference.nodes.added:
            return True
        if self._state_for(step):
            return False
        return isinstance(node, Transform) or _takes_over(self._old[id].node, node)

    def _state_for(self, step: Step) -> Mapping[str, Any]:
        """The state that a changed node gets from the one that goes; empty for none."""
        old = self._old[step.node.id]
        is_same_type = type(old.node) is type(step.node)
        trusted = step.node.id not in self._distrusted
        return _snapshot(old) if is_same_type and trusted else {}

    # --- the exchange

    async def build(self) -> None:
        """Start beside the running version whatever can; nothing has changed for it yet."""
        for id in self._steps:
            self.prepared.graph.splits(id)  # remembered: the step that matters shall be short
        for step in self.fresh:
            if self._starts_beside(step):
                await self._start(step)
        for id in self.difference.resources.added:
            self.flow.run_step(self._resources[id])

    async def give_up(self) -> None:
        """Let go of what was built, where it is not to run after all."""
        await self.flow.rest(self._started)
        for step in self._started:
            await self.flow.stop_step(step)

    async def exchange(self, tell: Callable[[RunningFlow], None]) -> None:
        """Run the new version in place of the old one; `tell` is called between the two."""
        flow, old = self.flow, self.leaving
        await flow.rest(step for step in old if isinstance(step.node, Source))
        await self._quieten_sinks()
        for step in old:
            if self._must_end_first(step):
                await self._end(step)
        for id in self.difference.resources.changed:
            await self._start(self._resources[id])
        await self._take_over(tell)
        for step in self.fresh:
            if step not in self._started:
                await self._start(step)
        added = {self._resources[id] for id in self.difference.resources.added}
        for step in self.fresh:
            if step not in added:  # those run since they were built
                flow.run_step(step)
        self._run_new_queues()
        for step in old:
            if not self._must_end_first(step):
                await self._end_drained(step)

    def undo(self, distrusted: Collection[str]) -> Swap:
        """The exchange that leads back; state of the distrusted nodes, by id, is left behind."""
        back = self.difference.reversed()
        resting = {
            "nodes": {id: self._old[id] for id in self.difference.nodes.leaving},
            "resources": {id: self._old_resources[id] for id in self.difference.resources.leaving},
        }
        return Swap(self.flow, self.before, back, resting, distrusted)

    async def _quieten_sinks(self) -> None:
        """Let changed sinks finish the batch they write, then leave the rest to those that come."""
        boxes = self.flow.inboxes
        changed = [self._old[id] for id in self.difference.nodes.changed if id in boxes]
        await asyncio.gather(*(boxes[step.node.id].pause(_PATIENCE) for step in changed))
        await self.flow.rest(changed)
        for step in changed:
            boxes[step.node.id].take_back()

    def _must_end_first(self, step: Step) -> bool:
        """A port, a device, a connection: what the outside lets only one have."""
        id = step.node.id
        if step in self._old_resources.values():
            return id in self.difference.resources.changed
        if id not in self.difference.nodes.changed or isinstance(step.node, Transform):
            return False
        return self._steps[id] not in self._started

    async def _take_over(self, tell: Callable[[RunningFlow], None]) -> None:
        """The step between two batches; only a node that waits while it starts lets others run."""
        flow, circuit, begun = self.flow, self.flow.circuit, perf_counter()
        states = {id: self._state_for(self._steps[id]) for id in self.difference.nodes.changed}
        for id in self.difference.nodes.leaving:
            self._empty(id)
            self._old[id].cancel_timers()
        hold = _Hold(self.prepared.graph, self._steps)
        late = [step for step in self.fresh if self._starts_late(step)]
        flow.prepared, circuit.resources = self.prepared, self._resources
        circuit.wire(self.prepared.graph, self._steps, {step.node.id: hold.inlet for step in late})
        for id, state in states.items():
            _restore(self._steps[id], state)
        for old, new in self._changed(Source):
            if new in self._started and _takes_over(old.node, new.node):
                new.node.take_over(old.node)  # type: ignore[attr-defined]
        for step in late:
            await self._start(step)
        circuit.wire(self.prepared.graph, self._steps)
        hold.let_go()
        self._refocus()
        flow.rewired()
        tell(flow)
        self.seconds = perf_counter() - begun

    def _starts_late(self, step: Step) -> bool:
        return isinstance(step.node, Transform) and step not in self._started

    def _empty(self, id: str) -> None:
        """Deal at once with what is queued before a transform that goes."""
        inbox, step = self.flow.inboxes.get(id), self._old[id]
        if inbox is not None and isinstance(step.node, Transform):
            for port, batch in inbox.take_all():
                step.inlet(port, frozenset(KIND_CLASSES))(batch)

    def _refocus(self) -> None:
        """Tell the sources that go on which frames are of use now."""
        graph = self.prepared.graph
        for id in self.difference.nodes.kept:
            node = self._steps[id].node
            if isinstance(node, Source) and node.wanted != (wanted := graph.wants(id)):
                node.wanted = wanted
                node.refocus()

    def _run_new_queues(self) -> None:
        """A node that goes on may have got its first queue."""
        for id in self.difference.nodes.kept:
            inbox = self.flow.inboxes.get(id)
            if inbox is not None and not self.flow.serves(self._steps[id]):
                self.flow.run_step(self._steps[id])

    # --- one step

    async def _start(self, step: Step) -> None:
        self._started.add(step)
        await self.flow.start_step(step, self.prepared.graph)

    async def _end(self, step: Step) -> None:
        await self.flow.rest([step])
        await self.flow.stop_step(step)

    async def _end_drained(self, step: Step) -> None:
        """Stop a node that left; a sink writes first what it has."""
        id = step.node.id
        inbox = self.flow.inboxes.get(id)
        if inbox is not None and inbox.step is step and id not in self._steps:
            await drained([inbox], _PATIENCE)
            await self.flow.rest([step])
            if left := await inbox.close():
                step.drop("removed with messages queued", left)
            del self.flow.inboxes[id]
        await self._end(step)


class _Hold:
    """Keeps what comes for nodes that are about to start, in order."""

    def __init__(self, graph: Graph, steps: Steps) -> None:
        self._graph = graph
        self._steps = steps
        self._held: list[tuple[Edge, Sequence[Message]]] = []
        self._count = 0

    def inlet(self, edge: Edge) -> Push:
        """What takes the batches of a wire meanwhile."""

        def hold(batch: Sequence[Message]) -> None:
            if self._count + len(batch) > _MOST_HELD:
                self._steps[edge.target].drop("not started yet", len(batch))
                return
            self._count += len(batch)
            self._held.append((edge, batch))

        return hold

    def let_go(self) -> None:
        """Hand over what came."""
        for edge, batch in self._held:
            self._steps[edge.target].inlet(edge.input, self._graph.carries(edge))(batch)


def _takes_over(old: Node, new: Node) -> bool:
    same = isinstance(new, Source) and type(old) is type(new)
    return same and type(new).take_over is not Source.take_over  # type: ignore[attr-defined]


def _snapshot(step: Step) -> Mapping[str, Any]:
    """A copy of a node's state; nothing where it cannot tell, which is reported."""
    try:
        written = orjson.dumps(step.node.snapshot(), option=orjson.OPT_NON_STR_KEYS)
    except Exception as error:  # noqa: BLE001  a node's error must not stop a deploy half way
        step.fault(error, None)
        return {}
    copy: dict[str, Any] = orjson.loads(written)
    return copy


def _restore(step: Step, state: Mapping[str, Any]) -> None:
    if not state:
        return
    try:
        step.node.restore(state)
    except Exception as error:  # noqa: BLE001  state of another version of the node
        step.log.warning("its state does not fit the new settings and is left out: %s", error)
