"""A broker that misbehaves to order: it speaks just enough MQTT 3.1.1 to be let down by."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

__all__ = ["CONNACK", "Client", "ScriptedBroker", "scripted"]

CONNACK = b"\x20\x02\x00\x00"
_PUBLISH, _SUBSCRIBE = 3, 8


@dataclass
class Published:
    """A PUBLISH that a client sent."""

    topic: str
    payload: bytes
    qos: int
    dup: bool
    id: int


class Client:
    """One connection as the script sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def packet(self) -> tuple[int, int, bytes]:
        """The next packet: type, flags, body."""
        head = (await self._reader.readexactly(1))[0]
        length = shift = 0
        while True:
            byte = (await self._reader.readexactly(1))[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return head >> 4, head & 0x0F, await self._reader.readexactly(length)

    async def published(self) -> Published:
        """The next PUBLISH; other packets are passed over."""
        while True:
            kind, flags, body = await self.packet()
            if kind == _PUBLISH:
                return _published(flags, body)

    def send(self, data: bytes) -> None:
        """Answer something, right or wrong."""
        self._writer.write(data)

    def acknowledge(self, id: int) -> None:
        """A PUBACK."""
        self.send(b"\x40\x02" + id.to_bytes(2, "big"))

    async def accept(self) -> None:
        """Read the CONNECT and accept it."""
        await self.packet()
        self.send(CONNACK)


def _published(flags: int, body: bytes) -> Published:
    end = 2 + int.from_bytes(body[:2], "big")
    qos = flags >> 1 & 3
    id = int.from_bytes(body[end : end + 2], "big") if qos else 0
    payload = body[end + 2 if qos else end :]
    return Published(body[2:end].decode(), payload, qos, bool(flags & 8), id)


@dataclass
class ScriptedBroker:
    """Listens at `port`; the script is run for each connection, and its end closes that."""

    port: int
    connections: int = 0
    notes: list[Published] = field(default_factory=list)


@contextlib.asynccontextmanager
async def scripted(
    script: Callable[[ScriptedBroker, Client], Awaitable[None]],
) -> AsyncIterator[ScriptedBroker]:
    """A broker that does what the script says, while it is needed."""
    broker = ScriptedBroker(0)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        broker.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await script(broker, Client(reader, writer))
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        server.close()
        await asyncio.sleep(0.01)  # whoever was just let in has a task by then
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)  # lets transports finish closing
