"""A Modbus server under garbage: it goes on answering those who speak Modbus."""

from __future__ import annotations

import asyncio
import struct
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusTcpClient

from flowrt.node import Signals
from nodes.modbus.server import ServedRegister, Server
from tests.support.live_node import running
from tests.support.ports import free_port


def framed(transaction: int, protocol: int, length: int | None, unit: int, body: bytes) -> bytes:
    told = len(body) + 1 if length is None else length
    return struct.pack(">HHHB", transaction, protocol, told & 0xFFFF, unit) + body


WORD = st.integers(0, 65535)
BODY = st.one_of(
    st.binary(max_size=40),
    st.builds(
        lambda code, words: bytes([code]) + b"".join(word.to_bytes(2) for word in words),
        st.integers(0, 255),
        st.lists(WORD, max_size=6),
    ),
)
LENGTH = st.one_of(st.none(), WORD)
FRAME = st.builds(framed, WORD, st.sampled_from([0, 0, 7]), LENGTH, st.integers(0, 255), BODY)
WIRE = st.lists(st.one_of(FRAME, st.binary(max_size=60)), min_size=1, max_size=5)


async def say(port: int, pieces: list[bytes]) -> None:
    """Send it, listen for a moment, hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with suppress(ConnectionError, TimeoutError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        async with asyncio.timeout(0.02):
            await reader.read(1000)
    writer.transport.abort()


async def soc(port: int) -> int:
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=5, retries=0)
    try:
        assert await client.connect()
        answer = await client.read_holding_registers(0, count=1, device_id=1)
        assert not answer.isError(), answer
        return int(answer.registers[0])
    finally:
        client.close()


@pytest.mark.timeout(120)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WIRE, min_size=1, max_size=6))
def test_garbage_takes_the_server_from_nobody(wires: list[list[bytes]]) -> None:
    async def scenario() -> list[str]:
        server = Server(port=free_port(), registers=[ServedRegister(address=0, signal="SOC")])
        async with running(server) as live:
            await server.write([Signals(0.0, "State", {"SOC": 67})])
            await asyncio.gather(*(say(server.port, pieces) for pieces in wires))
            assert await soc(server.port) == 67
            return live.faults

    assert asyncio.run(scenario()) == []
