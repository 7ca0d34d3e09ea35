"""The edge node as a host application sees it: real mosquitto, payloads read by protobuf."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from flowrt.message import Event, Signals
from flowrt.node import Catalogue, NodeFault, SignalInfo
from nodes.mqtt.broker import Broker
from nodes.mqtt.sparkplug import Sparkplug
from tests.support.live_node import Live, eventually, running
from tests.support.mosquitto import Mosquitto
from tests.support.sparkplug import Host, make_payload

CATALOGUE = Catalogue(
    [SignalInfo("SOC", "rack1/State", "%", 0, 100), SignalInfo("V", "rack1/State", "V")]
)
Scenario = Callable[[Broker, Sparkplug, Live], Awaitable[None]]


def play(mosquitto: Mosquitto, scenario: Scenario, **settings: Any) -> Live:
    """Run a scenario against an edge node at a broker."""

    async def run() -> Live:
        broker = Broker(host="127.0.0.1", port=mosquitto.port, longest_pause=1)
        node = Sparkplug(broker=broker, group="site1", edge_node="gw7", **settings)
        node.incoming = CATALOGUE
        async with running(broker, live=(live := Live())), running(node, live=live):
            await scenario(broker, node, live)
        return live

    return asyncio.run(run())


@pytest.fixture
def host(mosquitto: Mosquitto) -> Iterator[Host]:
    made = Host(mosquitto.port)
    yield made
    made.close()


def soc(value: Any, at: float = 0.0, source: str = "rack1/State") -> Signals:
    return Signals(at or time.time(), source, {"SOC": value})


async def born(host: Host, times: int = 1) -> None:
    await eventually(lambda: host.kinds().count("NBIRTH") >= times)


def test_a_life_from_birth_to_death(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(host)
        await node.write([soc(55.5)])
        await node.write([soc(56.0)])
        await eventually(lambda: len(host.got) == 3)

    play(mosquitto, scenario)
    asyncio.run(eventually(lambda: "NDEATH" in host.kinds()))
    assert [topic for topic, _ in host.got] == [
        "spBv1.0/site1/NBIRTH/gw7",
        "spBv1.0/site1/DBIRTH/gw7/rack1",
        "spBv1.0/site1/DDATA/gw7/rack1",
        "spBv1.0/site1/NDEATH/gw7",
    ]
    birth, device, data, death = (payload for _, payload in host.got)
    assert [birth.seq, device.seq, data.seq] == [0, 1, 2]
    assert {m.name: m.datatype for m in birth.metrics} == {"bdSeq": 4, "Node Control/Rebirth": 11}
    assert [(m.name, m.long_value) for m in death.metrics] == [
        ("bdSeq", birth.metrics[0].long_value)
    ]
    assert not death.HasField("seq")


def test_births_list_every_metric_with_its_unit_and_data_only_the_alias(
    mosquitto: Mosquitto, host: Host
) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(host)
        await node.write([soc(55.5), soc(None)])
        await eventually(lambda: len(host.got) == 3)

    play(mosquitto, scenario)
    (birth,), (data,) = host.of("DBIRTH"), host.of("DDATA")
    first, second = birth.metrics
    told = dict(zip(first.properties.keys, first.properties.values, strict=True))
    assert (first.name, first.datatype, first.double_value) == ("State/SOC", 10, 55.5)
    assert (told["engUnit"].string_value, told["engHigh"].double_value) == ("%", 100.0)
    assert (second.name, second.is_null) == ("State/V", True)
    assert len({first.alias, second.alias, 0}) == 3
    assert [(m.name, m.alias, m.is_null) for m in data.metrics] == [("", first.alias, True)]


def test_alarms_are_booleans_and_new_metrics_mean_a_new_birth(
    mosquitto: Mosquitto, host: Host
) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(host)
        await node.write([soc(55.5), Event(time.time(), "rack1", "too_hot", "raised")])
        await node.write([Event(time.time(), "rack1", "too_hot", "cleared")])
        await eventually(lambda: len(host.got) == 4)

    play(mosquitto, scenario)
    assert host.kinds()[:4] == ["NBIRTH", "DBIRTH", "DBIRTH", "DDATA"]
    alarm = host.of("DBIRTH")[1].metrics[-1]
    assert (alarm.name, alarm.datatype, alarm.boolean_value) == ("Alarms/too_hot", 11, True)
    (cleared,) = host.of("DDATA")[0].metrics
    assert (cleared.alias, cleared.boolean_value) == (alarm.alias, False)


def test_a_host_may_ask_for_a_rebirth(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, live: Live) -> None:
        await born(host)
        await node.write([soc(55.5), soc(56)])
        host.publish("spBv1.0/site1/NCMD/gw7", b"\xff\xff")
        host.publish("spBv1.0/site1/NCMD/gw7", make_payload(**{"Node Control/Rebirth": True}))
        await born(host, 2)
        await eventually(lambda: host.kinds().count("DBIRTH") == 2)
        assert live.drops(node) == {"command unreadable: it ends too early": 1}

    play(mosquitto, scenario)
    births = [payload.metrics[0].long_value for payload in host.of("NBIRTH")]
    assert births[0] == births[1]
    assert [payload.seq for payload in host.of("DBIRTH")] == [1, 1]


def test_what_comes_while_the_broker_is_away_is_sent_as_historical(mosquitto: Mosquitto) -> None:
    first = Host(mosquitto.port)
    later: list[Host] = []

    async def scenario(broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(first)
        await node.write([soc(50), soc(51)])
        await eventually(lambda: first.kinds().count("DDATA") == 1)
        mosquitto.stop()
        await eventually(lambda: not broker.connected)
        waiting = asyncio.create_task(node.write([soc(value) for value in (60, 61, 62)]))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        mosquitto.start()
        later.append(await asyncio.to_thread(Host, mosquitto.port))
        await asyncio.wait_for(waiting, 10)
        await node.write([soc(70)])
        await eventually(lambda: later[0].kinds().count("DDATA") == 4, 10)

    play(mosquitto, scenario)
    values = [
        (metric.double_value, metric.is_historical)
        for payload in later[0].of("DDATA")
        for metric in payload.metrics
    ]
    assert values == [(60, True), (61, True), (62, True), (70, False)]
    for host in (first, *later):
        host.close()


def test_each_connection_has_a_number_of_its_own(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(broker: Broker, _node: Sparkplug, _live: Live) -> None:
        await born(host)
        broker._link.cut("a test pulls the plug")
        await born(host, 2)

    play(mosquitto, scenario)
    asyncio.run(eventually(lambda: host.kinds().count("NDEATH") == 2))
    births = [payload.metrics[0].long_value for payload in host.of("NBIRTH")]
    deaths = [payload.metrics[0].long_value for payload in host.of("NDEATH")]
    assert births == deaths
    assert (births[1] - births[0]) % 256 == 1


def test_it_waits_for_its_primary_host_and_dies_without_it(
    mosquitto: Mosquitto, host: Host
) -> None:
    def state(online: bool, at: int) -> None:
        said = json.dumps({"online": online, "timestamp": at})
        host.publish("spBv1.0/STATE/scada", said, retain=True)

    async def scenario(broker: Broker, _node: Sparkplug, live: Live) -> None:
        await eventually(lambda: "waiting for the host scada" in live.statuses)
        await asyncio.sleep(0.1)
        assert host.got == []
        state(True, 5)
        await born(host)
        state(False, 4)  # older than the last news
        await asyncio.sleep(0.1)
        state(False, 6)
        await eventually(lambda: host.kinds() == ["NBIRTH", "NDEATH"])
        await eventually(lambda: broker.connected)
        await asyncio.sleep(0.1)
        assert host.kinds() == ["NBIRTH", "NDEATH"]
        state(True, 7)
        await born(host, 2)

    play(mosquitto, scenario, primary_host="scada")


def test_a_silent_device_dies_and_is_born_again(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(host)
        await node.write([soc(50)])
        await eventually(lambda: "DDEATH" in host.kinds())
        await node.write([soc(51)])
        await eventually(lambda: host.kinds().count("DBIRTH") == 2)

    play(mosquitto, scenario, silent_after=0.3)
    assert host.kinds()[:4] == ["NBIRTH", "DBIRTH", "DDEATH", "DBIRTH"]


def test_the_sequence_wraps(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_broker: Broker, node: Sparkplug, _live: Live) -> None:
        await born(host)
        await node.write([soc(value) for value in range(300)])
        await eventually(lambda: host.kinds().count("DDATA") == 299)

    play(mosquitto, scenario)
    sequence = [payload.seq for topic, payload in host.got if "NDEATH" not in topic]
    assert sequence == [number % 256 for number in range(301)]


def test_two_nodes_cannot_speak_at_one_broker(mosquitto: Mosquitto) -> None:
    async def scenario(broker: Broker, _node: Sparkplug, live: Live) -> None:
        second = Sparkplug(broker=broker, group="site1", edge_node="other")
        live.add(second)
        with pytest.raises(NodeFault, match="another node speaks for this gateway"):
            await second.start()

    play(mosquitto, scenario)


def test_a_broker_with_a_will_of_its_own_is_a_problem() -> None:
    broker = Broker(host="x", status_topic="s", clean_session=False, client_id="c")
    node = Sparkplug(broker=broker, group="g", edge_node="e")
    assert [place for place, _ in node.problems()] == ["broker", "broker"]
