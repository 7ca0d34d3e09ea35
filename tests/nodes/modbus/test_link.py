"""The link: RTU over a serial line, reconnecting, silent units left alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from flowrt.example import Stand
from flowrt.node import NodeFault
from nodes.modbus.link import Link
from tests.support.modbus import device, rogue
from tests.support.serial_line import serial_line


async def read(link: Link, address: int, unit: int = 1) -> list[int]:
    answer = await link.request(
        unit, lambda client: client.read_holding_registers(address, count=2, device_id=unit)
    )
    registers: list[int] = answer.registers
    return registers


def test_rtu_over_a_serial_line() -> None:
    async def scenario() -> list[int]:
        with serial_line() as (ours, theirs):
            block = SimData(0, values=[7, 8, 9], datatype=DataType.REGISTERS)
            server = ModbusSerialServer(
                SimDevice(1, simdata=[block]), framer=FramerType.RTU, port=theirs, baudrate=19200
            )
            assert await server.listen()
            link = Link(transport="rtu", device=ours, baudrate=19200, timeout=2)
            Stand(link)
            found = await read(link, 1)
            await link.stop()
            await server.shutdown()  # type: ignore[no-untyped-call]
            await asyncio.sleep(0.05)
            return found

    assert asyncio.run(scenario()) == [8, 9]


def test_a_unit_that_is_silent_is_left_alone_for_a_while() -> None:
    async def ignore(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def scenario() -> list[str]:
        async with rogue(ignore) as port:
            link = Link(host="127.0.0.1", port=port, timeout=0.2)
            stand = Stand(link)
            told = []
            for step in (0.0, 0.1, 0.2):
                stand.run_to(stand.clock.now() + step)
                with pytest.raises(NodeFault) as caught:
                    await read(link, 0)
                told.append(str(caught.value))
            assert link.figures() == {"requests": 2.0, "unanswered": 2.0}
            await link.stop()
            return told

    first, second, third = asyncio.run(scenario())
    assert "does not answer" in first
    assert "is left alone for a while" in second
    assert "does not answer" in third


def test_a_device_that_comes_back_is_asked_again() -> None:
    async def scenario() -> list[Any]:
        async with device() as inverter:
            inverter.registers[0:2] = [1, 2]
            link = Link(host="127.0.0.1", port=inverter.port, timeout=0.5)
            Stand(link)
            seen = [await read(link, 0)]
            assert link._client is not None
            link._client.close()
            seen.append(await read(link, 0))
            await link.stop()
            return seen

    assert asyncio.run(scenario()) == [[1, 2], [1, 2]]


def test_an_exception_response_is_told_and_does_not_hang_up() -> None:
    async def scenario() -> str:
        async with device(refused={5}) as inverter:
            link = Link(host="127.0.0.1", port=inverter.port, timeout=0.5)
            Stand(link)
            with pytest.raises(NodeFault) as caught:
                await read(link, 5)
            assert link._client is not None
            assert await read(link, 0) == [0, 0]
            await link.stop()
            return str(caught.value)

    assert "unit 1 at 127.0.0.1:" in asyncio.run(scenario())


@pytest.mark.parametrize(
    ("settings", "place"), [({"transport": "tcp"}, "host"), ({"transport": "rtu"}, "device")]
)
def test_each_transport_needs_its_settings(settings: dict[str, Any], place: str) -> None:
    transport = settings["transport"]
    assert list(Link(**settings).problems()) == [
        (place, f'is needed with "transport": "{transport}".')
    ]
