"""Frames of sites from a JetStream of NATS, which keeps them until they are safe here, in order.

A JetStream consumer gives again what is not acknowledged, but later and out of order. So each
connection begins a consumer of its own, `DURABLE-7` after `DURABLE-6`, where all before is
acknowledged; what comes twice by that is known. A gap in what it gives begins the next one.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import ssl
import threading
from collections.abc import Collection, Iterable
from typing import Final

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, ConsumerInfo, DeliverPolicy

from flowrt.sites.inputs.payload import frames_in
from flowrt.sites.inputs.piece import Piece, identity_of
from flowrt.sites.settings import Nats

__all__ = ["NatsInput"]

_log = logging.getLogger("flowrt.sites")
_AT_ONCE: Final = 250
_FETCH: Final = 0.5
"""Seconds that a fetch waits for messages."""
_PAUSE: Final = 1.0
"""Seconds before the next attempt."""
_ACKNOWLEDGE_WITHIN: Final = 120.0


class NatsInput:
    """Consumers of a stream, one after another; `sites` are those to listen to, none for all."""

    def __init__(self, settings: Nats, sites: Collection[str]) -> None:
        self._settings = settings
        self._sites = frozenset(sites)
        self._token = settings.subject.split(".").index("{site}")
        self._came: queue.SimpleQueue[Msg] = queue.SimpleQueue()
        self._owed: dict[bytes, list[Msg]] = {}
        self.malformed = self._unlisted = self._again = self._consumers = 0
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="nats", daemon=True)
        self._thread.start()

    # --- the thread of the connection

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._stay())

    async def _stay(self) -> None:
        while not self._over.is_set():
            try:
                await self._connect()
            except (NatsError, OSError, TimeoutError) as error:
                _log.warning("nats: %s. Trying again.", _words(error))
                await asyncio.sleep(_PAUSE)

    async def _connect(self) -> None:
        one = self._settings
        client: Client = await nats.connect(
            one.servers,
            error_cb=_told,
            allow_reconnect=False,  # a new connection wants a new consumer
            connect_timeout=5,
            user=one.username or None,
            password=one.password.reveal() if one.password else None,
            token=one.token.reveal() if one.token else None,
            tls=ssl.create_default_context(cafile=one.ca_file) if one.ca_file else None,
        )
        _log.info("connected to %s", client.connected_url and client.connected_url.netloc)
        try:
            while not self._over.is_set() and client.is_connected:
                await self._consume(client)
        finally:
            await client.close()

    async def _consume(self, client: Client) -> None:
        """Take what a new consumer gives, until there is a gap or the connection is lost."""
        stream = client.jetstream(timeout=5)
        name = await self._begin(stream)
        pulling = await stream.pull_subscribe_bind(name, self._settings.stream)
        last = 0
        while not self._over.is_set() and client.is_connected:
            room = self._settings.receive_maximum - len(self._owed)
            if room <= 0:
                await asyncio.sleep(0.01)
                continue
            try:
                messages = await pulling.fetch(min(room, _AT_ONCE), timeout=_FETCH)
            except TimeoutError:
                continue
            for message in messages:
                number = message.metadata.sequence.consumer
                if number != last + 1:
                    _log.warning("nats: a gap after message %d; beginning anew there.", last)
                    return
                last = number
                self._came.put(message)

    async def _begin(self, stream: JetStreamContext) -> str:
        """The name of a new consumer, which goes on where all before is acknowledged."""
        one = self._settings
        before = sorted(await self._ours(stream), key=_number)
        number = _number(before[-1]) + 1 if before else 1
        name = f"{one.durable}-{number}"
        floor = before[-1].ack_floor.stream_seq if before and before[-1].ack_floor else 0
        config = ConsumerConfig(
            durable_name=name,
            filter_subject=one.subject.replace("{site}", "*"),
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=floor + 1,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=_ACKNOWLEDGE_WITHIN,
            max_ack_pending=one.receive_maximum,
        )
        await stream.add_consumer(one.stream, config)
        self._consumers += 1
        for old in before:
            await stream.delete_consumer(one.stream, old.name)
        return name

    async def _ours(self, stream: JetStreamContext) -> list[ConsumerInfo]:
        found = await stream.consumers_info(self._settings.stream)
        head = f"{self._settings.durable}-"
        return [one for one in found if one.name.removeprefix(head).isdigit()]

    async def _acknowledge(self, messages: Iterable[Msg]) -> None:
        try:
            for message in messages:
                await message.ack()
        except NatsError as error:
            _log.debug("not acknowledged, so it comes again: %s", error)

    # --- the centre's thread

    def pieces(self, patience: float) -> list[Piece]:
        """The messages that have come, as frames."""
        found: list[Piece] = []
        try:
            self._take(self._came.get(timeout=patience), found)
            while True:
                self._take(self._came.get_nowait(), found)
        except queue.Empty:
            return found

    def _take(self, message: Msg, found: list[Piece]) -> None:
        identity = identity_of(message.subject, message.data)
        self._again += identity in self._owed
        self._owed.setdefault(identity, []).append(message)
        site = message.subject.split(".")[self._token]
        if self._sites and site not in self._sites:
            self._unlisted += 1
            self.settle([identity])
            return
        try:
            found.append(Piece(site, frames_in(message.data), identity))
        except ValueError as error:
            self.malformed += 1
            _log.warning("%s: a message holds no frames: %s", message.subject, error)
            self.settle([identity])

    def settle(self, identities: Iterable[bytes]) -> None:
        """Acknowledge messages."""
        settled = [message for one in identities for message in self._owed.pop(one, ())]
        if settled:
            asyncio.run_coroutine_threadsafe(self._acknowledge(settled), self._loop)

    def pressed(self) -> bool:
        """Whether half of what it may bring ahead has come."""
        return 2 * len(self._owed) >= self._settings.receive_maximum

    def facts(self) -> dict[str, int]:
        """What went wrong, counted."""
        return {
            "malformed_messages": self.malformed,
            "unlisted_messages": self._unlisted,
            "messages_again": self._again,
            "consumers": self._consumers,
        }

    def close(self) -> None:
        """Let go; the stream keeps what is not acknowledged."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()


def _number(consumer: ConsumerInfo) -> int:
    return int(consumer.name.rpartition("-")[2])


async def _told(error: Exception) -> None:
    _log.warning("nats: %s", _words(error))


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
