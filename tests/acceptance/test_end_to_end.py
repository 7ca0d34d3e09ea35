"""The main job against a real broker and a real Modbus client, fed by frames on a bus."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import can
import pytest
from pymodbus.client import AsyncModbusTcpClient

from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine
from tests.support.mosquitto import Mosquitto, running_mosquitto
from tests.support.ports import free_port

FLOW = Path(__file__).parents[2] / "flows" / "rack-to-ems.json"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as running:
        yield running


@pytest.fixture
def environment(broker: Mosquitto, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The main job's knobs, set to this test's broker, bus and port."""
    values = {
        "MQTT_HOST": "127.0.0.1",
        "MQTT_PORT": str(broker.port),
        "MODBUS_PORT": str(free_port()),
        "CAN_INTERFACE": "virtual",
        "CAN_CHANNEL": "end-to-end",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return values


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait for something to become true; fails after ten seconds."""
    for _ in range(400):
        if await condition():
            return
        await asyncio.sleep(0.025)
    raise AssertionError(f"never came: {what}")


def send(bus: Any, id: int, data: str) -> None:
    bus.send(can.Message(arbitration_id=id, data=bytes.fromhex(data), is_extended_id=False))


async def registers(client: Any, address: int, count: int) -> list[int]:
    answer = await client.read_holding_registers(address, count=count, device_id=1)
    assert not answer.isError(), answer
    found: list[int] = answer.registers
    return found


async def drive(environment: dict[str, str], data: Path) -> list[list[int]]:
    """Run the job, send a battery's frames, read what the EMS sees at each stage."""
    engine = Engine(data)
    running = await engine.start(read_flow(FLOW))
    bus = can.Bus(interface="virtual", channel="end-to-end")
    client = AsyncModbusTcpClient("127.0.0.1", port=int(environment["MODBUS_PORT"]))
    seen = []
    try:
        resources = running.circuit.resources

        async def connected() -> bool:
            return all(step.state == ("connected", True) for step in resources.values())

        await until(connected, "bus and broker connected")
        assert await client.connect()
        send(bus, 0x351, "1402B0044006C201")
        send(bus, 0x356, "8413F1FF3700")
        for soc in ("15", "13", "15", "12", "16"):  # 21, 19, 21, 18, 22 %
            send(bus, 0x355, f"{soc}00640000000000")

            async def shown(wanted: int = int(soc, 16)) -> bool:
                return (await registers(client, 0, 1))[0] == wanted

            await until(shown, f"SOC 0x{soc} at the Modbus client")
            seen.append([*(await registers(client, 0, 9)), *(await registers(client, 16, 1))])
    finally:
        client.close()
        bus.shutdown()
        await engine.stop_all()
    return seen


def test_values_and_alarms_reach_modbus_and_mqtt(
    environment: dict[str, str], broker: Mosquitto, tmp_path: Path
) -> None:
    subscriber = broker.subscriber("site1/#")
    seen = asyncio.run(drive(environment, tmp_path / "data"))

    limits = [532, 1200, 1600, 450]
    assert [row[5:9] for row in seen] == [limits] * 5
    assert seen[0][:5] == [21, 100, 4996, 0x10000 - 15, 55]
    assert [row[9] for row in seen] == [0, 1, 1, 1, 0]  # raised at 19 %, cleared at 22 %

    published = messages(subscriber)
    alarms = [payload for topic, payload in published if topic == "site1/alarms/soc_low"]
    assert [(a["state"], a["value"]) for a in alarms] == [("raised", 19), ("cleared", 22)]


def messages(subscriber: subprocess.Popen[bytes]) -> list[tuple[str, Any]]:
    """What a subscriber has printed."""
    subscriber.terminate()
    output, _ = subscriber.communicate(timeout=10)
    lines = [line.partition(" ") for line in output.decode().splitlines()]
    return [(topic, json.loads(payload)) for topic, _, payload in lines]
