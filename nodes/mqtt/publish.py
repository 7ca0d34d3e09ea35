"""Publish messages at an MQTT broker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from flowrt.node import Event, Example, Message, NodeFault, Signals, Sink, Value, node, setting
from nodes.mqtt.broker import Broker
from nodes.mqtt.payload import TimeFormat, as_json, as_value
from nodes.mqtt.shape import Shape, shape_problems
from nodes.mqtt.topic import TopicTemplate, template_problems

_FIELDS: Final = ("source", "name", "signal", "flow", "node")
_AT_ONCE: Final = 64
"""Messages handed over before other tasks get a turn."""


@node("mqtt/publish", icon="cloud-upload")
class Publish(Sink):
    """Publish readings, events and frames; waits for the broker, and for its acknowledgements."""

    broker: Broker = setting("The broker.")
    topic: str = setting(
        "Topic; {source} is what the message is about, {name} an event's name (a frame's id, else "
        "the source), {signal} one reading's name, {flow} and {node} where it comes from. "
        "A character that no topic may hold becomes _.",
        default="flowrt/{source}",
        minLength=1,
    )
    qos: Literal[0, 1, 2] = setting(
        "Quality of service: 0 at most once, 1 at least once, 2 exactly once.", default=0
    )
    retain: bool = setting("Let the broker keep the last one for later subscribers.", default=False)
    payload: Literal["json", "values"] = setting(
        "One JSON object per message; or every reading by itself as a plain value, for which the "
        "topic needs {signal}.",
        default="json",
    )
    time: TimeFormat = setting(
        "How JSON tells the time: seconds since 1970, milliseconds since 1970, or ISO 8601 text.",
        default="unix",
        advanced=True,
    )
    shape: str = setting(
        "JSON that a cloud wants instead, as text. A text in it that is {values} alone becomes the "
        "readings (an event's fields); {source}, {name}, {time} (seconds), {time_ms}, {time_iso} "
        "and {number} (counts up, as text) may stand in longer texts, too.",
        default="",
        multiline=True,
        advanced=True,
    )

    examples = (
        Example("One JSON object per decoded message", {"broker": "b", "topic": "site1/{source}"}),
        Example(
            "One topic per signal, kept for later subscribers",
            {
                "broker": "b",
                "topic": "site1/{source}/{signal}",
                "payload": "values",
                "retain": True,
            },
        ),
        Example(
            "Alarms, at least once",
            {"broker": "b", "topic": "site1/alarms/{name}", "qos": 1, "time": "iso"},
        ),
        Example(
            "As a cloud wants it",
            {
                "broker": "b",
                "topic": "$oc/devices/gateway7/sys/properties/report",
                "qos": 1,
                "shape": '{"services": [{"service_id": "{source}", "properties": "{values}"}]}',
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Fields of the topic that do not exist, or do not fit the payload."""
        found = list(template_problems(self.topic, _FIELDS))
        for sentence in found:
            yield "topic", sentence
        has_signal = not found and "signal" in TopicTemplate(self.topic).fields
        if self.payload == "values" and not found and not has_signal:
            yield "topic", "needs {signal}, as each value goes to a topic of its own. Add it."
        if self.payload == "json" and has_signal:
            yield (
                "topic",
                '{signal} needs "payload": "values": one JSON object holds several signals.',
            )

        for sentence in shape_problems(self.shape) if self.shape else ():
            yield "shape", sentence
        if self.shape and self.payload != "json":
            yield "shape", 'is JSON of a whole message, so it needs "payload": "json".'

    def summary(self) -> str:
        """Where to, and how surely."""
        return f"{self.topic}, QoS {self.qos}"

    def acknowledged_by(self) -> str:
        """The broker, where it is asked to answer."""
        return f"the broker (QoS {self.qos})" if self.qos else ""

    async def start(self) -> None:
        """Prepare the topic."""
        flow = str((self.log.extra or {}).get("flow", ""))
        self._topic = TopicTemplate(self.topic, flow=flow, node=self.id)
        self._shape = Shape(self.shape) if self.shape else None

    async def write(self, messages: Sequence[Message]) -> None:
        """Publish; returns when all is written, and acknowledged where that is wanted."""
        if not self.broker.connected:
            self.context.status("waiting for the broker", False)
        delivery = self.broker.deliver(self.qos, self.retain)
        for begin in range(0, len(messages), _AT_ONCE):
            await delivery.hand_over(self._packets(messages[begin : begin + _AT_ONCE]))
        await delivery.settled()
        self.context.status("publishing", True)
        for reason, count in delivery.refused.items():
            self.context.drop(f"refused: {reason}", count)
            self.context.fault(NodeFault(f"the broker refused {count} messages: {reason}."), None)

    def _packets(self, messages: Sequence[Message]) -> list[tuple[str, bytes]]:
        packets: list[tuple[str, bytes]] = []
        make = self._json if self.payload == "json" else self._values
        for message in messages:
            try:
                packets.extend(make(message))
            except (NodeFault, ValueError, TypeError, OverflowError) as error:
                self.context.drop("cannot be written as MQTT", 1)
                self.context.fault(error, message)
        return packets

    def _json(self, message: Message) -> list[tuple[str, bytes]]:
        source, name = _about(message)
        topic = self._topic.fill(source=source, name=name)
        if self._shape is not None:
            return [(topic, self._shape.fill(message, source, name))]
        return [(topic, as_json(message, self.time))]

    def _values(self, message: Message) -> list[tuple[str, bytes]]:
        source, name = _about(message)
        return [
            (self._topic.fill(source=source, name=name, signal=signal), as_value(value))
            for signal, value in _readings(message, name)
        ]


def _about(message: Message) -> tuple[str, str]:
    """The source and the name that fill in a topic."""
    if isinstance(message, Signals):
        return message.source, message.source
    if isinstance(message, Event):
        return message.source, message.name
    return message.channel, f"{message.id:X}"


def _readings(message: Message, name: str) -> list[tuple[str, Value]]:
    """An event's plain value is its state, a frame's its data."""
    if isinstance(message, Signals):
        return list(message.values.items())
    return [(name, message.state if isinstance(message, Event) else message.data.hex())]
