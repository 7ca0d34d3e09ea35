"""The server as an EMS sees it: with pymodbus' client, and with mbpoll."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymodbus.client import AsyncModbusTcpClient

from flowrt.example import Stand
from flowrt.message import Event, Signals
from flowrt.node import NodeFault
from nodes.modbus.server import ServedRegister, Server
from tests.support.ports import free_port

ROWS = [
    ServedRegister(address=0, signal="SOC"),
    ServedRegister(address=1, signal="PackCurrent", type="s16", scale=0.1),
    ServedRegister(address=2, signal="rack2/State.Energy", type="u32", words="little"),
    ServedRegister(address=10, alarm="soc_low"),
]
Scenario = Callable[[Server, Any, Stand], Awaitable[None]]


def serve(scenario: Scenario, **settings: Any) -> Stand:
    """Run a scenario against a server with the rows above and a connected client."""

    async def run() -> Stand:
        server = Server(port=free_port(), **{"registers": ROWS, **settings})
        stand = Stand(server)
        await server.start()
        client = AsyncModbusTcpClient("127.0.0.1", port=server.port, timeout=2, retries=0)
        try:
            assert await client.connect()
            await scenario(server, client, stand)
        finally:
            client.close()
            await server.stop()
        return stand

    return asyncio.run(run())


async def registers(client: Any, address: int, count: int) -> list[int]:
    answer = await client.read_holding_registers(address, count=count, device_id=1)
    assert not answer.isError(), answer
    found: list[int] = answer.registers
    return found


def test_values_lie_where_the_table_says() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await server.write([Signals(0.0, "State", {"SOC": 67, "PackCurrent": -1.5})])
        await server.write([Signals(0.0, "rack2/State", {"Energy": 0x00012345})])
        assert await registers(client, 0, 4) == [67, 0x10000 - 15, 0x2345, 1]

    serve(scenario)


def test_figures_tell_clients_and_requests() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await registers(client, 0, 1)
        await registers(client, 0, 1)
        assert server.figures() == {"clients": 1.0, "requests": 2.0}

    serve(scenario)


def test_input_registers_show_the_same() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await server.write([Signals(0.0, "State", {"SOC": 67})])
        answer = await client.read_input_registers(0, count=1, device_id=1)
        assert answer.registers == [67]

    serve(scenario)


def test_what_never_came_reads_as_missing() -> None:
    async def scenario(_server: Server, client: Any, _stand: Stand) -> None:
        assert await registers(client, 0, 4) == [0xFFFF, 0x8000, 0xFFFF, 0xFFFF]

    serve(scenario)


@pytest.mark.parametrize("value", [None, float("nan"), "text"])
def test_what_is_no_number_reads_as_missing(value: Any) -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await server.write(
            [Signals(0.0, "State", {"SOC": 67}), Signals(1.0, "State", {"SOC": value})]
        )
        assert await registers(client, 0, 1) == [0xFFFF]

    serve(scenario)


def test_another_source_is_not_taken_for_a_qualified_name() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await server.write([Signals(0.0, "rack1/State", {"Energy": 5})])
        assert await registers(client, 2, 2) == [0xFFFF, 0xFFFF]

    serve(scenario)


def test_an_alarm_stands_until_every_source_has_cleared_it() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        seen = []
        for source, state in (("a", "raised"), ("b", "raised"), ("a", "cleared"), ("b", "cleared")):
            await server.write([Event(0.0, source, "soc_low", state)])
            seen += await registers(client, 10, 1)
        assert seen == [1, 1, 1, 0]

    serve(scenario)


def test_stale_values_read_as_missing() -> None:
    async def scenario(server: Server, client: Any, stand: Stand) -> None:
        await server.write([Signals(0.0, "State", {"SOC": 67})])
        stand.run_to(2.9)
        assert await registers(client, 0, 1) == [67]
        stand.run_to(3.1)
        assert await registers(client, 0, 1) == [0xFFFF]

    serve(scenario, stale_after=3.0)


def test_a_value_out_of_range_is_clamped_and_counted() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        await server.write([Signals(0.0, "State", {"SOC": 70000})])
        assert await registers(client, 0, 1) == [65535]

    stand = serve(scenario)
    assert stand.step.counters.drops == {"clamped to the register's range": 1}


def test_nobody_may_write() -> None:
    async def scenario(_server: Server, client: Any, _stand: Stand) -> None:
        answer = await client.write_register(0, 5, device_id=1)
        assert (answer.isError(), answer.exception_code) == (True, 2)

    serve(scenario)


def test_an_address_outside_the_map_is_refused() -> None:
    async def scenario(_server: Server, client: Any, _stand: Stand) -> None:
        answer = await client.read_holding_registers(500, count=1, device_id=1)
        assert (answer.isError(), answer.exception_code) == (True, 2)

    serve(scenario)


def test_garbage_does_not_stop_it() -> None:
    async def scenario(server: Server, client: Any, _stand: Stand) -> None:
        for garbage in (b"\x00", b"\xff" * 300, b"GET / HTTP/1.1\r\n\r\n"):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(garbage)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        await server.write([Signals(0.0, "State", {"SOC": 67})])
        assert await registers(client, 0, 1) == [67]

    serve(scenario)


def test_mbpoll_reads_it() -> None:
    mbpoll = shutil.which("mbpoll")
    assert mbpoll, "mbpoll is missing; `make tools` installs it"

    async def scenario(server: Server, _client: Any, _stand: Stand) -> None:
        await server.write([Signals(0.0, "State", {"SOC": 67, "PackCurrent": -1.5})])
        command = [mbpoll, "-m", "tcp", "-p", str(server.port), "-a", "1", "-0", "-r", "0"]
        ran = await asyncio.to_thread(
            subprocess.run,
            [*command, "-c", "2", "-1", "-t", "4", "127.0.0.1"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert "[0]: \t67" in ran.stdout
        assert "[1]: \t65521 (-15)" in ran.stdout

    serve(scenario)


def test_a_taken_port_is_told() -> None:
    async def scenario(server: Server, _client: Any, _stand: Stand) -> None:
        second = Server(port=server.port, registers=ROWS)
        Stand(second)
        with pytest.raises(NodeFault, match=r"cannot be listened at\. Is the port taken"):
            await second.start()

    serve(scenario)


def test_problems_of_a_map_are_told() -> None:
    rows = [
        ServedRegister(address=0, signal="A", type="u32"),
        ServedRegister(address=1, signal="B"),
        ServedRegister(address=9),
        ServedRegister(address=0xFFFF, signal="C", type="u32"),
    ]
    assert list(Server(registers=rows).problems()) == [
        ("registers[2]", 'needs either "signal" or "alarm".'),
        ("registers[1].address", "register 1 is row 0's."),
        ("registers[3].address", "u32 at 65535 ends beyond 65535."),
    ]
