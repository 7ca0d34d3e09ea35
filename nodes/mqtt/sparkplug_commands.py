"""Sparkplug commands to a device of this edge node, as signals of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from flowrt.node import (
    Catalogue,
    Commands,
    Duration,
    Emit,
    Example,
    NodeFault,
    Output,
    SignalInfo,
    Source,
    Timer,
    is_allowed,
    node,
    row_problems,
    setting,
)
from nodes.mqtt.broker import Broker
from nodes.mqtt.sparkplug_b.payload import Metric, Unreadable, read_metrics

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

_MOST_WAITING: Final = 1000
_NAME: Final = r"^[^+#/]+$"
_LOOK: Final = 1.0
"""Seconds between looks at the connection."""


@dataclass(frozen=True, kw_only=True)
class WritableMetric:
    """A row: a metric that hosts may write."""

    name: str = setting("Name of the signal.", minLength=1)
    unit: str = setting("Its unit.", default="")
    minimum: float | None = setting("Least that is taken.", default=None)
    maximum: float | None = setting("Most that is taken.", default=None)
    fail_safe: float | None = setting(
        "Holds until the first command, and when the connection is lost for `lost_after`; "
        "left out, the signal is then not available.",
        default=None,
    )


@node("mqtt/sparkplug-commands", icon="sliders")
class SparkplugCommands(Source):
    """Take what hosts write to a device (DCMD), by name or by alias.

    The metrics are `Commands/NAME` of the device. Wire this to the mqtt/sparkplug of the same
    broker, so that the device's birth lists them and data confirm them. Other metrics, and values
    beyond the limits, are dropped and counted.
    """

    broker: Broker = setting("The broker of the edge node.")
    group: str = setting("Group of edge nodes.", pattern=_NAME)
    edge_node: str = setting("Name of this edge node in the group.", pattern=_NAME)
    device: str = setting("The device.", pattern=_NAME)
    metrics: list[WritableMetric] = setting("What may be written.", minItems=1)
    lost_after: Duration = setting(
        "Time without a connection after which fail-safes are sent.", default=60.0, minimum=1
    )

    out = Output("What was written, and fail-safes.", carries="signals")

    qos: ClassVar[int] = 1
    """Of its subscription."""

    examples = (
        Example(
            "Power from a host",
            {
                "broker": "b",
                "group": "site1",
                "edge_node": "gateway7",
                "device": "rack1",
                "metrics": [
                    {
                        "name": "PowerRequest",
                        "unit": "kW",
                        "minimum": -100,
                        "maximum": 100,
                        "fail_safe": 0,
                    }
                ],
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Names that stand twice; fail-safes outside their limits."""
        yield from row_problems("metrics", self.metrics)

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """A signal for each row."""
        rows = (
            SignalInfo(row.name, self._source, row.unit, row.minimum, row.maximum)
            for row in self.metrics
        )
        return {"out": Catalogue(rows)}

    @property
    def _source(self) -> str:
        return f"{self.device}/Commands"

    def summary(self) -> str:
        """To which device."""
        return f"{self.group}/{self.edge_node}/{self.device}"

    # --- its life

    async def start(self) -> None:
        """Listen for commands, and look after the connection."""
        self._rows = {f"Commands/{row.name}": row for row in self.metrics}
        self._commands = Commands(self, self._source, self.metrics)
        self._resting = True
        self._heard_at = self.clock.now()
        self._timer: Timer = self.clock.after(_LOOK, self._look)
        self.broker.subscribe(self)

    async def stop(self) -> None:
        """Listen no more."""
        self._timer.cancel()
        self._commands.stop()
        self.broker.unsubscribe(self)

    async def run(self, emit: Emit) -> None:
        """Send the fail-safes, then what is written."""
        await self._commands.run(emit)

    def _look(self) -> None:
        """Fall back to the fail-safes where the connection has been away for too long."""
        now = self.clock.now()
        if self.broker.connected:
            self._heard_at = now
        elif not self._resting and now - self._heard_at > self.lost_after:
            self._resting = True
            self._commands.rest()
        self._timer = self.clock.after(_LOOK, self._look)

    # --- what the broker tells

    @property
    def topics(self) -> Sequence[str]:
        """The device's commands."""
        return (f"spBv1.0/{self.group}/DCMD/{self.edge_node}/{self.device}",)

    def refused(self, topic: str, reason: str) -> None:
        """The broker does not let it hear commands."""
        self.context.fault(NodeFault(f'the broker refuses the topic "{topic}": {reason}.'), None)

    def take(self, topic: str, message: MQTTMessage) -> None:
        """A command; one that the broker kept from before is none."""
        if message.retain:
            self.context.drop("kept command passed over", 1)
            return
        try:
            metrics = read_metrics(bytes(message.payload))
        except Unreadable as error:
            self.context.drop(f"command unreadable: {error}", 1)
            return
        values = dict(filter(None, map(self._accepted, metrics)))
        if values:
            self._resting = False
            self._commands.take(values)

    def _accepted(self, metric: Metric) -> tuple[str, float] | None:
        """The signal that a metric sets; None where it is none of ours, or beyond its limits."""
        row = self._rows.get(metric.name or self._name_of(metric.alias))
        if row is None:
            self.context.drop("no metric that may be written", 1)
            return None
        value = metric.value
        if isinstance(value, str) or value is None or not is_allowed(row, value):
            self.context.drop("refused", 1)
            told = f"{row.name} = {value} is outside its limits, or no number."
            self.context.fault(NodeFault(f"a command by Sparkplug was refused: {told}"), None)
            return None
        return row.name, value

    def _name_of(self, alias: int | None) -> str:
        speaker = self.broker.speaker
        return speaker.name_of(self.device, alias) if speaker and alias is not None else ""
