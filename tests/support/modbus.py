"""Modbus devices for tests: a sound one, and some that misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.support.ports import free_port

__all__ = ["Device", "device", "rogue"]


class Device:
    """A device with 100 registers from address 0; `writes` holds what was written to it."""

    def __init__(self, refused: set[int]) -> None:
        self.port = free_port()
        self.registers = [0] * 100
        self.writes: list[tuple[int, list[int]]] = []
        self.reads: list[tuple[int, int]] = []
        self._refused = refused

    async def answer(
        self, _code: int, _start: int, address: int, count: int, now: list[int], new: Any
    ) -> Any:
        """pymodbus' hook."""
        from pymodbus.constants import ExcCodes

        if new is not None:
            self.writes.append((address, list(new)))
            self.registers[address : address + count] = new
        else:
            self.reads.append((address, count))
            if self._refused & set(range(address, address + count)):
                return ExcCodes.ILLEGAL_ADDRESS
        now[:] = self.registers
        return None


@asynccontextmanager
async def device(refused: set[int] | None = None) -> AsyncIterator[Device]:
    """A sound device, whose reads of the `refused` addresses fail."""
    made = Device(refused or set())
    block = SimData(0, values=[0] * 100, datatype=DataType.REGISTERS)
    server = ModbusTcpServer(
        SimDevice(1, simdata=[block], action=made.answer), address=("127.0.0.1", made.port)
    )
    await server.listen()
    try:
        yield made
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def rogue(
    behave: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[int]:
    """The port of a server that treats each connection as `behave` says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behave(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.02)  # lets the connections close before the loop ends
