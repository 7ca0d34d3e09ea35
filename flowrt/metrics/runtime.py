"""Metrics of the runtime itself: version, readiness, the event loop, alarms and their history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from flowrt import __version__

if TYPE_CHECKING:
    from flowrt.events.log import EventLog
    from flowrt.running.engine import Engine

__all__ = ["RuntimeCollector"]


class RuntimeCollector(Collector):
    """Reads what the runtime knows of itself when it is asked."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        """The metrics of this moment."""
        yield from self._condition()
        yield self._alarms()
        if self._engine.events is not None:
            yield from _history(self._engine.events)

    def _condition(self) -> Iterator[Metric]:
        condition = self._engine.condition
        info = GaugeMetricFamily("flowrt_info", "Which version runs.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield GaugeMetricFamily(
            "flowrt_safe_mode",
            "1 where no flow was started, as earlier starts crashed.",
            value=bool(condition.safe_mode),
        )
        yield GaugeMetricFamily(
            "flowrt_stuck_flows", "Flows that go on no more.", value=len(condition.stuck)
        )
        yield GaugeMetricFamily(
            "flowrt_loop_lag_seconds",
            "How late the event loop was at its last heartbeat.",
            value=condition.loop_lag,
        )

    def _alarms(self) -> Metric:
        standing = self._engine.watch.alarms.standing()
        family = GaugeMetricFamily(
            "flowrt_alarms", "Alarms that are raised now.", labels=["severity"]
        )
        for severity, count in Counter(alarm.event.severity for alarm in standing).items():
            family.add_metric([severity], count)
        return family


def _history(events: EventLog) -> Iterator[Metric]:
    yield CounterMetricFamily(
        "flowrt_events_recorded", "Alarms and events written to disk.", value=events.recorded
    )
    yield CounterMetricFamily(
        "flowrt_events_lost",
        "Alarms and events that came too fast, or found no room on the disk.",
        value=events.lost,
    )
    yield GaugeMetricFamily(
        "flowrt_events_waiting",
        "Alarms and events that are not on disk yet.",
        value=events.waiting,
    )
