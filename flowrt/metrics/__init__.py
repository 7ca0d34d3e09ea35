"""What runs, as Prometheus metrics: flows and their nodes, queues, journals; the runtime itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from flowrt.metrics.flows import FlowCollector
from flowrt.metrics.runtime import RuntimeCollector
from flowrt.metrics.wires import WireCollector

if TYPE_CHECKING:
    from flowrt.running.engine import Engine

__all__ = ["metrics_page"]


def metrics_page(engine: Engine) -> bytes:
    """The page that Prometheus reads, in its text format 0.0.4."""
    registry = CollectorRegistry()
    registry.register(FlowCollector(engine))
    registry.register(WireCollector(engine))
    registry.register(RuntimeCollector(engine))
    ProcessCollector(registry=registry)
    return generate_latest(registry)
