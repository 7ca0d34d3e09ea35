"""The synchronous whole of a running flow: its steps, joined as its graph says.

What differs between a live flow, a replay and a test is only what stands at the edges: sources
push into a step, and `sink_inlet` says what takes a sink's batches (a queue, or a recorder).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from flowrt.check import Prepared
from flowrt.clock import Clock
from flowrt.graph import Edge, Graph
from flowrt.message import Event, Message
from flowrt.node import Sink
from flowrt.step import Push, Step
from flowrt.watch import Watch

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
        self.graph: Graph = prepared.graph
        self.watch = watch
        self._clock = clock
        self._shared = {} if shared is None else shared
        self._catching = False
        self.resources = {id: self._step(node) for id, node in prepared.resources.items()}
        self.steps = {id: self._step(prepared.nodes[id]) for id in self.graph.order}
        self._catchers = [step for step in self.steps.values() if step.node.catches_errors]
        for edge in self.graph.edges:
            self._join(edge, sink_inlet)
        for id, step in self.steps.items():
            step.split = self.graph.splits(id)
            self._watch_events(step)
            step.spare(self.graph.needs(id))

    def _step(self, node: Any) -> Step:
        adapter = logging.LoggerAdapter(
            logging.getLogger(f"flowrt.node.{node.type}"), {"flow": self.name, "node": node.id}
        )
        return Step(
            node,
            self._clock,
            on_fault=self._on_fault,
            on_status=self._on_status,
            shared=self._shared,
            log=adapter,
        )

    def _join(self, edge: Edge, sink_inlet: SinkInlet) -> None:
        target = self.steps[edge.target]
        if isinstance(target.node, Sink) or edge.overflow:
            push = sink_inlet(target, edge)
        else:
            push = target.inlet(edge.input, self.graph.carries(edge))
        self.steps[edge.source].outlets[edge.output].targets.append(push)

    def _watch_events(self, step: Step) -> None:
        """Let the watch see what events leave a node: alarms are raised and cleared there."""
        for output, outlet in zip(step.node.outputs, step.outlets, strict=True):
            if output.kinds == {"event"}:
                outlet.targets.append(partial(self.watch.events, self.name, node=step.node.id))

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

    def _on_status(self, step: Step, text: str, ok: bool) -> None:
        self.watch.status(self.name, step.node.id, text, ok)
