"""A real broker that goes and comes, behind a proxy that stalls, cuts and corrupts.

Over TLS: plain MQTT has no checksum, so a bit that is flipped on its way would be taken for sent.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from flowrt.flow.graph import Edge
from flowrt.journal import JournalOptions
from flowrt.message import Signals
from flowrt.node import Emit, Output, Source, node, setting
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch
from nodes.mqtt.broker import Broker
from nodes.mqtt.publish import Publish
from tests.support.flows import prepared
from tests.support.mosquitto import (
    Mosquitto,
    await_listening,
    make_certificate,
    program,
    running_mosquitto,
)
from tests.support.ports import free_port
from tests.support.proxy import BadProxy, Manner, bad_proxy
from tests.support.rounds import rounds

Trouble: TypeAlias = Callable[[BadProxy], Awaitable[None]]


@node("test/tick")
class Tick(Source):
    """Sends n = 0, 1, 2 ... five at a time, until told to end."""

    out = Output("Readings.", carries="signals")
    pause: float = setting("Seconds between.", default=0.01)

    def __post_init__(self) -> None:
        self.sent = 0
        self.ended = False

    async def run(self, emit: Emit) -> None:
        while not self.ended:
            await emit([Signals(float(n), "s", {"n": n}) for n in range(self.sent, self.sent + 5)])
            self.sent += 5
            await self.clock.sleep(self.pause)


class Site:
    """A broker with a TLS door for the gateway and a plain one for a subscriber that stays."""

    def __init__(self, broker: Mosquitto, plain: int, certificate: Path) -> None:
        self.broker = broker
        self.certificate = certificate
        await_listening(plain)
        options = ("-p", str(plain), "-t", "n", "-q", "1", "-i", "s", "-c", "-V", "311")
        command = [program("mosquitto_sub"), *options]
        self.subscriber = subprocess.Popen(command, stdout=subprocess.PIPE)

    def stop(self) -> None:
        """Stop the broker in order: it keeps what it has acknowledged."""
        assert self.broker.process is not None
        self.broker.process.send_signal(signal.SIGTERM)
        self.broker.process.wait(10)
        self.broker.process = None

    async def received(self, all_of: int) -> list[int]:
        """Every number in the order of coming, once all are there."""
        got: list[int] = []
        missing = set(range(all_of))
        assert self.subscriber.stdout is not None
        async with asyncio.timeout(40):
            while missing:
                line = await asyncio.to_thread(self.subscriber.stdout.readline)
                got.append(json.loads(line)["values"]["n"])
                missing.discard(got[-1])
        return got


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    certificate, key = make_certificate(tmp_path)
    plain = free_port()
    settings = (
        "allow_anonymous true",
        "max_queued_messages 0",
        "persistence true",
        f"persistence_location {tmp_path}/",
        f"certfile {certificate}",
        f"keyfile {key}",
        f"listener {plain} 127.0.0.1",
    )
    with running_mosquitto(tmp_path, *settings) as broker:
        made = Site(broker, plain, certificate)
        try:
            yield made
        finally:
            made.subscriber.kill()
            made.subscriber.communicate()


async def publish_through(
    site: Site, folder: Path, trouble: Trouble, **options: Any
) -> tuple[list[int], RunningFlow]:
    """All that the subscriber got, in order, while `trouble` went on."""
    async with bad_proxy(site.broker.port) as proxy:
        broker = Broker(
            host="127.0.0.1",
            port=proxy.port,
            tls=True,
            ca_file=site.certificate,
            longest_pause=1.0,
            acknowledge_within=1.0,
            answer_within=1.0,
        )
        tick = Tick()
        publish = Publish(broker=broker, topic="n", qos=1)
        edge = Edge("tick", 0, "publish", 0, "spill", 100, JournalOptions(**options))
        made = prepared({"tick": tick, "publish": publish}, edge)
        broker.id = "cloud"
        made.resources = {"cloud": broker}
        flow = RunningFlow(made, Watch(), data=folder / "data")
        await flow.start()
        await asyncio.sleep(0.5)
        await trouble(proxy)
        proxy.behave("pass")
        tick.ended = True
        try:
            return await site.received(tick.sent), flow
        finally:
            await flow.stop(0.5)


def in_order(got: list[int]) -> bool:
    """Whether numbers came in order, those that came again aside."""
    first = list(dict.fromkeys(got))
    return first == sorted(first)


@pytest.mark.slow
@pytest.mark.parametrize("manner", ["stall", "cut", "refuse", "corrupt"])
def test_all_arrives_in_order_through_a_line_that_will(
    site: Site, tmp_path: Path, manner: Manner
) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)

    async def trouble(proxy: BadProxy) -> None:
        for _ in range(rounds(2)):
            proxy.behave(manner)
            await asyncio.sleep(dice.uniform(0.05, 1.5))
            proxy.behave("pass")
            await asyncio.sleep(dice.uniform(0.1, 0.8))
        assert proxy.connections > 0

    got, flow = asyncio.run(publish_through(site, tmp_path, trouble))
    assert in_order(got)
    assert flow.circuit.steps["publish"].counters.drops == {}


@pytest.mark.slow
@pytest.mark.parametrize("drain", ["oldest-first", "live-first"])
def test_all_arrives_when_the_broker_is_back(site: Site, tmp_path: Path, drain: str) -> None:
    async def trouble(_proxy: BadProxy) -> None:
        site.stop()
        await asyncio.sleep(2.5)
        site.broker.start()
        await asyncio.sleep(0.5)

    got, flow = asyncio.run(publish_through(site, tmp_path, trouble, drain=drain))
    assert flow.circuit.steps["publish"].counters.drops == {}
    assert in_order(got) == (drain == "oldest-first")
