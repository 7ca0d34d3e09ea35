"""The SunSpec map as pysunspec2's client sees it, over TCP; and its tables against pysunspec2's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sunspec2  # type: ignore[import-untyped]
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP  # type: ignore[import-untyped]

from flowrt.message import Event, Signals
from nodes.modbus.listener import Listener
from nodes.modbus.setpoints import SetpointRegister, Setpoints
from nodes.modbus.sunspec import ShownPoint, SunSpec
from nodes.modbus.sunspec_models import MODELS, Model, Point
from tests.support.live_node import Live, eventually, running
from tests.support.ports import free_port

POINTS = [
    ShownPoint(point="713.SoC", signal="SOC"),
    ShownPoint(point="802.SoC", signal="SOC"),
    ShownPoint(point="802.V", signal="PackVoltage"),
    ShownPoint(point="802.A", signal="PackCurrent"),
    ShownPoint(point="802.W", signal="Power", factor=1000),
    ShownPoint(point="802.CellVMax", signal="CellMax"),
    ShownPoint(point="802.WHRtg", value=76_800),
    ShownPoint(point="802.Evt1", alarm="too_hot", bit=1),
    ShownPoint(point="802.Evt1", alarm="door", bit=23),
    ShownPoint(point="803.ModTmpMax", signal="Tmax"),
    ShownPoint(point="803.StrSoC", string=1, signal="rack1.SOC"),
    ShownPoint(point="803.StrSoC", string=2, signal="rack2.SOC"),
]
Scan = Callable[[], Awaitable[dict[int, Any]]]
Scenario = Callable[[SunSpec, Scan, Live], Awaitable[None]]


def play(scenario: Scenario, *others: Any, **changed: Any) -> Live:
    """Run a scenario against the map, with a way to scan it."""

    async def run() -> Live:
        listener = Listener(port=free_port())
        made = [SunSpec(**{"listener": listener, "points": POINTS, "strings": 2, **changed})]
        made += [other(listener) for other in others]

        async def scan() -> dict[int, Any]:
            return await asyncio.to_thread(scanned, listener.port)

        async with running(listener, *made) as live:
            await scenario(made[0], scan, live)
        return live

    return asyncio.run(run())


def scanned(port: int) -> dict[int, Any]:
    """The models that a client finds, by id."""
    client = SunSpecModbusClientDeviceTCP(1, "127.0.0.1", port, timeout=3)
    client.scan()
    client.close()
    return {id: models[0] for id, models in client.models.items() if isinstance(id, int)}


def shown(model: Any, *names: str) -> list[Any]:
    return [model.points[name].cvalue for name in names]


def test_a_client_finds_the_models_and_who_made_it() -> None:
    async def scenario(_node: SunSpec, scan: Scan, _live: Live) -> None:
        models = await scan()
        assert list(models) == [1, 713, 802, 803]
        assert shown(models[1], "Mn", "Md", "SN") == ["flowrt", "gateway", "R-1"]
        assert shown(models[803], "NStr") == [2]
        assert len(models[803].groups["string"]) == 2

    play(scenario, serial="R-1")


def test_readings_come_in_the_models_units() -> None:
    async def scenario(node: SunSpec, scan: Scan, _live: Live) -> None:
        readings = {"SOC": 66.6, "PackVoltage": 768.4, "PackCurrent": -120.5, "Power": -92.6}
        await node.write([Signals(0.0, "rack1", {**readings, "CellMax": 3.412, "Tmax": -4.5})])
        await node.write([Signals(0.0, "rack2", {"SOC": 50})])
        models = await scan()
        assert shown(models[713], "SoC") == [50.0]
        assert shown(models[802], "V", "A", "W", "CellVMax", "WHRtg") == pytest.approx(
            [768.4, -120.5, -92600, 3.412, 76_800]
        )
        assert shown(models[803], "ModTmpMax") == [-4.5]
        strings = [string.points["StrSoC"].cvalue for string in models[803].groups["string"]]
        assert strings == pytest.approx([66.6, 50.0])

    play(scenario)


def test_what_has_no_value_reads_as_not_implemented() -> None:
    async def scenario(node: SunSpec, scan: Scan, _live: Live) -> None:
        await node.write([Signals(0.0, "rack1", {"SOC": 66, "PackVoltage": None, "Power": 1})])
        models = await scan()
        unread = ("V", "A", "SoH", "NCyc", "ChaSt", "StateVnd")
        assert shown(models[802], *unread) == [None] * len(unread)
        assert shown(models[802], "Typ", "Evt1", "Evt2", "LocRemCtl") == [4, 0, 0, 1]

    play(scenario)


def test_stale_readings_read_as_not_implemented() -> None:
    async def scenario(node: SunSpec, scan: Scan, _live: Live) -> None:
        await node.write([Signals(0.0, "rack1", {"SOC": 66})])
        assert shown((await scan())[802], "SoC") == [66]
        await asyncio.sleep(0.5)
        assert shown((await scan())[802], "SoC", "WHRtg") == [None, 76_800]

    play(scenario, stale_after=0.45)


def test_alarms_are_bits_until_every_source_has_cleared_them() -> None:
    async def scenario(node: SunSpec, scan: Scan, _live: Live) -> None:
        seen = []
        for source, name, state in (
            *(("a", "too_hot", "raised"), ("b", "too_hot", "raised"), ("a", "door", "raised")),
            *(("a", "too_hot", "cleared"), ("b", "too_hot", "cleared")),
        ):
            await node.write([Event(0.0, source, name, state)])
            seen += shown((await scan())[802], "Evt1")
        assert seen == [2, 2, 2 + (1 << 23), 2 + (1 << 23), 1 << 23]

    play(scenario)


def test_too_much_is_clamped_and_never_the_code_for_nothing() -> None:
    async def scenario(node: SunSpec, scan: Scan, live: Live) -> None:
        await node.write([Signals(0.0, "x", {"PackVoltage": 1e6, "PackCurrent": -1e6})])
        assert shown((await scan())[802], "V", "A") == pytest.approx([6553.4, -3276.7])
        assert live.drops(node) == {"clamped to the point's range": 2}

    play(scenario)


def test_scales_can_be_set_for_all_models_or_one() -> None:
    async def scenario(node: SunSpec, scan: Scan, _live: Live) -> None:
        await node.write([Signals(0.0, "x", {"SOC": 66.66, "Power": -5000})])
        models = await scan()
        assert shown(models[802], "W", "SoC") == [-5_000_000, 67]
        assert shown(models[713], "SoC") == [66.7]

    play(scenario, scales={"W_SF": 3, "802.SoC_SF": 0})


def test_the_heart_beats_and_the_client_may_write_what_set_points_take() -> None:
    base, hb, control = 40000 + 2 + 68 + 9, 18, 19

    def controls(listener: Listener) -> Setpoints:
        row = SetpointRegister(name="CtrlHb", address=base + control)
        return Setpoints(listener=listener, registers=[row])

    async def scenario(_node: SunSpec, scan: Scan, live: Live) -> None:
        battery = (await scan())[802]
        assert battery.points["Hb"].cvalue > 0
        assert (battery.model_addr, battery.points["Hb"].offset) == (base, hb)
        await asyncio.to_thread(write, live, battery)
        await eventually(lambda: any(m.values == {"CtrlHb": 7} for _, m in signals(live)))
        assert shown((await scan())[802], "CtrlHb") == [7]

    def write(live: Live, _battery: Any) -> None:
        listener = next(node for node in live.steps if isinstance(node, Listener))
        client = SunSpecModbusClientDeviceTCP(1, "127.0.0.1", listener.port, timeout=3)
        client.scan()
        client.models[802][0].points["CtrlHb"].cvalue = 7
        client.models[802][0].points["CtrlHb"].write()
        with pytest.raises(Exception, match="exception"):
            client.write(base + 11, b"\x00\x05")  # the state of charge is not theirs to say
        client.close()

    play(scenario, controls)


def signals(live: Live) -> list[tuple[str, Signals]]:
    return [(port, message) for port, message in live.out if isinstance(message, Signals)]


@pytest.mark.parametrize("id", MODELS)
def test_the_tables_are_those_of_the_standard(id: int) -> None:
    folder = Path(str(sunspec2.__file__)).parent / "models" / "json"
    group = json.loads((folder / f"model_{id}.json").read_text())["group"]
    model = MODELS[id]
    assert rows(model.points) == standard(group["points"])[2:]
    groups = group.get("groups", [])
    assert rows(model.group) == [row for one in groups for row in standard(one["points"])]


TYPES = {
    "uint16": "u16",
    "int16": "s16",
    "uint32": "u32",
    "uint64": "u64",
    "enum16": "enum",
    "bitfield32": "bits",
    "sunssf": "sf",
    "pad": "pad",
}


def standard(points: list[dict[str, Any]]) -> list[tuple[str, str, int, str, bool]]:
    return [
        (
            *(point["name"], TYPES.get(point["type"], f"text{point['size']}"), point["size"]),
            *(point.get("sf", ""), point.get("access") == "RW"),
        )
        for point in points
    ]


def rows(points: dict[str, Point]) -> list[tuple[str, str, int, str, bool]]:
    return [(p.name, p.type, p.words, p.factor, p.writable) for p in points.values()]


def test_every_scale_factor_is_a_point_of_its_model() -> None:
    def factors(model: Model) -> set[str]:
        return {p.factor for p in (*model.points.values(), *model.group.values()) if p.factor}

    assert all(factors(model) <= set(model.points) for model in MODELS.values())


def test_rows_that_cannot_be_are_told() -> None:
    points = [
        ShownPoint(point="802.Soc", signal="SOC"),
        ShownPoint(point="701.W", signal="Power"),
        ShownPoint(point="803.StrSoC", signal="SOC"),
        ShownPoint(point="802.SoC", alarm="too_hot"),
        ShownPoint(point="802.W"),
    ]
    node = SunSpec(listener=Listener(port=1502), points=points, scales={"X_SF": 1})
    assert list(node.problems()) == [
        ("points[0].point", "model 802 has no point Soc to show."),
        ("points[1].point", "model 701 is not served here. Served are 713, 802, 803."),
        ("points[2].string", "StrSoC is of a string: give one from 1 to 1."),
        ("points[3].alarm", "SoC has no bits that an alarm could set."),
        ("points[4]", 'needs one of "signal", "alarm" and "value".'),
        ("scales.X_SF", "is no scale factor of any model, such as W_SF or 802.W_SF."),
    ]
