"""Frames of sites from an MQTT 5 broker, which keeps them until they are safe here.

The session outlives the connection and this process. A message is acknowledged once what came of
it is on disk, so a broker or a process that dies costs nothing but that some come again; those
are known by their topic and payload. paho's own thread reads the socket: how many messages wait
is bounded by the receive maximum that the broker was told.
"""

from __future__ import annotations

import logging
import queue
import ssl
import threading
from collections.abc import Collection, Iterable
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from flowrt.errors import FlowrtError
from flowrt.sites.inputs.payload import frames_in
from flowrt.sites.inputs.piece import Piece, identity_of
from flowrt.sites.settings import Mqtt

__all__ = ["MqttInput"]

_log = logging.getLogger("flowrt.sites")
_QOS: Final = 1
_LONGEST_PAUSE: Final = 30
"""Seconds between attempts to connect."""
_LARGEST_PACKET: Final = 4_000_000


class MqttInput:
    """A persistent session at a broker; `sites` are those to listen to, none for all."""

    def __init__(self, settings: Mqtt, sites: Collection[str]) -> None:
        self._settings = settings
        self._sites = frozenset(sites)
        self._level = settings.topic.split("/").index("{site}")
        self._came: queue.SimpleQueue[tuple[int, MQTTMessage]] = queue.SimpleQueue()
        self._owed: dict[bytes, list[tuple[int, int]]] = {}
        """What is not acknowledged: by which connections it came, with which id there."""
        self._turn = threading.Lock()
        self._connection = 0
        self.malformed = self._unlisted = self._again = self._forgotten = self._lost = 0
        self._client = self._made()
        self._client.loop_start()

    def _made(self) -> Client:
        one = self._settings
        client = Client(
            CallbackAPIVersion.VERSION2,
            one.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        if one.username or one.password:
            password = one.password.reveal() if one.password else None
            client.username_pw_set(one.username, password)
        if one.tls:
            client.tls_set_context(_tls(one))
        client.reconnect_delay_set(1, _LONGEST_PAUSE)
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_connect_fail = self._on_connect_fail
        client.on_message, client.on_subscribe = self._on_message, self._on_subscribe
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = round(one.session_expiry)
        properties.ReceiveMaximum = one.receive_maximum
        properties.MaximumPacketSize = _LARGEST_PACKET
        client.connect_async(
            one.host,
            one.port or (8883 if one.tls else 1883),
            round(one.keepalive),
            clean_start=False,
            properties=properties,
        )
        return client

    # --- paho's thread

    def _on_connect(
        self, client: Client, _data: Any, flags: ConnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if reason.is_failure:
            _log.error("the broker refused: %s. Trying again.", reason)
            return
        if self._connection and not flags.session_present:
            self._forgotten += 1
            _log.error("the broker has forgotten this session: what it held is lost.")
        options = SubscribeOptions(qos=_QOS, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        client.subscribe([(topic, options) for topic in self._topics()])
        _log.info("connected to %s", self._settings.host)

    def _topics(self) -> list[str]:
        topic = self._settings.topic
        return [topic.replace("{site}", site) for site in sorted(self._sites) or ["+"]]

    def _on_subscribe(
        self, _client: Client, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        for topic, reason in zip(self._topics(), reasons, strict=False):
            if reason.is_failure:
                _log.error("the broker refused to subscribe to %s: %s.", topic, reason)

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _props: Any
    ) -> None:
        with self._turn:
            self._connection += 1
        if reason.is_failure:
            self._lost += 1
            _log.warning("the connection to the broker was lost: %s. Trying again.", reason)

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        _log.warning("%s cannot be reached. Trying again.", self._settings.host)

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self._came.put((self._connection, message))

    # --- the centre's thread

    def pieces(self, patience: float) -> list[Piece]:
        """The messages that have come, as frames."""
        found: list[Piece] = []
        try:
            self._take(*self._came.get(timeout=patience), found)
            while True:
                self._take(*self._came.get_nowait(), found)
        except queue.Empty:
            return found

    def _take(self, connection: int, message: MQTTMessage, found: list[Piece]) -> None:
        identity = identity_of(message.topic, bytes(message.payload))
        with self._turn:
            self._again += identity in self._owed
            self._owed.setdefault(identity, []).append((connection, message.mid))
        topic = message.topic
        site = topic.split("/")[self._level]
        if self._sites and site not in self._sites:
            self._unlisted += 1
            self._client.unsubscribe(topic)  # of an earlier list; the session keeps it otherwise
            self.settle([identity])
            return
        try:
            found.append(Piece(site, frames_in(bytes(message.payload)), identity))
        except ValueError as error:
            self.malformed += 1
            _log.warning("%s: a message holds no frames: %s", topic, error)
            self.settle([identity])

    def settle(self, identities: Iterable[bytes]) -> None:
        """Acknowledge messages that came by this connection; others come by it again."""
        with self._turn:
            for identity in identities:
                for connection, mid in self._owed.pop(identity, ()):
                    if connection == self._connection:
                        self._client.ack(mid, _QOS)

    def pressed(self) -> bool:
        """Whether half of what the broker may send ahead has come."""
        return 2 * len(self._owed) >= self._settings.receive_maximum

    def facts(self) -> dict[str, int]:
        """What went wrong, counted."""
        return {
            "malformed_messages": self.malformed,
            "unlisted_messages": self._unlisted,
            "messages_again": self._again,
            "connections_lost": self._lost,
            "sessions_forgotten": self._forgotten,
        }

    def close(self) -> None:
        """Say goodbye; the broker keeps the session, and what is not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()


def _tls(settings: Mqtt) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
        if settings.certificate:
            context.load_cert_chain(settings.certificate, settings.key)
    except OSError as error:
        raise FlowrtError(f"input.mqtt: a certificate or key cannot be read: {error}") from error
    return context
