"""mqtt/broker: connecting, being refused, coming back, TLS, last will and status."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrt.node import Secret, Signals
from nodes.mqtt.broker import Broker, LastWill
from nodes.mqtt.publish import Publish
from tests.support.live_node import eventually, running
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.scripted_broker import CONNACK, Client, ScriptedBroker, scripted


def at(mosquitto: Mosquitto, **settings: Any) -> Broker:
    return Broker(host="127.0.0.1", port=mosquitto.port, longest_pause=0.02, **settings)


async def connected_statuses(broker: Broker) -> list[str]:
    async with running(broker) as live:
        await eventually(lambda: broker.connected)
        return live.statuses


async def first_fault(broker: Broker) -> str:
    """What is wrong, without where; the broker must say so and try again."""
    async with running(broker) as live:
        await eventually(lambda: live.faults)
        told = live.faults[0].removeprefix(f"127.0.0.1:{broker.real_port}: ")
        assert told == f"{live.statuses[1]}. Trying again in 0.02 s."
        return live.statuses[1]


def test_figures_tell_the_connection() -> None:
    async def scenario() -> list[dict[str, float]]:
        broker = Broker(host="embedded", port=free_port(), longest_pause=0.02)
        seen = [broker.figures()]
        async with running(broker):
            seen.append(broker.figures())
            await eventually(lambda: broker.connected)
            seen.append(broker.figures())
        return seen

    before, starting, connected = asyncio.run(scenario())
    assert before == {}
    assert starting == {"connected": 0.0, "unacknowledged": 0.0}
    assert connected == {"connected": 1.0, "unacknowledged": 0.0}


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_connects(shared_mosquitto: Mosquitto, version: Any) -> None:
    statuses = asyncio.run(connected_statuses(at(shared_mosquitto, version=version)))
    assert statuses == ["not connected yet", "connected"]


def test_connects_with_user_and_password(guarded_mosquitto: Mosquitto) -> None:
    broker = at(guarded_mosquitto, username="gateway", password=Secret("cloud", "sesame"))
    assert asyncio.run(connected_statuses(broker))[-1] == "connected"


@pytest.mark.parametrize("version", ["3.1.1", "5"])
def test_a_password_without_a_user_is_sent(mosquitto: Mosquitto, version: Any) -> None:
    broker = at(mosquitto, version=version, password=Secret("cloud", "sesame"))
    assert asyncio.run(connected_statuses(broker))[-1] == "connected"


@pytest.mark.parametrize(
    ("version", "told"),
    [("3.1.1", "refused: not authorized"), ("5", "refused: not authorized")],
)
def test_a_wrong_password_is_refused(guarded_mosquitto: Mosquitto, version: Any, told: str) -> None:
    broker = at(
        guarded_mosquitto, version=version, username="gateway", password=Secret("cloud", "wrong")
    )
    assert asyncio.run(first_fault(broker)) == told


def test_an_absent_broker_is_told() -> None:
    broker = Broker(host="127.0.0.1", port=free_port(), longest_pause=0.02)
    assert asyncio.run(first_fault(broker)) == "not reached: connection refused"


def test_a_name_that_does_not_exist_is_told() -> None:
    broker = Broker(host="nowhere.invalid", longest_pause=0.02)

    async def status() -> str:
        async with running(broker) as live:
            await eventually(lambda: live.faults)
            return live.statuses[1]

    assert asyncio.run(status()) == "not reached: no such host"


# --- brokers that misbehave


Script = Callable[[ScriptedBroker, Client], Awaitable[None]]


def told_of(script: Script, **settings: Any) -> str:
    async def meet() -> str:
        async with scripted(script) as bad:
            return await first_fault(
                Broker(host="127.0.0.1", port=bad.port, longest_pause=0.02, **settings)
            )

    return asyncio.run(meet())


async def silent(_broker: ScriptedBroker, client: Client) -> None:
    while True:
        await client.packet()


def test_a_silent_broker_is_told() -> None:
    assert told_of(silent, answer_within=0.1) == (
        "no answer in 0.1 s: the port is open, but is it an MQTT broker?"
    )


async def closing(_broker: ScriptedBroker, client: Client) -> None:
    await client.packet()


def test_a_broker_that_closes_before_it_answers_is_told() -> None:
    told = told_of(closing)
    assert told == "the connection was lost before the broker had answered"


async def closing_later(_broker: ScriptedBroker, client: Client) -> None:
    await client.accept()
    await asyncio.sleep(0.05)


def test_a_broker_that_closes_in_the_middle_is_told() -> None:
    async def meet() -> list[str]:
        async with scripted(closing_later) as bad:
            broker = Broker(host="127.0.0.1", port=bad.port, longest_pause=0.02)
            async with running(broker) as live:
                await eventually(lambda: bad.connections >= 3)
                return live.statuses

    assert asyncio.run(meet())[:4] == [
        "not connected yet",
        "connected",
        "the connection was lost",
        "connected",
    ]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (2, "refused: client identifier not valid"),
        (3, "refused: server unavailable"),
        (4, "refused: bad user name or password"),
        (5, "refused: not authorized"),
        (99, "refused: unspecified error"),
    ],
)
def test_a_refusal_is_told_in_words(code: int, told: str) -> None:
    async def refuse(_broker: ScriptedBroker, client: Client) -> None:
        await client.packet()
        client.send(bytes([0x20, 2, 0, code]))
        await client.packet()

    assert told_of(refuse) == told


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 64,
        b"\xff" * 64,
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" * 3,
        b"\x20\x00",
        b"\x20\x01\x00",
        b"\x20\x03\x00\x00\x00",
    ],
)
def test_garbage_for_an_answer_is_told(garbage: bytes) -> None:
    async def lie(_broker: ScriptedBroker, client: Client) -> None:
        await client.packet()
        client.send(garbage)
        await asyncio.sleep(5)

    assert told_of(lie).startswith("it sent what is no MQTT")


@pytest.mark.parametrize("garbage", [b"\x00" * 64, b"\x30\x02\x00\x09", b"\x3e\x03\x00\x01a"])
def test_garbage_later_ends_the_connection(garbage: bytes) -> None:
    async def lie(_broker: ScriptedBroker, client: Client) -> None:
        await client.packet()
        client.send(CONNACK)
        await asyncio.sleep(0.02)
        client.send(garbage)
        await asyncio.sleep(5)

    async def meet() -> str:
        async with scripted(lie) as bad:
            broker = Broker(host="127.0.0.1", port=bad.port, longest_pause=0.02)
            async with running(broker) as live:
                await eventually(lambda: live.faults)
                return live.faults[0]

    assert "it sent what is no MQTT" in asyncio.run(meet())


def test_stopping_while_connecting_leaves_nothing_behind() -> None:
    left: list[bool] = []

    async def until_it_leaves(_broker: ScriptedBroker, client: Client) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            await silent(_broker, client)
        left.append(True)

    async def meet() -> None:
        async with scripted(until_it_leaves) as slow:
            broker = Broker(host="127.0.0.1", port=slow.port)
            async with running(broker):
                await asyncio.sleep(0)  # a thread has begun to connect
            await eventually(lambda: left)

    asyncio.run(meet())
    assert left == [True]


def test_one_bad_broker_leaves_a_good_one_alone(shared_mosquitto: Mosquitto) -> None:
    async def meet() -> list[str]:
        bad, good = Broker(host="127.0.0.1", port=free_port()), at(shared_mosquitto)
        subscriber = shared_mosquitto.subscriber("alone/#", "-C", "1")
        publish = Publish(broker=good, topic="alone/{source}", payload="json")
        async with running(bad, good, publish) as live:
            await eventually(lambda: live.faults and good.connected)
            await asyncio.sleep(0.1)
            await publish.write([Signals(1.0, "State", {"SOC": 55})])
        return [line.decode() for line in subscriber.communicate(timeout=5)[0].splitlines()]

    (line,) = asyncio.run(meet())
    assert line.startswith("alone/State ")


# --- coming back


def test_a_broker_that_comes_back_is_connected_to_again(mosquitto: Mosquitto) -> None:
    broker = at(mosquitto)

    async def come_back() -> list[str]:
        async with running(broker) as live:
            await eventually(lambda: broker.connected)
            mosquitto.stop()
            await eventually(lambda: not broker.connected)
            mosquitto.start()
            await eventually(lambda: broker.connected)
            return live.statuses

    statuses = asyncio.run(come_back())
    assert (statuses[1], statuses[2], statuses[-1]) == (
        "connected",
        "the connection was lost",
        "connected",
    )


def test_runs_again_after_a_stop(shared_mosquitto: Mosquitto) -> None:
    broker = at(shared_mosquitto)
    for _ in range(2):
        assert asyncio.run(connected_statuses(broker))[-1] == "connected"
        assert not broker.connected


# --- TLS


def test_a_certificate_that_is_named_is_trusted(
    tls_mosquitto: Mosquitto, certificate: tuple[Path, Path]
) -> None:
    broker = at(tls_mosquitto, tls=True, ca_file=certificate[0])
    assert asyncio.run(connected_statuses(broker))[-1] == "connected"


def test_a_strange_certificate_is_not_trusted(tls_mosquitto: Mosquitto) -> None:
    told = asyncio.run(first_fault(at(tls_mosquitto, tls=True)))
    assert told == "TLS: the broker's certificate is not trusted: self-signed certificate"


def test_an_insecure_connection_says_so(tls_mosquitto: Mosquitto) -> None:
    broker = at(tls_mosquitto, tls=True, insecure=True)
    assert asyncio.run(connected_statuses(broker))[-1] == "connected, certificate not checked"


def test_a_port_without_tls_is_told(shared_mosquitto: Mosquitto) -> None:
    told = asyncio.run(first_fault(at(shared_mosquitto, tls=True)))
    assert told.startswith(("TLS: no handshake: ", "not reached: "))


def test_many_readings_pass_through_tls(
    tls_mosquitto: Mosquitto, certificate: tuple[Path, Path]
) -> None:
    broker = at(tls_mosquitto, tls=True, ca_file=certificate[0])
    publish = Publish(broker=broker, topic="tls/{source}", qos=1)

    async def send() -> dict[str, int]:
        async with running(broker, publish) as live:
            await publish.write([Signals(float(n), "State", {"n": n}) for n in range(500)])
            return live.drops(publish)

    assert asyncio.run(send()) == {}


# --- last will and status


def lines_of(mosquitto: Mosquitto, topic: str, count: int) -> list[str]:
    subscriber = mosquitto.subscriber(topic, "-C", str(count), "-W", "5")
    return subscriber.communicate(timeout=10)[0].decode().splitlines()


def test_the_status_topic_says_online_then_offline(shared_mosquitto: Mosquitto) -> None:
    broker = at(shared_mosquitto, client_id="gw7", status_topic="gw/{client}/{flow}")

    async def live_once() -> list[str]:
        async with running(broker):
            await eventually(lambda: broker.connected)
            return await asyncio.to_thread(lines_of, shared_mosquitto, "gw/gw7/#", 1)

    assert asyncio.run(live_once()) == ["gw/gw7/demo online"]
    assert lines_of(shared_mosquitto, "gw/gw7/#", 1) == ["gw/gw7/demo offline"]


def test_the_last_will_is_sent_when_the_connection_is_lost(shared_mosquitto: Mosquitto) -> None:
    will = LastWill(topic="will/{node}x", payload="gone")
    broker = at(shared_mosquitto, last_will=will)

    async def vanish() -> None:
        async with running(broker):
            await eventually(lambda: broker.connected)
            broker._link.cut("the cable is pulled")

    asyncio.run(vanish())
    assert lines_of(shared_mosquitto, "will/#", 1) == ["will/x gone"]


# --- what check says


@pytest.mark.parametrize(
    ("settings", "place"),
    [
        ({"clean_session": False}, "client_id"),
        ({"ca_file": Path("ca.pem")}, "ca_file"),
        ({"tls": True, "ca_file": Path("missing.pem")}, "ca_file"),
        ({"tls": True, "certificate": Path(__file__)}, "key"),
        ({"insecure": True, "tls": True}, "insecure"),
        ({"status_topic": "a", "last_will": LastWill(topic="b")}, "last_will"),
        ({"last_will": LastWill(topic="a/{source}")}, "last_will.topic"),
        ({"status_topic": "a/#"}, "status_topic"),
    ],
)
def test_settings_that_cannot_be_are_problems(settings: dict[str, Any], place: str) -> None:
    broker = Broker(host="mqtt.example.com", **settings)
    assert [name for name, _ in broker.problems()] == [place]


def test_insecure_is_for_this_machine_only() -> None:
    assert list(Broker(host="localhost", tls=True, insecure=True).problems()) == []


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"host": "h"}, "mqtt://h:1883"),
        ({"host": "h", "tls": True}, "mqtts://h:8883"),
        ({"host": "h", "tls": True, "port": 1}, "mqtts://h:1"),
        ({"host": "embedded"}, "mqtt://127.0.0.1:18830"),
    ],
)
def test_the_port_has_its_usual_default(settings: dict[str, Any], address: str) -> None:
    assert Broker(**settings).address == address
