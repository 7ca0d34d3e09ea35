"""Commands as a host writes them: real mosquitto, payloads written by Google's protobuf."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from flowrt.message import Signals
from nodes.mqtt.broker import Broker
from nodes.mqtt.sparkplug import Sparkplug
from nodes.mqtt.sparkplug_commands import SparkplugCommands, WritableMetric
from tests.support.live_node import Live, eventually, running
from tests.support.mosquitto import Mosquitto
from tests.support.sparkplug import PAYLOAD, Host

TOPIC = "spBv1.0/site1/DCMD/gw7/rack1"
METRICS = [WritableMetric(name="Power", minimum=-50, maximum=50, fail_safe=0)]
EDGE: dict[str, Any] = {"group": "site1", "edge_node": "gw7"}
Scenario = Callable[[Broker, Sparkplug, SparkplugCommands, Live], Awaitable[None]]


@pytest.fixture
def host(mosquitto: Mosquitto) -> Iterator[Host]:
    made = Host(mosquitto.port)
    yield made
    made.close()


def play(mosquitto: Mosquitto, scenario: Scenario) -> Live:
    async def run() -> Live:
        broker = Broker(host="127.0.0.1", port=mosquitto.port, longest_pause=1)
        edge = Sparkplug(broker=broker, **EDGE)
        node = SparkplugCommands(
            broker=broker, device="rack1", metrics=METRICS, lost_after=1.0, **EDGE
        )
        async with running(broker, edge, node) as live:
            await eventually(lambda: broker.connected)
            await scenario(broker, edge, node, live)
        return live

    return asyncio.run(run())


def command(value: float, **fields: Any) -> bytes:
    payload = PAYLOAD(timestamp=1)
    payload.metrics.add(datatype=10, double_value=value, **fields)
    written: bytes = payload.SerializeToString()
    return written


def powers(live: Live) -> list[Any]:
    return [m.values["Power"] for _, m in live.out if isinstance(m, Signals)]


def test_a_host_writes_by_name_or_by_the_alias_of_the_birth(
    mosquitto: Mosquitto, host: Host
) -> None:
    async def scenario(_b: Broker, edge: Sparkplug, _n: SparkplugCommands, live: Live) -> None:
        await eventually(lambda: live.out)
        await edge.write([m for _, m in live.out if isinstance(m, Signals)])
        await eventually(lambda: "DBIRTH" in host.kinds())
        (metric,) = host.of("DBIRTH")[0].metrics
        assert (metric.name, metric.double_value) == ("Commands/Power", 0)
        host.publish(TOPIC, command(12.5, name="Commands/Power"))
        host.publish(TOPIC, command(13.5, alias=metric.alias))
        await eventually(lambda: len(powers(live)) == 3)

    assert powers(play(mosquitto, scenario)) == [0, 12.5, 13.5]


def test_what_may_not_be_written_is_dropped_and_counted(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_b: Broker, _e: Sparkplug, node: SparkplugCommands, live: Live) -> None:
        await asyncio.sleep(0.2)
        host.publish(TOPIC, command(99, name="Commands/Power"))
        host.publish(TOPIC, command(float("nan"), name="Commands/Power"))
        host.publish(TOPIC, command(1, name="State/SOC"))
        host.publish(TOPIC, command(1, alias=4711))
        host.publish(TOPIC, b"\x12\xff")
        host.publish(TOPIC, command(7, name="Commands/Power"))
        await eventually(lambda: 7 in powers(live))
        assert live.drops(node) == {
            "refused": 2,
            "no metric that may be written": 2,
            "command unreadable: it ends too early": 1,
        }

    assert powers(play(mosquitto, scenario)) == [0, 7]


def test_a_command_that_the_broker_kept_is_none(mosquitto: Mosquitto, host: Host) -> None:
    host.publish(TOPIC, command(7, name="Commands/Power"), retain=True)

    async def scenario(_b: Broker, _e: Sparkplug, node: SparkplugCommands, live: Live) -> None:
        await eventually(lambda: live.drops(node) == {"kept command passed over": 1})

    assert powers(play(mosquitto, scenario)) == [0]


def test_a_lost_connection_means_the_fail_safe(mosquitto: Mosquitto, host: Host) -> None:
    async def scenario(_b: Broker, _e: Sparkplug, _n: SparkplugCommands, live: Live) -> None:
        await asyncio.sleep(0.2)
        host.publish(TOPIC, command(20, name="Commands/Power"))
        await eventually(lambda: 20 in powers(live))
        mosquitto.stop()
        await eventually(lambda: powers(live)[-1] == 0, 6)

    assert powers(play(mosquitto, scenario)) == [0, 20, 0]


def test_rows_that_contradict_are_told() -> None:
    metrics = [
        WritableMetric(name="A"),
        WritableMetric(name="A", maximum=1, fail_safe=2),
    ]
    node = SparkplugCommands(broker=Broker(host="x"), device="d", metrics=metrics, **EDGE)
    assert [place for place, _ in node.problems()] == ["metrics[1].name", "metrics[1].fail_safe"]
