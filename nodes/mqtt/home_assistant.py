"""Readings and alarms as entities of Home Assistant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

import orjson

from flowrt.node import (
    Duration,
    Event,
    Example,
    NodeFault,
    SignalInfo,
    Signals,
    Sink,
    Value,
    node,
    setting,
)
from nodes.mqtt.broker import Broker
from nodes.mqtt.discovery import Sensor, alarm_component, component, device_config, object_id
from nodes.mqtt.topic import TopicTemplate

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

_AT_ONCE: Final = 64
_MOST_ENTITIES: Final = 5_000
"""Entities of one node; beyond, new ones are dropped and counted."""


@node("mqtt/home-assistant", icon="home")
class HomeAssistant(Sink):
    """Show readings and alarms in Home Assistant, which finds them by itself.

    The first level of a source is a device: `rack1/State` belongs to `rack1`. Units become device
    classes, `%` of a state of charge a battery; an alarm is a binary sensor. Entities are
    unavailable while the broker's status topic says "offline".
    """

    broker: Broker = setting("The broker that Home Assistant uses, too; give it a status topic.")
    name: str = setting(
        "Begins topics and entity ids; another for each gateway.",
        default="flowrt",
        pattern=r"^[A-Za-z0-9_-]+$",
    )
    prefix: str = setting(
        "Home Assistant's discovery prefix.",
        default="homeassistant",
        pattern=r"^[^+#]+$",
        advanced=True,
    )
    maker: str = setting("Maker of the devices.", default="")
    product: str = setting("Product that the devices are.", default="")
    silent_after: Duration | None = setting(
        "Silence after which a sensor is unavailable; never, if left out.", default=None
    )

    qos: ClassVar[int] = 0
    """Of its subscription."""

    examples = (
        Example("Every rack as a device", {"broker": "b", "name": "gateway7"}),
        Example(
            "With a maker, unavailable after a minute of silence",
            {"broker": "b", "maker": "Pylontech", "product": "US5000", "silent_after": "60 s"},
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Without a status, entities would stay available for ever."""
        if not self.broker.status_topic and self.silent_after is None:
            sentence = 'needs a "status_topic", or set "silent_after": else old values stay.'
            yield "broker", sentence

    def summary(self) -> str:
        """What the devices are called."""
        return f"{self.prefix}/device/{self.name}_..."

    def figures(self) -> dict[str, float]:
        """How many entities are known."""
        return {"entities": float(len(getattr(self, "_known", ())))}

    # --- its life

    async def start(self) -> None:
        """Know what the catalogue tells; listen for Home Assistant's own start."""
        self._known: set[tuple[str, str, str]] = set()
        self._devices: dict[str, dict[str, Any]] = {}
        self._raised: dict[tuple[str, str], set[str]] = {}
        self._unsaid: set[str] = set()
        self._connection = -1
        for info in self.incoming:
            self._add_sensor(info)
        self.broker.subscribe(self)

    async def stop(self) -> None:
        """Listen no more."""
        self.broker.unsubscribe(self)

    @property
    def topics(self) -> Sequence[str]:
        """Where Home Assistant says that it has started."""
        return (f"{self.prefix}/status",)

    def take(self, topic: str, message: MQTTMessage) -> None:
        """Home Assistant has started: tell it everything with the next message."""
        if bytes(message.payload) == b"online":
            self._unsaid.update(self._devices)

    def refused(self, topic: str, reason: str) -> None:
        """It will have to do without."""
        self.context.fault(NodeFault(f'the broker refuses the topic "{topic}": {reason}.'), None)

    # --- what comes

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Tell of entities that are new, then their states."""
        if not self.broker.connected:
            self.context.status("waiting for the broker", False)
        for begin in range(0, len(messages), _AT_ONCE):
            part = messages[begin : begin + _AT_ONCE]
            readings, alarms = self._readings(part), self._alarms(part)
            await self._introduce()
            await self.broker.deliver(0, False).hand_over(readings)
            await self.broker.deliver(1, True).hand_over(alarms)
        self.context.status("publishing", True)

    async def _introduce(self) -> None:
        """Publish the configuration of devices that have grown; of all, at a new connection."""
        if self._connection != self.broker.connections:
            self._unsaid.update(self._devices)
        if self._unsaid:
            delivery = self.broker.deliver(1, True)
            await delivery.hand_over([self._config(device) for device in sorted(self._unsaid)])
            await delivery.settled()
            self._connection = self.broker.connections
            self._unsaid.clear()

    def _config(self, device: str) -> tuple[str, bytes]:
        id = object_id(self.name, device)
        about = {
            "identifiers": [id],
            "name": device,
            **({"manufacturer": self.maker} if self.maker else {}),
            **({"model": self.product} if self.product else {}),
        }
        told = device_config(about, self._devices[device], self.broker.status_topic_here)
        return f"{self.prefix}/device/{id}/config", orjson.dumps(told)

    # --- readings

    def _readings(self, messages: Sequence[Signals | Event]) -> list[tuple[str, bytes]]:
        packets = []
        for message in messages:
            if not isinstance(message, Signals):
                continue
            for name, value in message.values.items():
                if (message.source, name, "") not in self._known:
                    self._add_sensor(_info_of(message.source, name, value))
            try:
                packets.append((self._topic(message.source), orjson.dumps(message.values)))
            except TypeError as error:
                self.context.drop("cannot be written as JSON", 1)
                self.context.fault(error, message)
        return packets

    def _add_sensor(self, info: SignalInfo) -> None:
        device = info.source.partition("/")[0] or self.name
        id = object_id(self.name, info.source, info.name)
        told = component(Sensor(info, self._topic(info.source)), id, self.silent_after)
        self._add(device, (info.source, info.name, ""), id, told)

    def _topic(self, source: str) -> str:
        return TopicTemplate(f"{self.name}/{{source}}/readings").fill(source=source or "_")

    # --- alarms

    def _alarms(self, messages: Sequence[Signals | Event]) -> list[tuple[str, bytes]]:
        packets = []
        for event in messages:
            if not isinstance(event, Event) or event.state not in ("raised", "cleared"):
                continue
            device = event.source.partition("/")[0] or self.name
            topic = TopicTemplate(f"{self.name}/{{source}}/alarms/{{name}}").fill(
                source=device, name=event.name
            )
            id = object_id(self.name, device, "alarm", event.name)
            key = (device, event.name, "alarm")
            if key not in self._known:
                self._add(device, key, id, alarm_component(event.name, topic, id))
            sources = self._raised.setdefault((device, event.name), set())
            (sources.add if event.state == "raised" else sources.discard)(event.source)
            packets.append((topic, b"ON" if sources else b"OFF"))
        return packets

    def _add(self, device: str, key: tuple[str, str, str], id: str, told: dict[str, Any]) -> None:
        if len(self._known) >= _MOST_ENTITIES:
            self.context.drop(f"more than {_MOST_ENTITIES} entities", 1)
            return
        self._known.add(key)
        self._devices.setdefault(device, {})[id] = told
        self._unsaid.add(device)


def _info_of(source: str, name: str, value: Value) -> SignalInfo:
    """What is known of a signal that no catalogue told."""
    return SignalInfo(name, source, type="text" if isinstance(value, str) else "number")
