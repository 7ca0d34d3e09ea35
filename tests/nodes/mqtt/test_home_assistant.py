"""What Home Assistant would find at a real broker: configurations, states, availability."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowrt.message import Event, Signals
from flowrt.node import Catalogue, SignalInfo
from nodes.mqtt.broker import Broker
from nodes.mqtt.home_assistant import HomeAssistant
from tests.support.live_node import Live, eventually, running
from tests.support.mosquitto import Mosquitto, program

CATALOGUE = Catalogue(
    [
        SignalInfo("SOC", "rack1/State", "%"),
        SignalInfo("PackVoltage", "rack1/Measure", "V"),
        SignalInfo("PackTemperature", "rack1/Measure", "degC"),
        SignalInfo("Energy", "rack1/Measure", "kWh"),
        SignalInfo("Humidity", "room", "%"),
    ]
)
Scenario = Callable[[Broker, HomeAssistant, Live], Awaitable[None]]


def play(mosquitto: Mosquitto, scenario: Scenario, **settings: Any) -> Live:
    """Run a scenario against the node at a broker."""

    async def run() -> Live:
        broker = Broker(
            host="127.0.0.1", port=mosquitto.port, status_topic="flowrt/status", longest_pause=1
        )
        node = HomeAssistant(broker=broker, **settings)
        node.incoming = CATALOGUE
        async with running(broker, live=(live := Live())), running(node, live=live):
            await eventually(lambda: broker.connected)
            await scenario(broker, node, live)
        return live

    return asyncio.run(run())


async def kept(mosquitto: Mosquitto, topic: str) -> dict[str, str]:
    """The retained messages that a new client gets."""

    def ask() -> dict[str, str]:
        command = [program("mosquitto_sub"), "-p", str(mosquitto.port), "-t", topic, "-v"]
        ran = subprocess.run(
            [*command, "-W", "1", "--retained-only"], capture_output=True, text=True, timeout=10
        )
        lines = (line.partition(" ") for line in ran.stdout.splitlines())
        return {name: payload for name, _, payload in lines}

    return await asyncio.to_thread(ask)


async def configs(mosquitto: Mosquitto) -> dict[str, Any]:
    found = await kept(mosquitto, "homeassistant/#")
    return {topic: json.loads(payload) for topic, payload in found.items()}


def test_each_device_is_told_with_units_and_classes(mosquitto: Mosquitto) -> None:
    async def scenario(_broker: Broker, node: HomeAssistant, _live: Live) -> None:
        await node.write([Signals(0.0, "rack1/State", {"SOC": 50})])
        told = await configs(mosquitto)
        assert set(told) == {
            "homeassistant/device/flowrt_rack1/config",
            "homeassistant/device/flowrt_room/config",
        }
        rack = told["homeassistant/device/flowrt_rack1/config"]
        assert rack["device"] == {
            "identifiers": ["flowrt_rack1"],
            "name": "rack1",
            "manufacturer": "Pylontech",
        }
        assert rack["availability_topic"] == "flowrt/status"
        measures = {
            told["unique_id"]: (told.get("device_class"), told.get("unit_of_measurement"))
            for told in rack["components"].values()
        }
        assert measures == {
            "flowrt_rack1_State_SOC": ("battery", "%"),
            "flowrt_rack1_Measure_PackVoltage": ("voltage", "V"),
            "flowrt_rack1_Measure_PackTemperature": ("temperature", "°C"),
            "flowrt_rack1_Measure_Energy": ("energy", "kWh"),
        }
        assert rack["components"]["flowrt_rack1_Measure_Energy"]["state_class"] == "total"
        room = told["homeassistant/device/flowrt_room/config"]["components"]["flowrt_room_Humidity"]
        assert ("device_class" in room, room["expire_after"]) == (False, 60)

    play(mosquitto, scenario, maker="Pylontech", silent_after=60.0)


def test_states_go_where_the_configuration_says(mosquitto: Mosquitto) -> None:
    async def scenario(_broker: Broker, node: HomeAssistant, _live: Live) -> None:
        listener = mosquitto.subscriber("flowrt/+/+/readings", "-C", "1", "-W", "5")
        await asyncio.sleep(0.2)
        await node.write([Signals(0.0, "rack1/State", {"SOC": 50, "Mode": "idle"})])
        out, _ = await asyncio.to_thread(listener.communicate)
        topic, _, payload = out.decode().strip().partition(" ")
        sensor = (await configs(mosquitto))["homeassistant/device/flowrt_rack1/config"][
            "components"
        ]
        soc, mode = sensor["flowrt_rack1_State_SOC"], sensor["flowrt_rack1_State_Mode"]
        assert (soc["state_topic"], soc["value_template"]) == (topic, "{{ value_json['SOC'] }}")
        assert json.loads(payload)["SOC"] == 50
        assert "state_class" not in mode

    play(mosquitto, scenario)


def test_an_alarm_is_a_problem_until_every_source_has_cleared_it(mosquitto: Mosquitto) -> None:
    async def scenario(_broker: Broker, node: HomeAssistant, _live: Live) -> None:
        seen: list[str] = []
        for source, state in (("rack1/a", "raised"), ("rack1/b", "raised"), ("rack1/a", "cleared")):
            await node.write([Event(0.0, source, "too_hot", state)])
        seen += (await kept(mosquitto, "flowrt/rack1/alarms/too_hot")).values()
        await node.write([Event(0.0, "rack1/b", "too_hot", "cleared")])
        seen += (await kept(mosquitto, "flowrt/rack1/alarms/too_hot")).values()
        assert seen == ["ON", "OFF"]
        rack = (await configs(mosquitto))["homeassistant/device/flowrt_rack1/config"]
        alarm = rack["components"]["flowrt_rack1_alarm_too_hot"]
        assert (alarm["platform"], alarm["device_class"]) == ("binary_sensor", "problem")

    play(mosquitto, scenario)


def test_a_broker_that_has_forgotten_is_told_again(mosquitto: Mosquitto) -> None:
    async def scenario(broker: Broker, node: HomeAssistant, _live: Live) -> None:
        await node.write([Signals(0.0, "rack1/State", {"SOC": 50})])
        mosquitto.stop()
        await eventually(lambda: not broker.connected)
        mosquitto.start()
        assert await configs(mosquitto) == {}
        await eventually(lambda: broker.connected)
        await node.write([Signals(0.0, "rack1/State", {"SOC": 51})])
        assert len(await configs(mosquitto)) == 2

    play(mosquitto, scenario)


def test_home_assistant_is_told_again_when_it_starts(mosquitto: Mosquitto) -> None:
    async def scenario(_broker: Broker, node: HomeAssistant, _live: Live) -> None:
        await node.write([Signals(0.0, "rack1/State", {"SOC": 50})])
        mosquitto.publish("homeassistant/device/flowrt_rack1/config", "", "-r")
        mosquitto.publish("homeassistant/status", "online")
        await eventually(lambda: node._unsaid)
        await node.write([Signals(0.0, "rack1/State", {"SOC": 51})])
        assert len(await configs(mosquitto)) == 2

    play(mosquitto, scenario)


def test_the_status_says_when_the_gateway_is_gone(mosquitto: Mosquitto) -> None:
    async def scenario(_broker: Broker, _node: HomeAssistant, _live: Live) -> None:
        assert (await kept(mosquitto, "flowrt/status")) == {"flowrt/status": "online"}

    play(mosquitto, scenario)
    assert asyncio.run(kept(mosquitto, "flowrt/status")) == {"flowrt/status": "offline"}


@pytest.mark.parametrize(("silent_after", "count"), [(None, 1), (60.0, 0)])
def test_entities_that_would_never_be_unavailable_are_a_problem(
    silent_after: float | None, count: int
) -> None:
    node = HomeAssistant(broker=Broker(host="x"), silent_after=silent_after)
    assert len(list(node.problems())) == count
