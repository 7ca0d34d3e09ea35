"""What is on its way to a broker: handing over, the window of unacknowledged messages, waiting."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, TypeAlias

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from nodes.mqtt.link import Link

__all__ = ["Delivery", "Outbox", "Packet"]

Packet: TypeAlias = tuple[str, bytes]
"""Topic and payload."""
_MOST_IDS: Final = 65_535


class Delivery:
    """Messages handed over together, and how many of them are not acknowledged yet."""

    def __init__(self, outbox: Outbox, qos: int, retain: bool) -> None:
        self.refused: Counter[str] = Counter()
        """What the broker said to messages it would not have (MQTT 5 only), and how often."""
        self.outstanding = 0
        self._outbox = outbox
        self._qos = qos
        self._retain = retain
        self._settled = asyncio.Event()

    async def hand_over(self, packets: Sequence[Packet]) -> None:
        """Give messages to the connection, as soon as there is one with room."""
        if self._qos:
            for packet in packets:
                await self._outbox.room()
                self._outbox.publish(packet, self._qos, self._retain, self)
                self.outstanding += 1
        else:
            await self._outbox.write(packets, self._retain)

    async def settled(self) -> None:
        """Return when the broker has answered for every message."""
        while self.outstanding:
            self._settled.clear()
            await self._settled.wait()

    def acknowledge(self, reason: ReasonCode) -> None:
        """The broker has answered for one message."""
        self.outstanding -= 1
        if reason.is_failure:
            self.refused[reason.getName().lower()] += 1
        self._settled.set()


class Outbox:
    """All messages on their way over one link.

    Those with an acknowledgement to come are kept by paho, which sends them again after a
    reconnect. It does so without minding the window, therefore it is never given more than that.
    """

    def __init__(self, link: Link, window: int) -> None:
        self.unacknowledged: dict[int, Delivery] = {}
        self._link = link
        self._client: Client = link.client
        self._wanted_window = self._window = window
        self._room = asyncio.Event()
        self._quiet_seconds = 0.0

    # --- without acknowledgement

    async def write(self, packets: Sequence[Packet], retain: bool) -> None:
        """Write messages to the socket; those that a lost connection left are written anew."""
        while packets:
            await self._link.up.wait()
            infos = [self._client.publish(*packet, 0, retain) for packet in packets]
            await self._link.flush()
            packets = [
                packet
                for packet, info in zip(packets, infos, strict=True)
                if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS or not info.is_published()
            ]

    # --- with acknowledgement

    async def room(self) -> None:
        """Return when there is a connection, and less than a window is unacknowledged."""
        while not self._link.up.is_set() or len(self.unacknowledged) >= self._window:
            self._room.clear()
            await self._room.wait()

    def publish(self, packet: Packet, qos: int, retain: bool, delivery: Delivery) -> None:
        """Send a message, and expect an answer for `delivery`."""
        # Set only now, for paho would call it for unacknowledged messages too, at 12 us each.
        self._client.on_publish = self._on_publish
        info = self._client.publish(*packet, qos, retain)
        while info.rc == MQTTErrorCode.MQTT_ERR_QUEUE_SIZE:  # the id is taken by an old message
            info = self._client.publish(*packet, qos, retain)
        if not self.unacknowledged:
            self._quiet_seconds = 0.0
        self.unacknowledged[info.mid] = delivery

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        delivery = self.unacknowledged.pop(mid, None)
        if delivery is not None:
            self._quiet_seconds = 0.0
            self._room.set()
            delivery.acknowledge(reason)

    # --- the link's news

    def connected(self, receive_maximum: int | None) -> None:
        """There is a connection; an MQTT 5 broker may take fewer messages at a time."""
        self._window = min(self._wanted_window, receive_maximum or _MOST_IDS)
        self._quiet_seconds = 0.0
        self._room.set()

    def silent_for(self, passed: float) -> float:
        """Told that `passed` seconds went by; seconds since an answer, while one is due."""
        if self.unacknowledged and self._link.up.is_set():
            self._quiet_seconds += passed
            return self._quiet_seconds
        return 0.0
