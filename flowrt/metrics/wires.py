"""Metrics of the wires that have a queue, and of their journals on disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowrt.wire import Spill, Wire

if TYPE_CHECKING:
    from flowrt.flow.graph import Edge
    from flowrt.running.engine import Engine
    from flowrt.running.live import RunningFlow

__all__ = ["WireCollector"]

_LABELS: Final = ("flow", "source", "output", "target", "input")
_PER_WIRE: Final[tuple[tuple[type[Any], str, str], ...]] = (
    (GaugeMetricFamily, "queued", "Messages in a queue."),
    (GaugeMetricFamily, "capacity", "What a queue holds."),
    (GaugeMetricFamily, "peak", "The most messages that were ever in a queue."),
    (CounterMetricFamily, "dropped", "Messages that a queue had no room for."),
)
_PER_JOURNAL: Final[dict[str, tuple[type[Any], str, str]]] = {
    "bytes": (GaugeMetricFamily, "bytes", "Bytes of a journal on disk."),
    "limit": (GaugeMetricFamily, "limit_bytes", "Most bytes of a journal on disk."),
    "waiting": (GaugeMetricFamily, "waiting", "Messages that nobody has acknowledged."),
    "uncommitted": (GaugeMetricFamily, "uncommitted", "Messages that are not on disk yet."),
    "written": (CounterMetricFamily, "written_bytes", "Bytes ever written: the disk's wear."),
    "commits": (CounterMetricFamily, "commits", "Times that the disk was made to keep them."),
    "quarantined": (CounterMetricFamily, "quarantined", "Messages that could not be written."),
    "damaged": (CounterMetricFamily, "damaged", "Damaged stretches that were set aside."),
}


class WireCollector(Collector):
    """Reads the queues of an engine when it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        yield from self._queues()
        yield from self._journals()

    def _queues(self) -> Iterator[Metric]:
        families = [
            kind(f"flowrt_wire_{name}", text, labels=_LABELS) for kind, name, text in _PER_WIRE
        ]
        for where, wire in self._wires():
            figures = (len(wire), wire.capacity, wire.peak, wire.dropped)
            for family, figure in zip(families, figures, strict=True):
                family.add_metric(where, figure)
        yield from families

    def _journals(self) -> Iterator[Metric]:
        families = {
            key: kind(f"flowrt_journal_{name}", text, labels=_LABELS)
            for key, (kind, name, text) in _PER_JOURNAL.items()
        }
        for where, wire in self._wires():
            if isinstance(wire, Spill):
                figures = wire.figures()
                for key, family in families.items():
                    family.add_metric(where, figures[key])
        yield from families.values()

    def _wires(self) -> Iterator[tuple[list[str], Wire]]:
        """Each wire that has a queue, with the values of its labels."""
        for flow in self._engine.flows.values():
            for inbox in flow.inboxes.values():
                for edge, wire in inbox.wires:
                    if edge.source in flow.circuit.steps:  # else it only empties after a deploy
                        yield _where(flow, edge), wire


def _where(flow: RunningFlow, edge: Edge) -> list[str]:
    steps = flow.circuit.steps
    output = steps[edge.source].outlets[edge.output].name
    target = steps.get(edge.target)
    input_ = target.node.inputs[edge.input].name if target else "in"
    return [flow.name, edge.source, output, edge.target, input_]
