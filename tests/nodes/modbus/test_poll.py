"""Polling a real Modbus device, and devices that misbehave."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from flowrt.node import Sent
from nodes.modbus.link import Link
from nodes.modbus.poll import Poll, PolledRegister, blocks_of
from tests.support.modbus import device, rogue
from tests.support.ports import closed_port

ROWS = [
    PolledRegister(name="SOC", address=4, scale=0.1, unit="%"),
    PolledRegister(name="Power", address=1, type="s32", unit="W"),
    PolledRegister(name="Voltage", address=40, type="u16", invalid=[0xFFFF]),
]


async def poll(port: int, polls: int = 1, **settings: Any) -> tuple[list[Signals], Stand]:
    """What some polls gave, and the stand with its faults."""
    link = Link(host="127.0.0.1", port=port, timeout=0.3)
    source = Poll(link=link, every=0.01, source="inverter", **{"registers": ROWS, **settings})
    link_stand, stand = Stand(link), Stand(source)
    got: list[Signals] = []

    async def emit(message: Any) -> None:
        assert not isinstance(message, Sent)
        got.append(message)

    task = asyncio.create_task(source.run(emit))
    for _ in range(polls):
        before = len(got) + len(stand.faults)
        while len(got) + len(stand.faults) == before:
            await asyncio.sleep(0.005)
        stand.clock.advance(stand.clock.now() + 0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await link.stop()
    assert link_stand.faults == []
    return got, stand


def test_values_are_read_scaled_and_named() -> None:
    async def scenario() -> list[Signals]:
        async with device() as inverter:
            inverter.registers[1:3] = [0xFFFF, 0xFF9C]
            inverter.registers[4] = 671
            inverter.registers[40] = 510
            got, _ = await poll(inverter.port)
            return got

    (message,) = asyncio.run(scenario())
    assert message.source == "inverter"
    assert message.values == {"Power": -100, "SOC": pytest.approx(67.1), "Voltage": 510}


def test_neighbours_come_in_one_request() -> None:
    async def scenario() -> list[tuple[int, int]]:
        async with device() as inverter:
            await poll(inverter.port)
            return inverter.reads

    assert asyncio.run(scenario()) == [(1, 4), (40, 1)]


def test_a_code_for_not_available_gives_none() -> None:
    async def scenario() -> Any:
        async with device() as inverter:
            inverter.registers[40] = 0xFFFF
            got, _ = await poll(inverter.port)
            return got[0].values["Voltage"]

    assert asyncio.run(scenario()) is None


def test_a_register_that_is_refused_does_not_take_its_neighbours_with_it() -> None:
    async def scenario() -> tuple[Any, Stand]:
        async with device(refused={4}) as inverter:
            inverter.registers[2] = 5
            got, stand = await poll(inverter.port, polls=1)
            return got, stand

    got, stand = asyncio.run(scenario())
    assert [str(fault).startswith("SOC: unit 1 at 127.0.0.1:") for fault in stand.faults] == [True]
    assert stand.step.counters.drops == {"not read": 1}
    assert all(message.values == {"Power": 5, "Voltage": 0} for message in got)


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [("silent", "does not answer"), ("closing", "does not answer"), ("lying", "does not answer")],
)
def test_a_bad_peer_is_told_in_words_and_time(behaviour: str, told: str) -> None:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(100)
        if behaviour == "lying":
            writer.write(request[:4] + b"\x00\x05\x01\x03\x02\xff")
            await writer.drain()
        if behaviour != "closing":
            await reader.read()

    async def scenario() -> tuple[float, Stand]:
        async with rogue(behave) as port:
            begun = asyncio.get_running_loop().time()
            _, stand = await poll(port)
            return asyncio.get_running_loop().time() - begun, stand

    seconds, stand = asyncio.run(scenario())
    assert told in str(stand.faults[0])
    assert seconds < 3


def test_an_absent_peer_is_told() -> None:
    async def scenario() -> Stand:
        with closed_port() as port:
            _, stand = await poll(port)
        return stand

    fault = str(asyncio.run(scenario()).faults[0])
    assert "no connection to 127.0.0.1:" in fault
    assert "Is the device on, and the address right?" in fault


def test_blocks_keep_to_the_protocols_limits() -> None:
    rows = [PolledRegister(name=f"r{n}", address=n) for n in range(300)]
    assert [len(block) for block in blocks_of(rows, gap=8)] == [125, 125, 50]
    apart = [PolledRegister(name=f"r{n}", address=n * 20) for n in range(3)]
    assert len(blocks_of(apart, gap=8)) == 3
    bits = [PolledRegister(name="b", address=0, kind="coil"), PolledRegister(name="r", address=0)]
    assert len(blocks_of(bits, gap=8)) == 2


def test_the_catalogue_names_units_and_cycle() -> None:
    source = Poll(link=Link(host="x"), registers=ROWS, source="inverter", every=5)
    found = {signal.qualified: (signal.unit, signal.cycle) for signal in source.catalogue(None)}  # type: ignore[arg-type]
    assert found == {
        "inverter.SOC": ("%", 5),
        "inverter.Power": ("W", 5),
        "inverter.Voltage": ("", 5),
    }
