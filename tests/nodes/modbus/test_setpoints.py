"""Set-points as an EMS writes them: with pymodbus' client and with mbpoll, over TCP and RTU."""

from __future__ import annotations

import asyncio
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

from flowrt.message import Event, Signals
from nodes.modbus.listener import Listener
from nodes.modbus.server import ServedRegister, Server
from nodes.modbus.setpoints import SetpointRegister, Setpoints
from tests.support.live_node import Live, eventually, running
from tests.support.ports import free_port
from tests.support.serial_line import serial_line

POWER = SetpointRegister(
    name="Power", address=100, type="s16", scale=0.1, minimum=-50, maximum=50, fail_safe=0
)
ENERGY = SetpointRegister(name="Energy", address=102, type="u32", words="little")
ROWS = [POWER, ENERGY]
Scenario = Callable[[Setpoints, Any, Live], Awaitable[None]]


def play(scenario: Scenario, **changed: Any) -> Live:
    """Run a scenario against set-points beside a map, with a connected client."""

    async def run() -> Live:
        listener = Listener(port=free_port())
        node = Setpoints(**{"listener": listener, "registers": ROWS, **changed})
        node.id = "ems"
        rows = [ServedRegister(address=101, signal="SOC")]
        served = Server(listener=listener, unit=1, registers=rows)
        client = AsyncModbusTcpClient("127.0.0.1", port=listener.port, timeout=2, retries=0)
        async with running(listener, node, served) as live:
            assert await client.connect()
            try:
                await scenario(node, client, live)
            finally:
                client.close()
        return live

    return asyncio.run(run())


def values(live: Live) -> list[dict[str, Any]]:
    return [message.values for _, message in live.out if isinstance(message, Signals)]


def events(live: Live) -> list[tuple[str, str, object]]:
    return [(e.source, e.state, e.value) for _, e in live.out if isinstance(e, Event)]


RESTING = {"Power": 0, "Energy": None}


def test_what_the_ems_writes_becomes_signals() -> None:
    async def scenario(_node: Setpoints, client: Any, live: Live) -> None:
        await client.write_register(100, 0x10000 - 123, device_id=1)
        await client.write_registers(102, [0x2345, 0x0001], device_id=1)
        await eventually(lambda: len(live.out) == 3)

    live = play(scenario)
    assert values(live) == [RESTING, {"Power": pytest.approx(-12.3)}, {"Energy": 0x12345}]


def test_a_map_and_set_points_are_read_side_by_side() -> None:
    async def scenario(_node: Setpoints, client: Any, live: Live) -> None:
        server = next(node for node in live.steps if isinstance(node, Server))
        await server.write([Signals(0.0, "State", {"SOC": 67})])
        await client.write_register(100, 20, device_id=1)
        answer = await client.read_holding_registers(100, count=4, device_id=1)
        assert answer.registers == [20, 67, 0xFFFF, 0xFFFF]

    play(scenario)


@pytest.mark.parametrize(
    ("address", "registers", "code"),
    [
        (100, [501], 3),  # 50.1 is beyond the limit
        (102, [1], 2),  # half of a long value
        (101, [1], 2),  # a reading of the other map
        (100, [1, 2, 3, 4], 2),  # set-points with a gap between
        (900, [1], 2),
    ],
)
def test_what_may_not_be_written_is_refused(address: int, registers: list[int], code: int) -> None:
    async def scenario(_node: Setpoints, client: Any, _live: Live) -> None:
        answer = await client.write_registers(address, registers, device_id=1)
        assert (answer.isError(), answer.exception_code) == (True, code)

    assert values(play(scenario)) == [RESTING]


def test_values_outside_can_be_clamped() -> None:
    async def scenario(node: Setpoints, client: Any, live: Live) -> None:
        assert not (await client.write_register(100, 900, device_id=1)).isError()
        await eventually(lambda: len(live.out) == 2)
        answer = await client.read_holding_registers(100, count=1, device_id=1)
        assert answer.registers == [500]
        assert live.drops(node) == {"clamped to the limits": 1}

    assert values(play(scenario, outside="clamp")) == [RESTING, {"Power": 50}]


def test_a_set_point_lapses_and_comes_back() -> None:
    async def scenario(_node: Setpoints, client: Any, live: Live) -> None:
        await client.write_register(100, 200, device_id=1)
        await eventually(lambda: ("ems.Power", "raised", 0) in events(live))
        answer = await client.read_holding_registers(100, count=1, device_id=1)
        assert answer.registers == [0]
        await client.write_register(100, 300, device_id=1)
        await eventually(lambda: ("ems.Power", "cleared", 30.0) in events(live))

    live = play(scenario, registers=[POWER], stale_after=0.2)
    powers = [one["Power"] for one in values(live)]
    assert powers[:4] == [0, pytest.approx(20), 0, pytest.approx(30)]


def test_a_unit_without_a_map_is_refused() -> None:
    async def scenario(_node: Setpoints, client: Any, _live: Live) -> None:
        answer = await client.read_holding_registers(100, count=1, device_id=7)
        assert (answer.isError(), answer.exception_code) == (True, 11)

    play(scenario)


def test_mbpoll_writes_and_reads() -> None:
    async def scenario(node: Setpoints, _client: Any, live: Live) -> None:
        port = str(node.listener.port)
        ran = await asyncio.to_thread(mbpoll, "-m", "tcp", "-p", port, "127.0.0.1", "50")
        assert "Written 1 references" in ran, ran
        await eventually(lambda: len(live.out) == 2)

    assert values(play(scenario))[1] == {"Power": pytest.approx(5)}


def mbpoll(*arguments: str) -> str:
    found = shutil.which("mbpoll")
    assert found, "mbpoll is missing; `make tools` installs it"
    command = [found, "-a", "1", "-0", "-r", "100", "-t", "4", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return ran.stdout + ran.stderr


def test_rtu_over_a_serial_line() -> None:
    async def run(ours: str, theirs: str) -> Live:
        listener = Listener(transport="rtu", device=ours, baudrate=19200)
        node = Setpoints(listener=listener, registers=ROWS)
        client = AsyncModbusSerialClient(theirs, baudrate=19200, timeout=2, retries=0)
        async with running(listener, node) as live:
            assert await client.connect()
            assert not (await client.write_register(100, 77, device_id=1)).isError()
            answer = await client.read_holding_registers(100, count=1, device_id=1)
            client.close()
            assert answer.registers == [77]
            assert "[100]: \t77" in await asyncio.to_thread(
                mbpoll, "-m", "rtu", "-b", "19200", "-P", "none", "-1", "-c", "1", theirs
            )
        return live

    with serial_line() as (ours, theirs):
        assert values(asyncio.run(run(ours, theirs)))[1] == {"Power": pytest.approx(7.7)}


def test_rows_that_overlap_or_contradict_are_told() -> None:
    rows = [
        SetpointRegister(name="A", address=0, type="u32"),
        SetpointRegister(name="A", address=1, maximum=5, fail_safe=6),
    ]
    node = Setpoints(listener=Listener(port=1502), registers=rows)
    assert list(node.problems()) == [
        ("registers[1].address", "register 1 is row 0's."),
        ("registers[1].name", '"A" is there already. Rename one.'),
        ("registers[1].fail_safe", "6 is outside the row's own limits."),
    ]


# --- bad input


@pytest.fixture(scope="module")
def busy_port() -> Any:
    """The port of a listener that runs while many bad requests are sent to it."""
    listener = Listener(port=free_port())
    node = Setpoints(listener=listener, registers=ROWS)
    loop = asyncio.new_event_loop()
    done = asyncio.Event()
    ready = threading.Event()

    async def serve() -> None:
        async with running(listener, node):
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(5)
    yield listener.port
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(function=st.integers(0, 255), body=st.binary(max_size=40), cut=st.integers(0, 6))
def test_no_request_stops_it(busy_port: int, function: int, body: bytes, cut: int) -> None:
    pdu = bytes([function]) + body
    header = struct.pack(">HHHB", 7, 0, len(pdu) + 1, 1)
    with socket.create_connection(("127.0.0.1", busy_port), timeout=2) as bad:
        bad.sendall((header + pdu)[cut:])
    with socket.create_connection(("127.0.0.1", busy_port), timeout=2) as sound:
        sound.sendall(struct.pack(">HHHBBHH", 9, 0, 6, 1, 3, 100, 1))
        answer = sound.recv(260)
    assert answer[:9] == struct.pack(">HHHBBB", 9, 0, 5, 1, 3, 2)
