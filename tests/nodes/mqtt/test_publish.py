"""mqtt/publish: topics and payloads, waiting, and delivery that survives bad brokers."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from flowrt.node import Event, Frame, Message, Signals
from nodes.mqtt.broker import Broker
from nodes.mqtt.publish import Publish
from tests.support.live_node import eventually, running
from tests.support.mosquitto import Mosquitto, running_mosquitto
from tests.support.ports import free_port
from tests.support.scripted_broker import Client, Published, ScriptedBroker, scripted

STATE = Signals(1.5, "rack2/State", {"SOC": 55.5, "ok": True, "text": "run", "none": None})


def readings(count: int) -> list[Message]:
    return [Signals(float(n), "State", {"n": n}) for n in range(count)]


def published(mosquitto: Mosquitto, messages: list[Message], lines: int, **settings: Any) -> Any:
    """What a real subscriber sees of it, as (topic, payload), and what was given up."""
    broker = Broker(host="127.0.0.1", port=mosquitto.port)
    publish = Publish(broker=broker, **settings)
    subscriber = mosquitto.subscriber(f"{publish.topic.partition('/')[0]}/#", "-C", str(lines))

    async def send() -> dict[str, int]:
        async with running(broker, publish) as live:
            await eventually(lambda: broker.connected)
            await asyncio.sleep(0.1)  # the subscriber takes as long
            await publish.write(messages)
            return live.drops(publish)

    drops = asyncio.run(send())
    seen = subscriber.communicate(timeout=5)[0].decode().splitlines()
    return [tuple(line.split(" ", 1)) for line in seen], drops


def test_a_message_is_one_json_object(shared_mosquitto: Mosquitto) -> None:
    seen, _ = published(shared_mosquitto, [STATE], 1, topic="p1/{source}")
    ((topic, payload),) = seen
    assert topic == "p1/rack2/State"
    assert json.loads(payload) == {
        "kind": "signals",
        "time": 1.5,
        "source": "rack2/State",
        "values": dict(STATE.values),
    }


def test_values_go_to_topics_of_their_own(shared_mosquitto: Mosquitto) -> None:
    topic = "p2/{flow}/{source}/{signal}"
    seen, _ = published(shared_mosquitto, [STATE], 4, topic=topic, payload="values")
    assert seen == [
        ("p2/demo/rack2/State/SOC", "55.5"),
        ("p2/demo/rack2/State/ok", "true"),
        ("p2/demo/rack2/State/text", "run"),
        ("p2/demo/rack2/State/none", "null"),
    ]


def test_events_and_frames_have_names(shared_mosquitto: Mosquitto) -> None:
    messages: list[Message] = [
        Event(1.0, "Cell#1", "high", "raised"),
        Frame(1.0, "can0", 0x355, b"\x5a"),
    ]
    topic = "p3/{source}/{name}/{signal}"
    seen, _ = published(shared_mosquitto, messages, 2, topic=topic, payload="values")
    assert seen == [("p3/Cell_1/high/high", "raised"), ("p3/can0/355/355", "5a")]


@pytest.mark.parametrize("qos", [0, 1, 2])
@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_everything_arrives_in_order(shared_mosquitto: Mosquitto, qos: Any, version: Any) -> None:
    broker = Broker(host="127.0.0.1", port=shared_mosquitto.port, version=version)
    publish = Publish(broker=broker, topic=f"order{qos}{version}/x", qos=qos, time="unix-ms")
    subscriber = shared_mosquitto.subscriber(publish.topic, "-C", "300", "-q", str(qos))

    async def send() -> None:
        async with running(broker, publish):
            await eventually(lambda: broker.connected)
            await asyncio.sleep(0.1)
            await publish.write(readings(300))

    asyncio.run(send())
    lines = subscriber.communicate(timeout=5)[0].decode().splitlines()
    assert [json.loads(line.split(" ", 1)[1])["time"] for line in lines] == [
        1000 * n for n in range(300)
    ]


def test_retained_messages_wait_for_later_subscribers(shared_mosquitto: Mosquitto) -> None:
    published(shared_mosquitto, [STATE], 1, topic="p4/x", retain=True, qos=1)
    late = shared_mosquitto.subscriber("p4/x", "-C", "1", "-W", "5")
    assert late.communicate(timeout=10)[0].startswith(b'p4/x {"kind":"signals"')


def test_what_json_cannot_hold_is_counted_and_the_rest_goes_on(
    shared_mosquitto: Mosquitto,
) -> None:
    bad = Signals(1.0, "big", {"n": 2**70})
    seen, drops = published(shared_mosquitto, [bad, STATE, bad], 1, topic="p5/x")
    assert (len(seen), drops) == (1, {"cannot be written as MQTT": 2})


# --- waiting and sending again


def test_waits_for_a_broker_that_is_not_there_yet(tmp_path: Any) -> None:
    port = free_port()
    broker = Broker(host="127.0.0.1", port=port, longest_pause=0.02)
    publish = Publish(broker=broker, topic="late/x", qos=1, retain=True)

    async def send() -> list[str]:
        async with running(broker, publish) as live:
            writing = asyncio.create_task(publish.write([STATE]))
            await eventually(lambda: live.faults)
            assert not writing.done()
            with running_mosquitto(tmp_path, port=port) as mosquitto:
                await writing
                late = mosquitto.subscriber("late/x", "-C", "1", "-W", "5")
                assert (await asyncio.to_thread(late.communicate))[0].startswith(b"late/x ")
            return live.statuses

    statuses = asyncio.run(send())
    assert "waiting for the broker" in statuses
    assert statuses[-1] == "publishing"


def delivered(script: Any, qos: int, count: int, **settings: Any) -> ScriptedBroker:
    """Publish readings at a scripted broker until all are done."""

    async def send() -> ScriptedBroker:
        async with scripted(script) as bad:
            broker = Broker(host="127.0.0.1", port=bad.port, longest_pause=0.02, **settings)
            publish = Publish(broker=broker, topic="x", qos=qos)  # type: ignore[arg-type]
            async with running(broker, publish):
                await asyncio.wait_for(publish.write(readings(count)), 10)
            return bad

    return asyncio.run(send())


def numbers(notes: list[Published]) -> list[int]:
    return [json.loads(note.payload)["values"]["n"] for note in notes]


def test_what_is_not_acknowledged_is_sent_again_on_the_next_connection() -> None:
    async def acknowledge_every_other(broker: ScriptedBroker, client: Client) -> None:
        await client.accept()
        for count in range(30 if broker.connections < 4 else 10_000):
            note = await client.published()
            broker.notes.append(note)
            if count % 2 == 0 or broker.connections >= 4:
                client.acknowledge(note.id)

    bad = delivered(acknowledge_every_other, qos=1, count=200)
    assert bad.connections == 4
    assert sorted(set(numbers(bad.notes))) == list(range(200))
    assert any(note.dup for note in bad.notes)


def test_no_more_than_the_window_is_unacknowledged() -> None:
    open_now: set[int] = set()
    most: list[int] = []

    async def slow(_broker: ScriptedBroker, client: Client) -> None:
        await client.accept()
        while True:
            note = await client.published()
            open_now.add(note.id)
            most.append(len(open_now))
            if len(open_now) == 7:
                await asyncio.sleep(0.005)
                for id in open_now:
                    client.acknowledge(id)
                open_now.clear()

    delivered(slow, qos=1, count=70, window=7)
    assert max(most) == 7


def test_a_broker_that_owes_acknowledgements_is_connected_to_anew() -> None:
    async def forgetful(broker: ScriptedBroker, client: Client) -> None:
        await client.accept()
        while True:
            note = await client.published()
            broker.notes.append(note)
            if broker.connections > 1:
                client.acknowledge(note.id)

    bad = delivered(forgetful, qos=1, count=1, acknowledge_within=1.0)
    assert [(note.payload == bad.notes[0].payload, note.dup) for note in bad.notes] == [
        (True, False),
        (True, True),
    ]


def test_qos_0_goes_on_after_a_lost_connection() -> None:
    async def cut_once(broker: ScriptedBroker, client: Client) -> None:
        await client.accept()
        while broker.connections > 1 or len(broker.notes) < 10:
            broker.notes.append(await client.published())

    bad = delivered(cut_once, qos=0, count=20_000)
    assert bad.connections == 2
    assert numbers(bad.notes)[:10] == list(range(10))
    assert numbers(bad.notes)[-1] > 15_000


def test_a_message_that_an_mqtt_5_broker_refuses_is_counted(tmp_path: Any) -> None:
    rules = tmp_path / "acl"
    rules.write_text("topic read #\n")
    with running_mosquitto(tmp_path, "allow_anonymous true", f"acl_file {rules}") as mosquitto:
        broker = Broker(host="127.0.0.1", port=mosquitto.port, version="5")
        publish = Publish(broker=broker, topic="x", qos=1)

        async def send() -> Any:
            async with running(broker, publish) as live:
                await publish.write(readings(3))
                return live.drops(publish), live.faults

        drops, faults = asyncio.run(send())
    assert drops == {"refused: not authorized": 3}
    assert faults == ["the broker refused 3 messages: not authorized."]


# --- what check says


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"topic": "a/{sorce}"}, "there is no field {sorce}. Known: {source}, {name}, {signal}, "),
        ({"topic": "a", "payload": "values"}, "needs {signal}, as each value goes to a topic "),
        ({"topic": "a/{signal}"}, '{signal} needs "payload": "values": one JSON object holds '),
        ({"topic": "a/#"}, "a topic to publish to cannot hold '#'."),
    ],
)
def test_topics_that_cannot_be_are_problems(settings: Any, sentence: str) -> None:
    ((place, said),) = Publish(broker=Broker(host="h"), **settings).problems()
    assert place == "topic"
    assert said.startswith(sentence)
