"""Batteries on Modbus: the example flows against pymodbus' servers, over TCP and a serial line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from flowrt.flow.file import read_flow
from flowrt.message import Event, Signals, Value
from flowrt.running.engine import Engine
from tests.support.live_node import eventually
from tests.support.ports import free_port
from tests.support.serial_line import serial_line

EXAMPLES = Path(__file__).parents[3] / "examples"
Registers = Mapping[int, int]
HUAWEI = {
    37000: 2, 37001: 0xFFFF, 37002: 0xF63C, 37003: 4505, 37004: 615, 37021: 0xFFC9, 37022: 245,
    37046: 0, 37047: 5000, 37048: 0, 37049: 5000, 37066: 1, 37067: 0, 37068: 0, 37069: 600,
    37758: 0, 37759: 15000, 38452: 251, 38453: 0xFFFB,
}  # fmt: skip
SUNGROW = {5634: 30, 5635: 25, 5638: 960, 13019: 2305, 13022: 400, 13023: 990, 13024: 210}
SBR = {
    10745: 22751, 10746: 1, 10747: 21501, 10748: 0, 10756: 33457, 10757: 518, 10758: 33390,
    10759: 788, 10760: 218, 10761: 514, 10762: 206, 10763: 257,
}  # fmt: skip
POWERCUBE = {
    0x1100: 1, 0x1103: 4805, 0x1104: 0xFFFF, 0x1105: 0xF63C, 0x1106: 23, 0x1107: 55, 0x1109: 5200,
    0x110A: 1000, 0x110C: 4400, 0x110D: 0xFC18, 0x1110: 3345, 0x1111: 3339, 0x1114: 251,
    0x1115: 238, 0x1120: 99, 0x112F: 0, 0x1131: 6, 0x1138: 0, 0x1139: 1,
}  # fmt: skip


def device(unit: int, registers: Registers) -> SimDevice:
    """A unit with these registers as holding and as input registers, and zeros about them."""
    low, high = min(registers), max(registers) + 1
    values = [registers.get(address, 0) for address in range(low, high)]
    block = SimData(low, values=values, datatype=DataType.REGISTERS)
    return SimDevice(unit, simdata=[block])


@asynccontextmanager
async def tcp(*devices: SimDevice) -> AsyncIterator[int]:
    """A server of these units; its port."""
    port = free_port()
    server = ModbusTcpServer(list(devices), address=("127.0.0.1", port))
    await server.listen()
    try:
        yield port
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def serial(device: SimDevice, port: str) -> AsyncIterator[None]:
    """A unit at one end of a serial line."""
    server = ModbusSerialServer(device, framer=FramerType.RTU, port=port, baudrate=9600)
    assert await server.listen()
    try:
        yield
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]
        await asyncio.sleep(0.05)


class Told:
    """What the batteries of a flow tell."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.events: list[tuple[str, str]] = []

    def take(self, batch: Any) -> None:
        for message in batch:
            if isinstance(message, Signals):
                self.values.update(message.values)
            elif isinstance(message, Event):
                self.events.append((message.source, message.state))


def sped_up(folder: Path, name: str) -> Path:
    """An example that polls ten times a second, loses a battery after 1 s and reaches nobody."""
    document = json.loads((EXAMPLES / f"{name}.json").read_text())
    for node in document["nodes"].values():
        if node["type"] == "modbus/poll":
            node["every"] = "100 ms"
        elif node["type"] == "bess/battery":
            node["timeout"] = "1 s"
        elif node["type"] in ("mqtt/publish", "storage/jsonl"):
            for setting in list(node):
                del node[setting]
            node |= {"type": "core/debug", "to": "none"}
    document["resources"].pop("cloud", None)
    file = folder / f"{name}.json"
    file.write_text(json.dumps(document))
    return file


@asynccontextmanager
async def running(file: Path, *batteries: str) -> AsyncIterator[list[Told]]:
    engine = Engine(file.parent / "data")
    flow = await engine.start(read_flow(file))
    told = [Told() for _ in batteries]
    for battery, one in zip(batteries, told, strict=True):
        for outlet in flow.circuit.steps[battery].outlets[:2]:
            outlet.targets.append(one.take)
    try:
        yield told
    finally:
        await engine.stop_all()


def whole(expected: Mapping[str, Value], told: Told) -> Callable[[], bool]:
    return lambda: expected.keys() <= told.values.keys()


def test_two_makes_over_tcp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    huawei = {
        "PackVoltage": 450.5, "PackCurrent": -5.5, "PackPower": -2500, "SOC": 61.5,
        "PackTemperature": 24.5, "Status": 2, "ChargePowerLimit": 5000, "EnergyCharged": 655.36,
        "EnergyDischarged": 6.0, "EnergyInstalled": 15.0, "CellTemperatureMax": 25.1,
        "CellTemperatureMin": -0.5, "Online": 1,
    }  # fmt: skip
    sungrow = {
        "PackVoltage": 230.5, "SOC": 40.0, "SOH": 99.0, "ChargeCurrentLimit": 30,
        "DischargeCurrentLimit": 25, "EnergyInstalled": 9.6, "EnergyCharged": 8828.7,
        "EnergyDischarged": 2150.1, "CellVoltageMax": 3.3457, "CellVoltageMin": 3.339,
        "CellTemperatureMax": 21.8, "CellTemperatureMin": 20.6, "Online": 1,
    }  # fmt: skip

    async def scenario() -> None:
        async with tcp(device(1, HUAWEI)) as one, tcp(device(1, SUNGROW), device(200, SBR)) as two:
            monkeypatch.setenv("HUAWEI_HOST", "127.0.0.1")
            monkeypatch.setenv("SUNGROW_HOST", "127.0.0.1")
            monkeypatch.setenv("HUAWEI_PORT", str(one))
            monkeypatch.setenv("SUNGROW_PORT", str(two))
            file = sped_up(tmp_path, "batteries-by-modbus")
            async with running(file, "battery1", "battery2") as (first, second):
                await eventually(whole(huawei, first), within=10)
                await eventually(whole(sungrow, second), within=10)
        numbers = {name: second.values[name] for name in sungrow}
        assert {name: first.values[name] for name in huawei} == pytest.approx(huawei)
        assert numbers == pytest.approx(sungrow)
        places = ("CellOfVoltageMax", "CellOfVoltageMin", "CellOfTemperatureMin")
        assert [second.values[place] for place in places] == ["2.6", "3.20", "1.1"]

    asyncio.run(scenario())


def test_a_battery_on_rs485_that_goes_is_an_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {
        "PackVoltage": 480.5, "PackCurrent": -25.0, "PackTemperature": 23, "SOC": 55, "SOH": 99,
        "ChargeVoltageLimit": 520.0, "ChargeCurrentLimit": 100.0, "DischargeVoltageLimit": 440.0,
        "DischargeCurrentLimit": 100.0, "CellVoltageMax": 3.345, "CellVoltageMin": 3.339,
        "CellTemperatureMax": 25.1, "CellTemperatureMin": 23.8, "ModulesOnline": 6,
        "ChargeAllowed": 1, "DischargeAllowed": 0, "PackPower": -12012.5, "Online": 1,
    }  # fmt: skip

    async def scenario() -> None:
        with serial_line() as (ours, theirs):
            monkeypatch.setenv("RS485", ours)
            file = sped_up(tmp_path, "rs485-bms")
            async with AsyncExitStack() as battery, running(file, "battery") as (told,):
                await battery.enter_async_context(serial(device(1, POWERCUBE), theirs))
                await eventually(whole(expected, told), within=10)
                assert {name: told.values[name] for name in expected} == pytest.approx(expected)
                await battery.aclose()
                before = len(told.events)
                await eventually(lambda: told.events[before:] == [("battery", "raised")], within=10)
                assert (told.values["Online"], told.values["SOC"]) == (0, None)

    asyncio.run(scenario())


def test_what_our_sunspec_server_shows_is_read_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("BATTERY_HOST", "127.0.0.1")
    monkeypatch.setenv("BATTERY_PORT", str(port))
    given = {"SOC": 61.5, "SOH": 97, "V": 768.4, "A": -25.5, "W": -19594, "Charge": 120.5}
    shown = {"SoC": "SOC", "SoH": "SOH", "V": "V", "A": "A", "W": "W", "AChaMax": "Charge"}
    file = sped_up(tmp_path, "battery-by-sunspec")
    document = json.loads(file.read_text())
    document["resources"]["door"] = {"type": "modbus/listener", "host": "127.0.0.1", "port": port}
    document["nodes"]["values"] = {"type": "core/inject", "values": given, "every": "200 ms"}
    document["nodes"]["hot"] = {"type": "logic/threshold", "signal": "SOC", "above": 50}
    document["nodes"]["server"] = {
        "type": "modbus/sunspec",
        "listener": "door",
        "models": [802],
        "serial": "1",
        "points": [
            *({"point": f"802.{point}", "signal": signal} for point, signal in shown.items()),
            {"point": "802.State", "value": 3},
            {"point": "802.Evt1", "alarm": "hot", "bit": 2},
        ],
    }
    document["wires"] += [
        {"from": "values", "to": "server"},
        {"from": "values", "to": "hot"},
        {"from": "hot", "to": "server"},
    ]
    file.write_text(json.dumps(document))
    expected = {
        "SOC": 61.5, "SOH": 97, "PackVoltage": 768.4, "PackCurrent": -25.5, "PackPower": -19590,
        "ChargeCurrentLimit": 120.5, "ContactorClosed": 1, "AlarmHighTemperature": 1,
    }  # fmt: skip

    async def scenario() -> None:
        async with running(file, "battery") as (told,):
            await eventually(lambda: told.values.get("AlarmHighTemperature") == 1, within=10)
            assert {name: told.values[name] for name in expected} == pytest.approx(expected)
            assert told.values["CapacityInstalled"] is None

    asyncio.run(scenario())
