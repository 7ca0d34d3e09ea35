"""A TCP proxy of bad manners: it stalls, cuts and corrupts connections when it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from typing import Literal, TypeAlias

__all__ = ["BadProxy", "Manner", "bad_proxy"]

Manner: TypeAlias = Literal["pass", "stall", "cut", "corrupt", "refuse"]


class BadProxy:
    """Stands before a server; `manner` holds for what passes from now on.

    `stall` keeps bytes back until another manner, `cut` ends connections at once, `corrupt` flips a
    bit in every chunk, `refuse` lets nobody in.
    """

    def __init__(self, target: int, dice: random.Random) -> None:
        self.target = target
        self.port = 0
        self.connections = 0
        self._dice = dice
        self._manner: Manner = "pass"
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def open(self) -> int:
        """How many ends of connections it holds."""
        return len(self._writers)

    def behave(self, manner: Manner) -> None:
        """From now on."""
        self._manner = manner
        (self._flowing.clear if manner == "stall" else self._flowing.set)()
        if manner in ("cut", "refuse"):
            for writer in tuple(self._writers):
                writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either end closes it."""
        if self._manner == "refuse":
            writer.transport.abort()
            return
        self.connections += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        with contextlib.suppress(OSError):
            await asyncio.wait(
                [
                    asyncio.create_task(self._pass_on(reader, back)),
                    asyncio.create_task(self._pass_on(there, writer)),
                ],
                return_when=asyncio.FIRST_COMPLETED,
            )
        for one in (writer, back):
            one.transport.abort()
            self._writers.discard(one)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(4096):
                await self._flowing.wait()
                writer.write(self._spoiled(chunk) if self._manner == "corrupt" else chunk)
                await writer.drain()

    def _spoiled(self, chunk: bytes) -> bytes:
        spoiled = bytearray(chunk)
        spoiled[self._dice.randrange(len(spoiled))] ^= 1 << self._dice.randrange(8)
        return bytes(spoiled)


@contextlib.asynccontextmanager
async def bad_proxy(target: int, dice: random.Random | None = None) -> AsyncIterator[BadProxy]:
    """A proxy at a free port of the loopback address."""
    proxy = BadProxy(target, dice or random.Random(1))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.behave("cut")
        while proxy.open:
            await asyncio.sleep(0.005)
