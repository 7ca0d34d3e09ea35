"""Makes the paho client that a broker's settings ask for."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from flowrt.node import NodeFault

if TYPE_CHECKING:
    from nodes.mqtt.broker import Broker, LastWill

__all__ = ["make_client", "use_tls"]

_LARGEST_PACKET = 2_000_000
"""Bytes of the largest packet an MQTT 5 broker may send."""


def make_client(broker: Broker, client_id: str, will: LastWill | None) -> Client:
    """A client that is ready for `reconnect`; touches nothing outside."""
    newer = broker.version == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id,
        clean_session=None if newer else broker.clean_session,
        protocol=MQTTProtocolVersion.MQTTv5 if newer else MQTTProtocolVersion.MQTTv311,
        reconnect_on_failure=False,
    )
    # The outbox keeps the window; paho's own forgets it after a reconnect.
    client.max_inflight_messages_set(0)
    if broker.username or broker.password:  # MQTT 3.1.1 wants a user, if only an empty one
        password = broker.password.reveal() if broker.password else None
        client.username_pw_set(broker.username, password)
    if will:
        client.will_set(will.topic, will.payload, will.qos, will.retain)
    keepalive = round(broker.keepalive)
    if newer:
        client.connect_async(
            broker.real_host,
            broker.real_port,
            keepalive,
            clean_start=broker.clean_session,
            properties=_connect_properties(broker),
        )
    else:
        client.connect_async(broker.real_host, broker.real_port, keepalive)
    return client


def _connect_properties(broker: Broker) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.MaximumPacketSize = _LARGEST_PACKET
    if not broker.clean_session:
        properties.SessionExpiryInterval = min(round(broker.session_expiry), 0xFFFFFFFF)
    return properties


def use_tls(broker: Broker, client: Client) -> None:
    """Let the client encrypt; raises NodeFault where a certificate or key cannot be read."""
    try:
        context = ssl.create_default_context(cafile=broker.ca_file)
        if broker.certificate:
            context.load_cert_chain(broker.certificate, broker.key)
    except OSError as error:
        files = ", ".join(str(f) for f in (broker.ca_file, broker.certificate, broker.key) if f)
        raise NodeFault(f"TLS: a certificate or key cannot be read ({files}): {error}") from error
    context.sslsocket_class = _TidySocket
    if broker.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    client.tls_set_context(context)
    client.tls_insecure_set(broker.insecure)


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise
