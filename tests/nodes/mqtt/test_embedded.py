"""The broker inside flowrt, for demonstrations."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from flowrt.node import Signals
from nodes.mqtt.broker import Broker
from nodes.mqtt.publish import Publish
from nodes.mqtt.subscribe import Subscribe
from tests.support.live_node import eventually, running
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port

pytest.importorskip("amqtt", reason="the embedded broker needs: pip install 'flowrt[demo]'")


def embedded() -> Broker:
    return Broker(host="embedded", port=free_port(), longest_pause=0.02)


async def seen_by_mosquitto_sub(broker: Broker, publish: Publish) -> bytes:
    """What a real client sees of one reading."""
    async with running(broker, publish):
        await eventually(lambda: broker.connected)
        outside = Mosquitto(Path(), broker.real_port)
        subscriber = outside.subscriber("demo/#", "-C", "1", "-W", "5")
        seen = asyncio.create_task(asyncio.to_thread(subscriber.communicate))
        while not seen.done():
            await publish.write([Signals(1.0, "State", {"SOC": 55})])
            await asyncio.sleep(0.02)
        return seen.result()[0]


def test_a_real_client_can_subscribe() -> None:
    broker = embedded()
    publish = Publish(broker=broker, topic="demo/{source}/{signal}", payload="values")
    seen = asyncio.run(seen_by_mosquitto_sub(broker, publish))
    assert seen == b"demo/State/SOC 55\n"


def test_it_works_on_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop", reason="uvloop is for Linux only")
    broker = embedded()
    publish = Publish(broker=broker, topic="demo/x", qos=1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(seen_by_mosquitto_sub(broker, publish)).startswith(b"demo/x {")


def test_it_stops_cleanly_under_a_connected_client(caplog: pytest.LogCaptureFixture) -> None:
    broker = embedded()

    async def stop_first() -> None:
        async with running(broker):
            await eventually(lambda: broker.connected)
            outside = Mosquitto(Path(), broker.real_port)
            subscriber = outside.subscriber("#", "-k", "5")
            await asyncio.sleep(0.1)
        subscriber.kill()
        subscriber.communicate()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with caplog.at_level(logging.INFO):
        asyncio.run(stop_first())
    assert caplog.messages == []


def test_two_flows_share_one_at_a_port() -> None:
    port = free_port()
    one, two = (Broker(host="embedded", port=port) for _ in range(2))
    publish = Publish(broker=one, topic="demo/n", payload="json", retain=True)
    subscribe = Subscribe(broker=two, topics=["demo/#"])

    async def talk() -> list[Any]:
        async with running(one, two, publish, subscribe) as live:
            await publish.write([Signals(1.0, "State", {"SOC": 55})])
            await eventually(lambda: live.out)
            return live.out

    assert asyncio.run(talk()) == [("out", Signals(1.0, "State", {"SOC": 55}))]


def test_a_taken_port_is_told(shared_mosquitto: Mosquitto) -> None:
    broker = Broker(host="embedded", port=shared_mosquitto.port)

    async def clash() -> list[str]:
        async with running(broker) as live:
            await eventually(lambda: live.faults)
            return live.statuses

    told = asyncio.run(clash())[1]
    assert told.startswith(f"127.0.0.1:{shared_mosquitto.port} cannot be listened at: ")
    assert told.endswith("Choose another port, or name the broker that listens there as the host.")


def test_nothing_is_left_listening() -> None:
    broker = embedded()

    async def once() -> None:
        async with running(broker):
            await eventually(lambda: broker.connected)

    asyncio.run(once())
    asyncio.run(once())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", broker.real_port))
