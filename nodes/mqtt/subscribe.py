"""Take messages from topics of an MQTT broker."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Literal

from flowrt.node import (
    Catalogue,
    Emit,
    Event,
    Example,
    Message,
    NodeFault,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Source,
    node,
    setting,
)
from nodes.mqtt.broker import Broker
from nodes.mqtt.payload import Malformed, from_json, is_record, message_of, plain_value, readings
from nodes.mqtt.topic import filter_problem

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

_AT_ONCE: Final = 64
"""Messages read before other tasks get a turn."""
_SHOWN: Final = 80
"""Bytes of a malformed payload that its event shows."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExpectedSignal:
    """A signal that comes by these topics."""

    name: str = setting("Its name.", minLength=1)
    unit: str = setting("Its unit.", default="")
    source: str = setting(
        "Its source, if only one: for a plain value or JSON, a topic.", default=""
    )


@node("mqtt/subscribe", icon="cloud-download")
class Subscribe(Source):
    """Take messages from topics of a broker.

    flowrt's own JSON becomes the message it was. The members of any other JSON object become the
    readings of a source called like the topic. A plain value becomes one reading: the last level
    of the topic is its name, the levels before it the source. Plain text that is no number must be
    asked for with `"payload": "value"`.
    """

    broker: Broker = setting("The broker.")
    topics: list[str] = setting(
        "Topics; + stands for any one level, # at the end for all further ones.", minItems=1
    )
    qos: Literal[0, 1, 2] = setting(
        "Quality of service: 0 at most once, 1 at least once, 2 exactly once.", default=0
    )
    payload: Literal["auto", "flowrt", "json", "value"] = setting(
        "What comes: flowrt's own JSON; any JSON; a plain number or text; auto takes all but text.",
        default="auto",
    )
    retained: bool = setting(
        "Take what the broker has kept from before; leave it out for commands.", default=True
    )
    signals: list[ExpectedSignal] = setting(
        "The signals that come. Left out, any signal may, and names are not checked.", default=list
    )
    queue: int = setting(
        "How many messages may wait to be read; beyond, the oldest are dropped.",
        default=10_000,
        minimum=1,
        advanced=True,
    )

    out = Output("What came.")
    malformed = Output("A payload that could not be read, and why.", carries="event")

    examples = (
        Example("Everything another flowrt publishes", {"broker": "b", "topics": ["site1/#"]}),
        Example(
            "A set-point from the EMS",
            {
                "broker": "b",
                "topics": ["ems/power"],
                "qos": 1,
                "payload": "value",
                "retained": False,
                "signals": [{"name": "power", "unit": "kW"}],
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Topics that no broker would take."""
        for index, topic in enumerate(self.topics):
            if sentence := filter_problem(topic):
                yield f"topics[{index}]", sentence

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """What is expected; where nothing is said, anything."""
        expected = [SignalInfo(one.name, one.source, one.unit) for one in self.signals]
        return {"out": Catalogue(expected, open=not expected)}

    def summary(self) -> str:
        """Where from."""
        return ", ".join(self.topics)

    async def start(self) -> None:
        """Be ready for messages."""
        self._waiting: deque[tuple[str, bytes]] = deque()
        self._bell = asyncio.Event()

    async def run(self, emit: Emit) -> None:
        """Subscribe, and read what comes until cancelled."""
        self.broker.subscribe(self)
        try:
            while True:
                await self._bell.wait()
                self._bell.clear()
                while self._waiting:
                    some = min(len(self._waiting), _AT_ONCE)
                    await emit([self._read(*self._waiting.popleft()) for _ in range(some)])
                    await asyncio.sleep(0)
        finally:
            self.broker.unsubscribe(self)

    async def stop(self) -> None:
        """Count what was not read."""
        if self._waiting:
            self.context.drop("stopped with messages queued", len(self._waiting))
            self._waiting.clear()

    # --- what the broker calls

    def take(self, topic: str, message: MQTTMessage) -> None:
        """A message came: put it where `run` finds it."""
        if message.retain and not self.retained:
            return
        if len(self._waiting) >= self.queue:
            self._waiting.popleft()
            self.context.drop("queue full, oldest dropped", 1)
        self._waiting.append((topic, bytes(message.payload)))
        self._bell.set()

    def refused(self, topic: str, reason: str) -> None:
        """The broker will not send a topic."""
        self.context.status(f"refused: {topic}", False)
        self.context.fault(NodeFault(f'the broker refuses the topic "{topic}": {reason}.'), None)

    # --- reading payloads

    def _read(self, topic: str, payload: bytes) -> Message | Sent:
        try:
            return self._message(topic, payload)
        except Malformed as error:
            self.context.drop(f"malformed: {error}", 1)
            shown = payload[:_SHOWN].decode(errors="replace")
            text = f"{error}: {shown}"
            event = Event(self.clock.now(), topic, "malformed", severity="warning", text=text)
            return self.malformed(event)

    def _message(self, topic: str, payload: bytes) -> Message:
        content = plain_value(payload) if self.payload == "value" else from_json(payload)
        if self.payload == "flowrt" or (self.payload == "auto" and is_record(content)):
            return message_of(content)
        if isinstance(content, dict | list):
            return Signals(self.clock.now(), topic, readings(content))
        source, _, name = topic.rpartition("/")
        return Signals(self.clock.now(), source, {name: content})
