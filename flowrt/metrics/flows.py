"""Metrics of flows and their nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from flowrt.running.engine import Engine

__all__ = ["FlowCollector"]

_PER_NODE = (
    ("flowrt_node_received", "Messages a node was given.", "received"),
    ("flowrt_node_sent", "Messages a node gave.", "sent"),
    ("flowrt_node_errors", "Errors of a node.", "errors"),
)


class FlowCollector(Collector):
    """Reads the counters of an engine when it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        yield from self._flows()
        yield from self._nodes()

    def _flows(self) -> Iterator[Metric]:
        running = GaugeMetricFamily("flowrt_flow_running", "1 where a flow runs.", labels=["flow"])
        for name in self._engine.flows:
            running.add_metric([name], 1)
        for name in self._engine.failed:
            running.add_metric([name], 0)
        yield running

    def _nodes(self) -> Iterator[Metric]:
        labels = ["flow", "node", "type"]
        families = [CounterMetricFamily(name, text, labels=labels) for name, text, _ in _PER_NODE]
        busy = CounterMetricFamily(
            "flowrt_node_busy_seconds", "Time in a node's own code.", labels=labels
        )
        drops = CounterMetricFamily(
            "flowrt_node_drops", "Messages lost at a node.", labels=[*labels, "reason"]
        )
        well = GaugeMetricFamily(
            "flowrt_node_ok", "1 where a node says that it is well.", labels=labels
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
                well.add_metric(where, step.state[1])
                busy.add_metric(where, step.counters.busy_ns / 1e9)
                for reason, count in step.counters.drops.items():
                    drops.add_metric([*where, reason], count)
        yield from (*families, busy, drops, well, figures)
