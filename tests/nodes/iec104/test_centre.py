"""The station as c104's client sees it, over TCP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowrt.message import Event, Signals
from nodes.iec104.control import Command, Control
from nodes.iec104.monitor import Monitor, MonitoredPoint
from nodes.iec104.station import Station
from tests.support.centre import Centre, centre
from tests.support.live_node import Live, eventually, running
from tests.support.ports import free_port

NOON = 1_772_366_400.125
POINTS = [
    MonitoredPoint(object=1001, signal="SOC", deadband=0.5),
    MonitoredPoint(object=1002, signal="rack1.PackCurrent"),
    MonitoredPoint(object=1, alarm="too_hot"),
    MonitoredPoint(object=2, signal="Contactor", kind="single"),
]
COMMANDS = [
    Command(name="Power", object=5001, minimum=-50, maximum=50, fail_safe=0),
    Command(name="Run", object=6001, kind="single"),
]
Scenario = Callable[[Centre, Monitor, Live], Awaitable[None]]
pytestmark = pytest.mark.timeout(120)


def play(scenario: Scenario, **changed: Any) -> Live:
    """Run a scenario between a station and a control centre."""

    async def run() -> Live:
        timed, asks = changed.pop("time_tags", True), changed.pop("asks", True)
        station = Station(port=free_port(), common_address=7, time_tags=timed)
        monitor = Monitor(station=station, points=POINTS, **changed)
        control = Control(station=station, commands=COMMANDS)
        async with running(station, monitor, control) as live:
            await monitor.write([Signals(NOON, "rack1", {"SOC": 50, "PackCurrent": -12.5})])
            station._kept.clear()
            async with centre(station.port, 7, asks=asks) as client:
                await scenario(client, monitor, live)
        return live

    return asyncio.run(run())


def facts(points: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(point[name] for name in names) for point in points]


def test_an_interrogation_gives_every_point() -> None:
    async def scenario(client: Centre, _monitor: Monitor, _live: Live) -> None:
        first = await client.points(4)
        assert sorted(facts(first, "object", "type", "value", "cause")) == [
            (1, "M_SP_NA_1", False, "INTERROGATED_BY_STATION"),
            (2, "M_SP_NA_1", False, "INTERROGATED_BY_STATION"),
            (1001, "M_ME_NC_1", 50.0, "INTERROGATED_BY_STATION"),
            (1002, "M_ME_NC_1", -12.5, "INTERROGATED_BY_STATION"),
        ]
        quality = {point["object"]: point["quality"] for point in first}
        assert "Invalid" in quality[2]
        assert "is_good: True" in quality[1001]
        assert await client.ask("interrogate") is True
        assert len(await client.points(4)) == 4

    play(scenario, time_tags=False)


def test_changes_come_at_once_with_their_time() -> None:
    async def scenario(client: Centre, monitor: Monitor, _live: Live) -> None:
        at = NOON + 1
        await monitor.write([Signals(at, "rack1", {"SOC": 50.4, "PackCurrent": 3.25})])
        await monitor.write([Event(at + 1, "rack1", "too_hot", "raised")])
        seen = await client.points(2)
        assert facts(seen, "object", "type", "value", "cause", "time") == [
            (1002, "M_ME_TF_1", 3.25, "SPONTANEOUS", at),
            (1, "M_SP_TB_1", True, "SPONTANEOUS", at + 1),
        ]

    play(scenario, asks=False)


def test_what_is_missing_is_invalid_and_what_is_stale_not_topical() -> None:
    async def scenario(client: Centre, monitor: Monitor, _live: Live) -> None:
        await client.points(4)
        await monitor.write([Signals(NOON + 1, "rack1", {"SOC": None})])
        (missing,) = await client.points(1)
        assert (missing["value"], "Invalid" in missing["quality"]) == (50.0, True)
        stale = await client.points(2)
        assert all("NonTopical" in point["quality"] for point in stale)

    play(scenario, time_tags=False, stale_after=1.5)


def test_set_points_and_commands_become_signals_within_their_limits() -> None:
    async def scenario(client: Centre, _monitor: Monitor, live: Live) -> None:
        assert await client.ask("command float 5001 42.5") is True
        assert await client.ask("command float 5001 99") is False
        assert await client.ask("command single 6001 on") is True
        assert await client.ask("command float 4711 1") is False
        await eventually(lambda: values(live)[-1] == {"Run": 1})

    def values(live: Live) -> list[dict[str, Any]]:
        """What came, once each: a centre that misses an answer commands again."""
        all_ = [message.values for _, message in live.out if isinstance(message, Signals)]
        return [one for index, one in enumerate(all_) if one not in all_[:index]]

    live = play(scenario)
    assert values(live) == [{"Power": 0, "Run": None}, {"Power": 42.5}, {"Run": 1}]


def test_the_clock_is_confirmed_and_its_offset_told() -> None:
    async def scenario(client: Centre, monitor: Monitor, _live: Live) -> None:
        assert await client.ask("clock") is True
        offset = monitor.station.figures()["clock_offset_s"]
        assert offset != 0
        assert abs(offset) < 60 or abs(abs(offset) % 3600) < 60  # a centre may tell local time

    play(scenario)


def test_changes_without_a_listener_are_kept_for_the_first_that_comes() -> None:
    async def run() -> list[dict[str, Any]]:
        station = Station(port=free_port(), common_address=7, buffer=3)
        monitor = Monitor(station=station, points=POINTS)
        async with running(station, monitor) as live:
            for index in range(5):
                await monitor.write([Signals(NOON + index, "x", {"SOC": index * 10})])
            async with centre(station.port, 7) as client:
                seen = await client.points(3)
            assert live.drops(station) == {"kept changes overflowed": 2}
        return seen

    seen = [p for p in asyncio.run(run()) if p["cause"] == "SPONTANEOUS"]
    assert facts(seen, "value", "time") == [(v * 10.0, NOON + v) for v in (2, 3, 4)]
