"""Writing to a real Modbus device: limits, rates, fail-safes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from flowrt.node import Unavailable
from nodes.modbus.link import Link
from nodes.modbus.write import Write, WrittenRegister
from tests.support.modbus import Device, device
from tests.support.ports import closed_port

ROW = WrittenRegister(signal="Power", address=5, type="s32", minimum=-5000, maximum=5000)
SAFE = WrittenRegister(signal="Power", address=5, type="s32", fail_safe=0)
Scenario = Callable[[Write, Stand], Awaitable[None]]


def run(scenario: Scenario, *rows: WrittenRegister, **settings: Any) -> tuple[Device, Stand]:
    """A scenario against a device; gives the device and the stand."""

    async def main() -> tuple[Device, Stand]:
        async with device() as inverter:
            link = Link(host="127.0.0.1", port=inverter.port)
            Stand(link)
            sink = Write(link=link, registers=list(rows or (ROW,)), **settings)
            stand = Stand(sink)
            await scenario(sink, stand)
            await sink.stop()
            await link.stop()
            return inverter, stand

    return asyncio.run(main())


def power(value: Any, time: float = 0.0) -> list[Signals]:
    return [Signals(time, "ems", {"Power": value})]


def test_a_value_is_written_when_it_changes() -> None:
    async def scenario(sink: Write, _stand: Stand) -> None:
        for value in (-100, -100, 200):
            await sink.write(power(value))

    assert run(scenario)[0].writes == [(5, [0xFFFF, 0xFF9C]), (5, [0, 200])]


def test_a_value_is_clamped_to_its_limits_and_counted() -> None:
    async def scenario(sink: Write, _stand: Stand) -> None:
        await sink.write(power(9000))

    inverter, stand = run(scenario)
    assert inverter.writes == [(5, [0, 5000])]
    assert stand.step.counters.drops == {"clamped to the limits": 1}


def test_writes_keep_their_distance() -> None:
    async def scenario(sink: Write, stand: Stand) -> None:
        await sink.write(power(1))
        await sink.write(power(2))
        stand.run_to(1.5)
        await sink.write(power(3))

    inverter, stand = run(scenario, at_most_every=1.0)
    assert inverter.writes == [(5, [0, 1]), (5, [0, 3])]
    assert stand.step.counters.drops == {"sooner than at_most_every": 1}


def test_a_steady_value_is_refreshed() -> None:
    async def scenario(sink: Write, stand: Stand) -> None:
        for time in (0.0, 1.0, 2.5):
            stand.run_to(time)
            await sink.write(power(7, time))

    assert len(run(scenario, refresh_every=2.0)[0].writes) == 2


def test_silence_brings_the_fail_safe() -> None:
    async def scenario(sink: Write, stand: Stand) -> None:
        await sink.write(power(300))
        stand.run_to(2.9)
        assert not sink._falling_back
        stand.run_to(3.1)
        await asyncio.gather(*sink._falling_back)

    assert run(scenario, SAFE, stale_after=3.0)[0].writes[:2] == [(5, [0, 300]), (5, [0, 0])]


def test_stopping_leaves_the_fail_safe() -> None:
    async def scenario(sink: Write, _stand: Stand) -> None:
        await sink.write(power(300))

    assert run(scenario, SAFE, stale_after=3.0)[0].writes == [(5, [0, 300]), (5, [0, 0])]


def test_what_is_no_number_is_counted_and_not_written() -> None:
    async def scenario(sink: Write, _stand: Stand) -> None:
        for value in (float("nan"), "text", None):
            await sink.write(power(value))

    inverter, stand = run(scenario)
    assert (inverter.writes, stand.step.counters.drops) == ([], {"no number": 2})


def test_an_absent_device_is_unavailable() -> None:
    async def main() -> None:
        with closed_port() as port:
            link = Link(host="127.0.0.1", port=port, timeout=0.3)
            Stand(link)
            sink = Write(link=link, registers=[ROW])
            Stand(sink)
            await sink.write(power(5))

    with pytest.raises(Unavailable, match=r"Power = 5: no connection to 127\.0\.0\.1:"):
        asyncio.run(main())


def test_problems_are_told() -> None:
    outside = WrittenRegister(signal="P", address=0, maximum=5, fail_safe=9)
    found = list(Write(link=Link(host="x"), registers=[outside]).problems())
    assert found == [
        ("registers[0].fail_safe", 'has no meaning without "stale_after". Set it.'),
        ("registers[0].fail_safe", "9 is outside the row's own limits."),
    ]
