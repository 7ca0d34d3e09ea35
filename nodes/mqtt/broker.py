"""A connection to an MQTT broker, shared by the nodes that publish and subscribe.

How paho is driven from asyncio, and why so, is told in `link.py`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from flowrt.node import Duration, Example, NodeFault, Resource, Secret, node, setting
from nodes.mqtt.broker_problems import broker_problems
from nodes.mqtt.embedded import EMBEDDED, HOST, EmbeddedBrokers
from nodes.mqtt.topic import TopicTemplate

if TYPE_CHECKING:  # paho takes 30 ms to import: only where a broker is really started
    from paho.mqtt.client import MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

    from nodes.mqtt.outbox import Delivery
    from nodes.mqtt.session import Session
    from nodes.mqtt.subscription import Subscriber

__all__ = ["Broker", "LastWill"]

_EMBEDDED_PORT: Final = 18_830
_FIRST_PAUSE: Final = 1.0
_SOUND_AFTER: Final = 20
"""Seconds of connection after which pauses begin anew."""
_TEND_EVERY: Final = 1.0
_GOODBYE: Final = 1.0
"""Seconds that the last message at a stop may take."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class LastWill:
    """What the broker says to others when the connection is lost without a goodbye."""

    topic: str = setting("Topic; it may hold {client}, {flow} and {node}.", minLength=1)
    payload: str = setting("What is said.", default="offline")
    qos: Literal[0, 1, 2] = setting("Quality of service.", default=1)
    retain: bool = setting("Keep it for later subscribers.", default=True)


@node("mqtt/broker", icon="cloud")
class Broker(Resource):
    """An MQTT broker to publish to and subscribe at; reconnects by itself."""

    host: str = setting(
        'Name or address; "embedded" starts a small broker inside flowrt, for demonstrations.',
        minLength=1,
    )
    port: int | None = setting(
        "TCP port; left out: 1883, with TLS 8883, embedded 18830.",
        default=None,
        minimum=1,
        maximum=65535,
    )
    client_id: str = setting(
        "Name that the broker knows this connection by; empty for one made up at each start.",
        default="",
    )
    username: str = setting("User name.", default="")
    password: Secret | None = setting("Password, with or without a user name.", default=None)
    tls: bool = setting("Encrypt, and check the broker's certificate.", default=False)
    ca_file: Path | None = setting(
        "Certificate of the authority that signed the broker's, or the broker's own; PEM. "
        "Left out, the system's authorities are trusted.",
        default=None,
        file=[".pem", ".crt", ".cer"],
    )
    certificate: Path | None = setting(
        "Certificate of this client, PEM.",
        default=None,
        file=[".pem", ".crt", ".cer"],
        advanced=True,
    )
    key: Path | None = setting(
        "Private key of this client, PEM.", default=None, file=[".pem", ".key"], advanced=True
    )
    insecure: bool = setting(
        "Take any certificate; for a test bench on this machine only.", default=False, advanced=True
    )
    version: Literal["3.1.1", "5"] = setting("MQTT version.", default="3.1.1")
    keepalive: Duration = setting(
        "Longest silence; a broker silent for longer counts as lost.",
        default=30.0,
        minimum=5,
        maximum=65535,
        advanced=True,
    )
    clean_session: bool = setting(
        "Begin anew with each connection; otherwise the broker keeps what came for this client.",
        default=True,
        advanced=True,
    )
    session_expiry: Duration = setting(
        "How long an MQTT 5 broker keeps the session of a client that is away.",
        default=3600.0,
        advanced=True,
    )
    status_topic: str = setting(
        'Topic that says "online", and "offline" when the connection is lost, for later '
        "subscribers too; it may hold {client}, {flow} and {node}.",
        default="",
    )
    last_will: LastWill | None = setting(
        "Said by the broker when the connection is lost; not beside a status topic.", default=None
    )
    longest_pause: Duration = setting(
        "Longest pause between attempts to connect; the first is 1 s, then twice as long each.",
        default=60.0,
        minimum=1,
        advanced=True,
    )
    answer_within: Duration = setting(
        "How long a broker may take to answer, once it is reached.",
        default=10.0,
        minimum=1,
        advanced=True,
    )
    window: int = setting(
        "How many messages may be unacknowledged at a time; most brokers take 20 unasked.",
        default=20,
        minimum=1,
        maximum=10_000,
        advanced=True,
    )
    acknowledge_within: Duration = setting(
        "Silence after which a broker that owes acknowledgements is connected to anew; "
        "what it has not acknowledged is sent again.",
        default=10.0,
        minimum=1,
        advanced=True,
    )

    examples = (
        Example("A broker in the local network", {"host": "192.168.1.10"}),
        Example("For a demonstration, nothing to install", {"host": "embedded", "port": 18830}),
        Example(
            "A broker in the cloud, with TLS and a status for others",
            {
                "host": "mqtt.example.com",
                "tls": True,
                "username": "gateway7",
                "password": {"secret": "cloud-password"},
                "status_topic": "site1/{client}/status",
                "client_id": "gateway7",
            },
        ),
    )

    # --- before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """What the settings say together that cannot be."""
        return broker_problems(self)

    def summary(self) -> str:
        """Where it is."""
        return f"{self.host}:{self.real_port}" + (", TLS" if self.tls else "")

    @property
    def address(self) -> str:
        """Where other programs find it."""
        return f"mqtt{'s' if self.tls else ''}://{self.real_host}:{self.real_port}"

    def figures(self) -> dict[str, float]:
        """Whether there is a connection (1 or 0), and how much the broker owes an answer for."""
        if not hasattr(self, "_outbox"):  # it has not started yet
            return {}
        waiting = len(self._outbox.unacknowledged)
        return {"connected": float(self.connected), "unacknowledged": float(waiting)}

    @property
    def real_host(self) -> str:
        """The host, also where it is embedded."""
        return HOST if self.host == EMBEDDED else self.host

    @property
    def real_port(self) -> int:
        """The port, also where none is given."""
        if self.host == EMBEDDED:
            return self.port or _EMBEDDED_PORT
        return self.port or (8883 if self.tls else 1883)

    # --- its life

    async def start(self) -> None:
        """Make the client; `run` connects it."""
        from nodes.mqtt.client import make_client
        from nodes.mqtt.link import Link
        from nodes.mqtt.outbox import Outbox
        from nodes.mqtt.subscription import Subscriptions

        self._client_id = self.client_id or f"flowrt-{random.randbytes(6).hex()}"
        self._will = self._last_will()
        self._link = Link(make_client(self, self._client_id, self._will), self)
        self._outbox = Outbox(self._link, self.window)
        self._subscriptions = Subscriptions(self._link.client)
        self._prepared = False
        self.connections = 0
        self._session: Session | None = None
        self._said_for: Session | None = None
        """Whose will this connection has."""
        self.context.status("not connected yet", False)

    async def run(self) -> None:
        """Connect, and again whenever the connection is lost."""
        pause = first = min(_FIRST_PAUSE, self.longest_pause)
        while True:
            stood = 0.0
            try:
                await self._connect()
                reason, stood = await self._stay()
            except NodeFault as error:
                reason = str(error)
            if self._session is not None:
                self._session.disconnected()
            pause = first if stood > _SOUND_AFTER else pause
            self._report(reason, pause)
            await self.clock.sleep(pause * random.uniform(0.8, 1.2))  # gateways must not march
            pause = min(pause * 2, self.longest_pause)

    async def _connect(self) -> None:
        if not self._prepared:
            await self._prepare()
            self._prepared = True
        self._said_for = self._session
        if self._session is not None:
            will = self._session.will()
            self._link.client.will_set(will.topic, will.payload, qos=1)
        await self._link.connect(self.answer_within)

    async def _prepare(self) -> None:
        """What must be there before the first attempt."""
        from nodes.mqtt.client import use_tls

        if self.tls:
            use_tls(self, self._link.client)
        if self.host == EMBEDDED:
            await self.context.shared(EmbeddedBrokers).acquire(self.real_port)

    async def _stay(self) -> tuple[str, float]:
        """Tend the connection until it ends; says why, and for how many seconds it stood."""
        stood = 0.0
        while (reason := await self._link.ended(_TEND_EVERY)) is None:
            stood += _TEND_EVERY
            self._link.tend()
            if self._outbox.silent_for(_TEND_EVERY) >= self.acknowledge_within:
                self._link.cut(f"no acknowledgement for {self.acknowledge_within:g} s")
        return reason, stood

    def _report(self, reason: str, pause: float) -> None:
        self.context.status(reason, False)
        sentence = f"{self.real_host}:{self.real_port}: {reason.rstrip('.')}."
        self.context.fault(NodeFault(f"{sentence} Trying again in {pause:g} s."), None)

    async def stop(self) -> None:
        """Say goodbye and let go of everything."""
        if self._link.up.is_set():
            await self._say_offline()
        self._link.close()
        if self.host == EMBEDDED and self._prepared:
            await self.context.shared(EmbeddedBrokers).release(self.real_port)
            self._prepared = False

    # --- what nodes use

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._link.up.is_set()

    @property
    def status_topic_here(self) -> str:
        """Where it says "online" and "offline", filled in; empty where it does not."""
        return self._will.topic if self.status_topic and self._will else ""

    def deliver(self, qos: int, retain: bool) -> Delivery:
        """Begin to send messages."""
        from nodes.mqtt.outbox import Delivery

        return Delivery(self._outbox, qos, retain)

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Send once, now, and unacknowledged; False where there is no connection."""
        return self.connected and not self._link.client.publish(topic, payload, 0, retain).rc

    async def flushed(self) -> None:
        """Return when what was sent is written to the socket, or the connection is gone."""
        await self._link.flush()

    def adopt(self, session: Session) -> None:
        """Let it say the last will of each connection; an open one is made anew for it."""
        if self._session is not None:
            raise NodeFault(f"another node speaks for this gateway at {self.summary()} already")
        self._session = session
        self.reconnect("a new last will")

    @property
    def speaker(self) -> Session | None:
        """The node that has adopted it."""
        return self._session

    def release(self, session: Session) -> None:
        """The will is no longer its own."""
        if self._session is session:
            self._session = None
            self._link.client.will_clear()

    def reconnect(self, reason: str) -> None:
        """End the connection soon, without the will; `run` makes a new one."""
        # Not at once: paho waits for ever where it is told to disconnect in a call of its own.
        asyncio.get_running_loop().call_soon(self._hang_up, reason)

    def _hang_up(self, reason: str) -> None:
        if self.connected:
            self._link.close(reason)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Send it messages from now on, and after every reconnect."""
        self._subscriptions.add(subscriber, self.connected)

    def unsubscribe(self, subscriber: Subscriber) -> None:
        """Send it no more."""
        self._subscriptions.remove(subscriber, self.connected)

    # --- what the link tells

    def link_up(self, properties: Properties | None) -> None:
        """The broker has accepted."""
        self.connections += 1
        self._outbox.connected(getattr(properties, "ReceiveMaximum", None))
        self._subscriptions.connected()
        if self.status_topic and self._will:
            self._link.client.publish(self._will.topic, "online", qos=1, retain=True)
        if self._session is not self._said_for:  # it came while this connection was made
            self.reconnect("a new last will")
        elif self._session is not None:
            self._session.connected()
        note = ", certificate not checked" if self.tls and self.insecure else ""
        self.context.status(f"connected{note}", True)

    def received(self, message: MQTTMessage) -> None:
        """A message came."""
        try:
            self._subscriptions.dispatch(message)
        except UnicodeDecodeError:
            self.context.drop("topic is no UTF-8", 1)

    def subscribed(self, mid: int, reasons: list[ReasonCode]) -> None:
        """The broker has answered a subscription."""
        self._subscriptions.answered(mid, reasons)

    # --- the last will

    def _last_will(self) -> LastWill | None:
        """The will with its topic filled in."""
        if self.status_topic:
            return LastWill(topic=self._filled(self.status_topic))
        if self.last_will:
            return dataclasses.replace(self.last_will, topic=self._filled(self.last_will.topic))
        return None

    def _filled(self, topic: str) -> str:
        flow = str((self.log.extra or {}).get("flow", ""))
        return TopicTemplate(topic, client=self._client_id, flow=flow, node=self.id).fill()

    async def _say_offline(self) -> None:
        """The broker sends no will after a goodbye; the status must be told all the same."""
        if self.status_topic and self._will:
            delivery = self.deliver(1, True)
            try:
                async with asyncio.timeout(_GOODBYE):
                    await delivery.hand_over([(self._will.topic, b"offline")])
                    await delivery.settled()
            except TimeoutError:
                self._link.cut("no answer at the stop")  # the will then says it
