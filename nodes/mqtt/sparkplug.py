"""This gateway as a Sparkplug B edge node."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Final

import orjson

from flowrt.node import (
    Duration,
    Event,
    Example,
    NodeFault,
    Signals,
    Sink,
    Timer,
    Value,
    node,
    setting,
    state,
)
from nodes.mqtt.broker import Broker
from nodes.mqtt.session import Will
from nodes.mqtt.sparkplug_b.device import Device, device_and_folder, metrics_of
from nodes.mqtt.sparkplug_b.payload import (
    BOOLEAN,
    INT64,
    Metric,
    Unreadable,
    encode,
    read_metrics,
)

if TYPE_CHECKING:
    from paho.mqtt.client import MQTTMessage

_AT_ONCE: Final = 64
"""Messages sent before it is looked whether the connection still stands."""
_REBIRTH: Final = "Node Control/Rebirth"
_NAME: Final = r"^[^+#/]+$"
"""What a level of a topic may be."""
_MOST_METRICS: Final = 50_000
"""Metrics of one gateway; beyond, new ones are dropped and counted."""


@node("mqtt/sparkplug", icon="zap")
class Sparkplug(Sink):
    """Speak for this gateway as a Sparkplug B 3.0 edge node: births, data and deaths.

    The first level of a source is the device, the rest belongs to the metric: `SOC` of
    `rack1/State` is the metric `State/SOC` of `rack1`. An alarm is `Alarms/NAME`, true while it
    stands. The broker's last will is the node's death, so each needs a broker of its own. While
    there is no connection (or no primary host) messages wait in the wire's queue, on disk where it
    spills, and are then sent as historical. Commands to devices are mqtt/sparkplug-commands'.
    """

    broker: Broker = setting("The broker; without a last will or status of its own.")
    group: str = setting("Group of edge nodes.", pattern=_NAME)
    edge_node: str = setting("Name of this edge node in the group.", pattern=_NAME)
    primary_host: str = setting(
        "Host application that must be online for anything to be sent; none, if left out.",
        default="",
        pattern=r"^[^+#/]*$",
    )
    silent_after: Duration | None = setting(
        "Silence after which a device is declared dead; never, if left out.", default=None
    )

    qos: ClassVar[int] = 1
    """Of its subscriptions."""
    _next_bd_seq: int = state(0)

    examples = (
        Example("A rack", {"broker": "b", "group": "site1", "edge_node": "gateway7"}),
        Example(
            "With a primary host, and devices that may fall silent",
            {
                "broker": "b",
                "group": "site1",
                "edge_node": "gateway7",
                "primary_host": "scada",
                "silent_after": "30 s",
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """The broker's will is needed, and sessions must begin anew."""
        if self.broker.last_will or self.broker.status_topic:
            yield "broker", "has a last will or status of its own, but Sparkplug needs the will."
        if not self.broker.clean_session:
            yield "broker", 'keeps its session, but Sparkplug wants "clean_session": true.'

    def summary(self) -> str:
        """Which edge node."""
        return f"{self.group}/{self.edge_node}"

    def figures(self) -> dict[str, float]:
        """Devices that are alive, and metrics known."""
        if not hasattr(self, "_devices"):
            return {}
        alive = sum(device.born for device in self._devices.values())
        return {"devices": float(alive), "metrics": float(self._metrics)}

    # --- its life

    async def start(self) -> None:
        """Take over the broker's will, so that the next connection is an edge node's."""
        self._devices: dict[str, Device] = {}
        self._aliases = itertools.count(1)
        self._metrics = 0
        self._born = asyncio.Event()
        self._born_at = 0.0
        self._session = 0
        self._seq = 0
        self._bd_seq = 0
        self._host_time = 0
        self._timer: Timer | None = None
        for info in self.incoming:
            device, folder = device_and_folder(info.source)
            self._device(device).expect(f"{folder}{info.name}", info, next(self._aliases))
            self._metrics += 1
        self.broker.adopt(self)
        self.broker.subscribe(self)
        if self.silent_after is not None:
            self._timer = self.clock.after(self.silent_after / 2, self._look_for_silence)

    async def stop(self) -> None:
        """Die as Sparkplug wants it: said by the node itself, for a goodbye sends no will."""
        if self._timer is not None:
            self._timer.cancel()
        self.broker.unsubscribe(self)
        if self._born.is_set():
            self._born.clear()
            self.broker.send(*self.death())
            await self.broker.flushed()
        self.broker.release(self)

    def _device(self, name: str) -> Device:
        device = self._devices.get(name)
        if device is None:
            device = self._devices[name] = Device(name)
        return device

    # --- what the broker tells

    def will(self) -> Will:
        """The death of the next session."""
        self._bd_seq = self._next_bd_seq
        self._next_bd_seq = (self._bd_seq + 1) % 256
        return self.death()

    def death(self) -> Will:
        """NDEATH: the number of the birth that it ends, and nothing else."""
        now = self._now()
        return Will(self._topic("NDEATH"), encode(now, [self._bd_seq_metric(now)], None))

    def connected(self) -> None:
        """Be born, unless a primary host must be online first."""
        self._host_time = 0
        if self.primary_host:
            self.context.status(f"waiting for the host {self.primary_host}", False)
        else:
            self._give_birth()

    def disconnected(self) -> None:
        """The session is over."""
        self._session += 1
        self._born.clear()
        for device in self._devices.values():
            device.born = False

    def name_of(self, device: str, alias: int) -> str:
        """The metric of a device that its birth gave this alias."""
        known = self._devices.get(device)
        metrics = known.metrics.values() if known else ()
        return next((metric.name for metric in metrics if metric.alias == alias), "")

    @property
    def topics(self) -> Sequence[str]:
        """Commands, and the state of the host."""
        states = (f"spBv1.0/STATE/{self.primary_host}",) if self.primary_host else ()
        return (self._topic("NCMD"), *states)

    def take(self, topic: str, message: MQTTMessage) -> None:
        """A command, or the host's state."""
        if topic.startswith("spBv1.0/STATE/"):
            self._hear_host(bytes(message.payload))
        else:
            self._obey(bytes(message.payload))

    def refused(self, topic: str, reason: str) -> None:
        """The broker does not let it hear commands."""
        self.context.fault(NodeFault(f'the broker refuses the topic "{topic}": {reason}.'), None)

    def _obey(self, payload: bytes) -> None:
        try:
            metrics = read_metrics(payload)
        except Unreadable as error:
            self.context.drop(f"command unreadable: {error}", 1)
            return
        rebirth = any(m.value and _REBIRTH in (m.name, _NODE_ALIASES.get(m.alias)) for m in metrics)
        if rebirth and self._born.is_set():
            self._give_birth()

    def _hear_host(self, payload: bytes) -> None:
        """Be born when the host comes, die when it goes; news older than the last are no news."""
        try:
            said = orjson.loads(payload)
            online, time = bool(said["online"]), int(said["timestamp"])
        except (ValueError, TypeError, KeyError):
            self.context.drop("the host's state is unreadable", 1)
            return
        if time < self._host_time:
            return
        self._host_time = time
        if online and not self._born.is_set():
            self._give_birth()
        elif not online and self._born.is_set():
            self.context.status(f"the host {self.primary_host} is offline", False)
            self._born.clear()
            self.broker.send(*self.death())
            self.broker.reconnect(f"the host {self.primary_host} is offline")

    # --- births and deaths

    def _give_birth(self) -> None:
        """NBIRTH, then the birth of every device that has said something."""
        now = self._now()
        self._seq = 0
        rebirth = Metric(False, BOOLEAN, now, name=_REBIRTH, alias=0)
        metrics = [self._bd_seq_metric(now), rebirth]
        self.broker.send(self._topic("NBIRTH"), encode(now, metrics, self._seq))
        for device in self._devices.values():
            device.born = False
            if device.seen:
                self._give_device_birth(device)
        self._born_at = self.clock.now()
        self._born.set()
        self.context.status("born", True)

    def _give_device_birth(self, device: Device) -> bool:
        device.born = True
        return self._send("DBIRTH", device, list(device.birth(self._now())))

    def _look_for_silence(self) -> None:
        """Declare dead who has been silent for too long."""
        assert self.silent_after is not None
        oldest = self.clock.now() - self.silent_after
        for device in self._devices.values():
            if device.born and device.seen < oldest:
                self._send("DDEATH", device, [])
                device.born = False
        self._timer = self.clock.after(self.silent_after / 2, self._look_for_silence)

    # --- data

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Send; what a lost connection may have swallowed is sent again, as historical."""
        for begin in range(0, len(messages), _AT_ONCE):
            part = messages[begin : begin + _AT_ONCE]
            while not await self._send_all(part):
                pass

    async def _send_all(self, messages: Sequence[Signals | Event]) -> bool:
        """Whether all were written in one and the same life."""
        await self._born.wait()
        session = self._session
        for message in messages:
            if not self._tell(message):
                self._born.clear()
                self.broker.reconnect("the connection takes nothing more")
                return False
        await self.broker.flushed()
        return self.broker.connected and session == self._session

    def _tell(self, message: Signals | Event) -> bool:
        """Send a message's metrics; False where the connection is gone."""
        try:
            device = self._device(device_and_folder(message.source)[0])
            metrics, grown = self._take(message, device)
        except (ValueError, OverflowError) as error:
            self.context.drop("cannot be written as a metric", 1)
            self.context.fault(error, message)
            return True
        historical = message.time < self._born_at
        told = not grown and device.born
        sent = told or self._give_device_birth(device)
        if sent and metrics and (historical or told):
            data = [
                Metric(m.value, m.type, m.time, alias=m.alias, historical=historical)
                for m in metrics
            ]
            sent = self._send("DDATA", device, data)
        return sent

    def _take(self, message: Signals | Event, device: Device) -> tuple[list[Metric], bool]:
        """The metrics of a message, and whether the device's birth is to be said anew."""
        time = round(message.time * 1000)
        device.seen = self.clock.now()
        grown = False
        metrics = []
        for name, value in metrics_of(message, device).items():
            if name not in device.metrics and self._metrics >= _MOST_METRICS:
                self.context.drop(f"more than {_MOST_METRICS} metrics", 1)
                continue
            grown |= self._note(device, name, value, time)
            known = device.metrics[name]
            metrics.append(Metric(value, known.type, time, alias=known.alias))
        return metrics, grown

    def _note(self, device: Device, name: str, value: Value, time: int) -> bool:
        known = device.metrics.get(name)
        alias = known.alias if known else next(self._aliases)
        self._metrics += known is None
        return device.take(name, value, time, alias)

    def _send(self, kind: str, device: Device, metrics: Sequence[Metric]) -> bool:
        self._seq = (self._seq + 1) % 256
        topic = f"{self._topic(kind)}/{device.name}"
        return self.broker.send(topic, encode(self._now(), metrics, self._seq))

    # --- small things

    def _topic(self, kind: str) -> str:
        return f"spBv1.0/{self.group}/{kind}/{self.edge_node}"

    def _now(self) -> int:
        return round(self.clock.now() * 1000)

    def _bd_seq_metric(self, now: int) -> Metric:
        return Metric(self._bd_seq, INT64, now, name="bdSeq")


_NODE_ALIASES: Final[dict[int | None, str]] = {0: _REBIRTH}
"""Metrics of the node itself that have an alias."""
