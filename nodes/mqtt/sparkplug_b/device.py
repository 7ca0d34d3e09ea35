"""The metrics of a Sparkplug device: names, aliases, types and last values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from flowrt.node import Event, SignalInfo, Signals, Value
from nodes.mqtt.sparkplug_b.payload import DOUBLE, STRING, Metric, type_of

__all__ = ["Device", "Known", "device_and_folder", "metrics_of"]


@dataclass(slots=True)
class Known:
    """What is known of a metric."""

    name: str
    alias: int
    type: int
    properties: Mapping[str, float | str] = field(default_factory=dict)
    value: Value = None
    time: int = 0


@dataclass(slots=True)
class Device:
    """A device as an edge node speaks for it; `born` once its birth has been sent."""

    name: str
    metrics: dict[str, Known] = field(default_factory=dict)
    born: bool = False
    seen: float = 0.0
    """When something came of it last, in POSIX seconds of the clock."""
    raised: dict[str, set[str]] = field(default_factory=dict)
    """Alarm -> sources that have raised it."""

    def expect(self, name: str, info: SignalInfo, alias: int) -> None:
        """A metric that may come, as the catalogue tells it."""
        bounds = {"engUnit": info.unit, "engLow": info.minimum, "engHigh": info.maximum}
        told = {key: value for key, value in bounds.items() if value not in (None, "")}
        type = STRING if info.type == "text" else DOUBLE
        self.metrics[name] = Known(name, alias, type, told)

    def take(self, name: str, value: Value, time: int, alias: int) -> bool:
        """Note a value; says whether the device's birth does not cover it."""
        known = self.metrics.get(name)
        fits = known is not None and (value is None or type_of(value) == known.type)
        if known is None or not fits:
            told = known.properties if known else {}
            known = self.metrics[name] = Known(name, alias, type_of(value), told)
        known.value, known.time = value, time
        return not fits

    def birth(self, now: int) -> Iterator[Metric]:
        """Every metric, whole."""
        for known in self.metrics.values():
            yield Metric(
                *(known.value, known.type, known.time or now),
                name=known.name,
                alias=known.alias,
                properties=known.properties,
            )


def device_and_folder(source: str) -> tuple[str, str]:
    """`rack1/State` as (`rack1`, `State/`); characters that no topic may hold become `_`."""
    device, _, folder = source.partition("/")
    for unfit in "+#":
        device = device.replace(unfit, "_")
    return device or "_", f"{folder}/" if folder else ""


def metrics_of(message: Signals | Event, device: Device) -> dict[str, Value]:
    """The readings by metric name.

    An alarm is a Boolean that stands while any source raises it; what merely happened is a text.
    """
    _, folder = device_and_folder(message.source)
    if isinstance(message, Signals):
        return {f"{folder}{name}": value for name, value in message.values.items()}
    if message.state == "happened":
        return {f"Events/{message.name}": message.text or str(message.value)}
    sources = device.raised.setdefault(message.name, set())
    if message.state == "raised":
        sources.add(message.source)
    elif message.state == "cleared":
        sources.discard(message.source)
    return {f"Alarms/{message.name}": bool(sources)}
