"""The synchronous whole of a running flow: its steps, joined as its graph says.

What differs between a live flow, a replay and a test is only what stands at the edges: sources
push into a step, and `sink_inlet` says what takes a sink's batches (a queue, or a recorder).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from flowrt.clock import Clock
from flowrt.flow.check import Prepared
from flowrt.flow.graph import Edge, Graph
from flowrt.message import Event, Message
from flowrt.node import Sink
from flowrt.running.step import Outlet, Push, Step
from flowrt.watch.watch import Watch
from flowrt.watch.written import Deed

__all__ = ["Circuit", "SinkInlet"]

SinkInlet: TypeAlias = Callable[[Step, Edge], Push]


class Circuit:
    """A flow's steps by node id, wired up."""

    def __init__(
        self,
        prepared: Prepared,
        clock: Clock,
        watch: Watch,
        sink_inlet: SinkInlet,
        shared: dict[type, Any] | None = None,
    ) -> None:
        self.name = prepared.flow.name
        self.watch = watch
        self._clock = clock
        self._sink_inlet = sink_inlet
        self._shared = {} if shared is None else shared
        self._catching = False
        self._wired: dict[Outlet, list[Push]] = {}
        self.graph: Graph = prepared.graph
        self.resources = {id: self.step(node) for id, node in prepared.resources.items()}
        self.steps = {id: self.step(prepared.nodes[id]) for id in self.graph.order}
        self.wire(self.graph, self.steps)

    def step(self, node: Any) -> Step:
        """A step for a node, not wired to anything yet."""
        adapter = logging.LoggerAdapter(
            logging.getLogger(f"flowrt.node.{node.type}"), {"flow": self.name, "node": node.id}
        )
        made = Step(
            node,
            self._clock,
            on_fault=self._on_fault,
            on_status=self._on_status,
            on_written=self._on_written,
            losses=self.losses,
            is_shelved=self._is_shelved,
            shared=self._shared,
            log=adapter,
        )
        self._watch_events(made)
        return made

    def wire(
        self,
        graph: Graph,
        steps: dict[str, Step],
        held: Mapping[str, Callable[[Edge], Push]] | None = None,
    ) -> None:
        """Join steps as a graph says, in place of how they were joined; all at once.

        A step of before that is not among these loses its wires. `held` gives, by node id, what
        takes batches in place of a step that is not ready yet.
        """
        self.graph, self.steps = graph, steps
        self._catchers = [step for step in steps.values() if step.node.catches_errors]
        pushes: dict[Outlet, list[Push]] = {outlet: [] for outlet in self._wired}
        for edge in graph.edges:
            outlet = steps[edge.source].outlets[edge.output]
            pushes.setdefault(outlet, []).append(self._push(edge, (held or {}).get(edge.target)))
        for outlet, wired in pushes.items():
            before = self._wired.pop(outlet, [])
            others = [target for target in outlet.targets if target not in before]
            outlet.targets = [*wired, *others]
            if wired:
                self._wired[outlet] = wired
        for id, step in steps.items():
            step.split = graph.splits(id)
            first = self._wired.get(step.outlets[0], ()) if step.outlets else ()
            step.spare(graph.needs(id), len(first))

    def _push(self, edge: Edge, held: Callable[[Edge], Push] | None) -> Push:
        target = self.steps[edge.target]
        if isinstance(target.node, Sink) or edge.overflow:
            return self._sink_inlet(target, edge)
        return held(edge) if held else target.inlet(edge.input, self.graph.carries(edge))

    def _watch_events(self, step: Step) -> None:
        """Let the watch see what events leave a node: alarms are raised and cleared there."""
        for output, outlet in zip(step.node.outputs, step.outlets, strict=True):
            if output.kinds == {"event"}:
                outlet.targets.append(partial(self.watch.events, self.name, node=step.node.id))

    def losses(self) -> dict[str, int]:
        """What the nodes and resources have lost since they were built, by `node: reason`."""
        return {
            f"{id}: {reason}": count
            for id, step in (*self.steps.items(), *self.resources.items())
            for reason, count in step.counters.drops.items()
        }

    def finish(self) -> None:
        """A recorded input has ended: let every transform give out what it holds."""
        for step in self.steps.values():
            step.finish()

    def _on_fault(self, step: Step, error: Exception, message: Message | None) -> None:
        text = str(error) or type(error).__name__
        self.watch.fault(self.name, step.node.id, error, step.counters.errors)
        if self._catching:  # an error behind a catch node must not come back to it
            return
        self._catching = True
        try:
            time = message.time if message is not None else self._clock.now()
            event = Event(
                time, step.node.id, "error", "happened", "warning", step.counters.errors, text
            )
            for catcher in self._catchers:
                if catcher is not step:
                    catcher.guard(partial(catcher.node.on_error, event))
        finally:
            self._catching = False

    def _is_shelved(self, source: str, name: str) -> bool:
        return self.watch.alarms.shelf.get(self.name, source, name) is not None

    def _on_written(self, step: Step, deed: Deed, what: str, value: float | str, by: str) -> None:
        self.watch.written.note(deed, self.name, step.node.id, what, value, by)

    def _on_status(self, step: Step, text: str, ok: bool) -> None:
        self.watch.status(self.name, step.node.id, text, ok)
