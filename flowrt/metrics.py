"""What runs, as Prometheus metrics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowrt.wire import Spill

if TYPE_CHECKING:
    from flowrt.engine import Engine

__all__ = ["EngineCollector", "metrics_page"]

_PER_NODE = (
    ("flowrt_node_received", "Messages a node was given.", "received"),
    ("flowrt_node_sent", "Messages a node gave.", "sent"),
    ("flowrt_node_errors", "Errors of a node.", "errors"),
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


class EngineCollector(Collector):
    """Reads the counters of an engine when it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        yield from self._flows()
        yield from self._nodes()
        yield from self._queues()
        yield from self._journals()

    def _flows(self) -> Iterator[Metric]:
        running = GaugeMetricFamily("flowrt_flow_running", "1 where a flow runs.", labels=["flow"])
        for name in self._engine.flows:
            running.add_metric([name], 1)
        for name in self._engine.failed:
            running.add_metric([name], 0)
        yield running
        standing = len(self._engine.watch.alarms)
        yield GaugeMetricFamily("flowrt_alarms", "Alarms that are raised now.", value=standing)

    def _nodes(self) -> Iterator[Metric]:
        labels = ["flow", "node", "type"]
        families = [CounterMetricFamily(name, text, labels=labels) for name, text, _ in _PER_NODE]
        busy = CounterMetricFamily(
            "flowrt_node_busy_seconds", "Time in a node's own code.", labels=labels
        )
        drops = CounterMetricFamily(
            "flowrt_node_drops", "Messages lost at a node.", labels=[*labels, "reason"]
        )
        figures = GaugeMetricFamily(
            "flowrt_node_figure", "What a node measures of itself.", labels=[*labels, "figure"]
        )
        for flow in self._engine.flows.values():
            for id, step in (*flow.circuit.resources.items(), *flow.circuit.steps.items()):
                where = [flow.name, id, step.node.type]
                for name, figure in step.figures().items():
                    figures.add_metric([*where, name], figure)
                for family, (_, _, field) in zip(families, _PER_NODE, strict=True):
                    family.add_metric(where, getattr(step.counters, field))
                busy.add_metric(where, step.counters.busy_ns / 1e9)
                for reason, count in step.counters.drops.items():
                    drops.add_metric([*where, reason], count)
        yield from (*families, busy, drops, figures)

    def _queues(self) -> Iterator[Metric]:
        labels = ["flow", "source", "target"]
        queued = GaugeMetricFamily("flowrt_wire_queued", "Messages in a queue.", labels=labels)
        capacity = GaugeMetricFamily("flowrt_wire_capacity", "What a queue holds.", labels=labels)
        for flow in self._engine.flows.values():
            for inbox in flow.inboxes.values():
                for edge, wire in inbox.wires:
                    where = [flow.name, edge.source, edge.target]
                    queued.add_metric(where, len(wire))
                    capacity.add_metric(where, wire.capacity)
        yield from (queued, capacity)

    def _journals(self) -> Iterator[Metric]:
        labels = ["flow", "source", "target"]
        families = {
            key: kind(f"flowrt_journal_{name}", text, labels=labels)
            for key, (kind, name, text) in _PER_JOURNAL.items()
        }
        for flow in self._engine.flows.values():
            for inbox in flow.inboxes.values():
                for edge, wire in inbox.wires:
                    if isinstance(wire, Spill):
                        figures = wire.figures()
                        for key, family in families.items():
                            family.add_metric([flow.name, edge.source, edge.target], figures[key])
        yield from families.values()


def metrics_page(engine: Engine) -> bytes:
    """The page that Prometheus reads."""
    registry = CollectorRegistry()
    registry.register(EngineCollector(engine))
    return generate_latest(registry)
