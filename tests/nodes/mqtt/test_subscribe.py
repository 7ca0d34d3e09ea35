"""mqtt/subscribe: what payloads become, what is malformed, and what is dropped."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flowrt.node import Catalogue, Event, Frame, Message, Signals
from nodes.mqtt.broker import Broker
from nodes.mqtt.publish import Publish
from nodes.mqtt.subscribe import ExpectedSignal, Subscribe
from tests.support.live_node import Live, eventually, running
from tests.support.mosquitto import Mosquitto
from tests.support.scripted_broker import Client, ScriptedBroker, scripted

ALL: list[Message] = [
    Signals(1700000001.5, "rack2/State", {"SOC": 55.5, "none": None}),
    Event(1700000002.5, "Cell1", "high", "raised", "alarm", 3.65, "too high"),
    Frame(1700000003.5, "can0", 0x1806E5F4, b"\x01\x02", extended=True),
]


def came(mosquitto: Mosquitto, topic: str, *payloads: bytes, **settings: Any) -> Any:
    """What a subscriber makes of payloads: what left its outputs, and what it gave up."""

    async def send() -> Any:
        broker = Broker(host="127.0.0.1", port=mosquitto.port)
        subscribe = Subscribe(broker=broker, topics=[topic], **settings)
        async with running(broker, subscribe) as live:
            await eventually(lambda: broker.connected)
            for payload in payloads:
                broker._link.client.publish(topic, payload, 1)
            await eventually(lambda: len(live.out) == len(payloads))
            return live.out, live.drops(subscribe)

    return asyncio.run(send())


def read(mosquitto: Mosquitto, topic: str, what: bytes, **settings: Any) -> Any:
    """The source and values of the one message that a payload becomes."""
    ((port, message),), _ = came(mosquitto, topic, what, **settings)
    assert port == "out"
    assert isinstance(message, Signals)
    return message.source, message.values


@pytest.mark.parametrize("time", ["unix", "unix-ms", "iso"])
def test_what_flowrt_publishes_comes_back_the_same(shared_mosquitto: Mosquitto, time: Any) -> None:
    async def send() -> list[Any]:
        broker = Broker(host="127.0.0.1", port=shared_mosquitto.port)
        publish = Publish(broker=broker, topic="same/{source}", time=time)
        subscribe = Subscribe(broker=broker, topics=["same/#"])
        async with running(broker, publish, subscribe) as live:
            await publish.write(ALL)
            await eventually(lambda: len(live.out) == 3)
            return live.out

    assert asyncio.run(send()) == [("out", message) for message in ALL]


def test_any_json_object_becomes_readings(shared_mosquitto: Mosquitto) -> None:
    payload = b'{"soc": 55, "cells": [3.3, 3.4]}'
    assert read(shared_mosquitto, "j/bms", payload) == (
        "j/bms",
        {"soc": 55, "cells/0": 3.3, "cells/1": 3.4},
    )


@pytest.mark.parametrize(("payload", "value"), [(b"12.5", 12.5), (b"true", True), (b"null", None)])
def test_a_plain_number_is_named_by_its_topic(
    shared_mosquitto: Mosquitto, payload: bytes, value: object
) -> None:
    assert read(shared_mosquitto, "ems/1/power", payload) == ("ems/1", {"power": value})


def test_plain_text_is_taken_where_values_are_expected(shared_mosquitto: Mosquitto) -> None:
    got = read(shared_mosquitto, "mode", b"charge now", payload="value")
    assert got == ("", {"mode": "charge now"})


def test_our_own_json_may_be_taken_as_any_json(shared_mosquitto: Mosquitto) -> None:
    payload = b'{"kind": "signals", "time": 1, "source": "s", "values": {"a": 1}}'
    assert read(shared_mosquitto, "j2", payload, payload="json") == (
        "j2",
        {"kind": "signals", "time": 1, "source": "s", "values/a": 1},
    )


def test_malformed_payloads_are_counted_and_told(shared_mosquitto: Mosquitto) -> None:
    payloads = (b"{oops", b'{"kind": "event", "time": 1}', b"\xff\xfe", b'{"a": 1}')
    out, drops = came(shared_mosquitto, "bad/x", *payloads)
    assert sorted(port for port, _ in out) == ["malformed", "malformed", "malformed", "out"]
    first = next(message for port, message in out if port == "malformed")
    assert first == Event(
        first.time, "bad/x", "malformed", "happened", "warning", None, "not JSON: {oops"
    )
    assert drops == {"malformed: not JSON": 2, "malformed: no flowrt message": 1}


def test_only_flowrt_messages_are_taken_where_they_are_expected(
    shared_mosquitto: Mosquitto,
) -> None:
    _, drops = came(shared_mosquitto, "bad/y", b'{"a": 1}', payload="flowrt")
    assert drops == {"malformed: no flowrt message": 1}


def test_kept_messages_can_be_left_out(shared_mosquitto: Mosquitto) -> None:
    shared_mosquitto.publish("kept/power", "1", "-r")

    async def listen() -> list[Any]:
        broker = Broker(host="127.0.0.1", port=shared_mosquitto.port)
        every = Subscribe(broker=broker, topics=["kept/#"])
        fresh = Subscribe(broker=broker, topics=["kept/+"], retained=False)
        async with running(broker, every, fresh) as live:
            await eventually(lambda: live.out)
            await asyncio.to_thread(shared_mosquitto.publish, "kept/power", "2")
            await eventually(lambda: values(live).count(2) == 2)
            return values(live)

    seen = asyncio.run(listen())
    assert seen.count(2) == 2
    assert set(seen) == {1, 2}


def values(live: Live) -> list[Any]:
    return [message.values["power"] for _, message in live.out if isinstance(message, Signals)]


def test_a_full_queue_drops_the_oldest_and_counts() -> None:
    subscribe = Subscribe(broker=Broker(host="h"), topics=["a/#"], queue=3)

    async def flood() -> Any:
        from paho.mqtt.client import MQTTMessage

        live = Live()
        live.add(subscribe)
        await subscribe.start()
        for number in range(10):
            message = MQTTMessage(topic=b"a/n")
            message.payload = str(number).encode()
            subscribe.take("a/n", message)
        waiting = list(subscribe._waiting)
        await subscribe.stop()
        return waiting, live.drops(subscribe)

    waiting, drops = asyncio.run(flood())
    assert waiting == [("a/n", b"7"), ("a/n", b"8"), ("a/n", b"9")]
    assert drops == {"queue full, oldest dropped": 7, "stopped with messages queued": 3}


def test_subscribes_again_when_the_broker_comes_back(mosquitto: Mosquitto) -> None:
    async def come_back() -> list[Any]:
        broker = Broker(host="127.0.0.1", port=mosquitto.port, longest_pause=0.02)
        subscribe = Subscribe(broker=broker, topics=["again/#"])
        async with running(broker, subscribe) as live:
            await eventually(lambda: broker.connected)
            mosquitto.stop()
            await eventually(lambda: not broker.connected)
            mosquitto.start()
            await asyncio.to_thread(mosquitto.publish, "again/power", "7", "-r")
            await eventually(lambda: live.out)
            return values(live)

    assert asyncio.run(come_back()) == [7]


def test_a_subscriber_that_left_gets_nothing(shared_mosquitto: Mosquitto) -> None:
    async def leave() -> list[Any]:
        broker = Broker(host="127.0.0.1", port=shared_mosquitto.port)
        staying = Subscribe(broker=broker, topics=["left/#"])
        async with running(broker, staying) as live:
            async with running(Subscribe(broker=broker, topics=["left/+"]), live=live):
                await eventually(lambda: broker.connected)
            await asyncio.to_thread(shared_mosquitto.publish, "left/power", "3")
            await eventually(lambda: live.out)
            await asyncio.sleep(0.05)
            return values(live)

    assert asyncio.run(leave()) == [3]


def test_a_refused_topic_is_told() -> None:
    async def refuse_the_second(_broker: ScriptedBroker, client: Client) -> None:
        await client.accept()
        _, _, body = await client.packet()
        client.send(b"\x90\x04" + body[:2] + b"\x00\x80")
        await client.packet()

    async def ask() -> list[str]:
        async with scripted(refuse_the_second) as bad:
            broker = Broker(host="127.0.0.1", port=bad.port)
            subscribe = Subscribe(broker=broker, topics=["allowed/x", "secret/#"])
            async with running(broker, subscribe) as live:
                await eventually(lambda: live.faults)
                return live.faults

    assert asyncio.run(ask()) == ['the broker refuses the topic "secret/#": unspecified error.']


# --- what check says


def test_wrong_filters_are_problems() -> None:
    subscribe = Subscribe(broker=Broker(host="h"), topics=["ok/#", "a/#/b"])
    assert list(subscribe.problems()) == [
        ("topics[1]", '"a/#/b": # must be the last level, by itself, as in site1/#.')
    ]


def test_any_signal_may_come_unless_some_are_expected() -> None:
    broker = Broker(host="h")
    assert Subscribe(broker=broker, topics=["#"]).catalogue(Catalogue())["out"].open
    expected = [ExpectedSignal(name="power", unit="kW", source="ems")]
    catalogue = Subscribe(broker=broker, topics=["#"], signals=expected).catalogue(Catalogue())
    (signal,) = catalogue["out"]
    assert (signal.qualified, signal.unit, catalogue["out"].open) == ("ems.power", "kW", False)
