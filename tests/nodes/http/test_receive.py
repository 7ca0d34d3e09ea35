"""Posting to the source with curl, and with http/post."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flowrt.message import Event, Signals
from flowrt.node import NodeFault, Secret
from nodes.http.post import Post
from nodes.http.receive import Receive
from tests.support.live_node import Live, eventually, running
from tests.support.mosquitto import program
from tests.support.ports import free_port

FRAME = '{"kind": "frame", "time": 1, "channel": "can0", "id": 1, "data": "00"}'
Scenario = Callable[[Receive, Live], Awaitable[None]]


def play(scenario: Scenario, **settings: Any) -> Live:
    async def run() -> Live:
        node = Receive(port=free_port(), **settings)
        async with running(node) as live:
            await scenario(node, live)
        return live

    return asyncio.run(run())


async def curl(node: Receive, body: str, *options: str, below: str = "") -> tuple[int, str]:
    """The status and text of the answer."""
    command = [program("curl"), "-s", "-d", body, "-w", "\n%{http_code}", *options]
    ran = await asyncio.to_thread(
        subprocess.run, [*command, node.address + below], capture_output=True, text=True, timeout=10
    )
    text, _, status = ran.stdout.rpartition("\n")
    return int(status), text


def test_an_object_is_readings_of_the_last_level_of_the_path() -> None:
    async def scenario(node: Receive, live: Live) -> None:
        assert await curl(node, '{"SOC": 50, "ok": true}') == (200, "1 taken")
        assert await curl(node, '{"SOC": null}', below="/rack2") == (200, "1 taken")
        await eventually(lambda: len(live.out) == 2)

    messages = [message for _, message in play(scenario).out]
    assert [(m.source, m.values) for m in messages if isinstance(m, Signals)] == [
        ("readings", {"SOC": 50, "ok": True}),
        ("rack2", {"SOC": None}),
    ]


@pytest.mark.parametrize("body", ["", "{", "5", '[{"kind": "x"}]', '{"a": {"b": 1}}', "[7]", FRAME])
def test_what_cannot_be_read_is_refused_and_counted(body: str) -> None:
    async def scenario(node: Receive, live: Live) -> None:
        status, _ = await curl(node, body)
        assert status == 400
        assert live.drops(node) == {"unreadable": 1}
        assert (await curl(node, '{"SOC": 50}'))[0] == 200

    play(scenario)


def test_only_who_knows_the_token_may_post() -> None:
    async def scenario(node: Receive, _live: Live) -> None:
        assert (await curl(node, '{"SOC": 50}'))[0] == 401
        assert (await curl(node, '{"SOC": 50}', "-H", "Authorization: Bearer no"))[0] == 401
        assert (await curl(node, '{"SOC": 50}', "-H", "Authorization: Bearer sesame"))[0] == 200

    play(scenario, token=Secret("t", "sesame"))


def test_the_same_key_is_taken_once() -> None:
    async def scenario(node: Receive, live: Live) -> None:
        for expected in ("1 taken", "taken before"):
            answer = await curl(node, '{"SOC": 50}', "-H", "Idempotency-Key: 7")
            assert answer == (200, expected)
        await eventually(lambda: len(live.out) == 1)

    assert len(play(scenario).out) == 1


def test_a_full_queue_asks_for_time() -> None:
    async def run() -> None:
        node = Receive(port=free_port(), queue=2)
        live = Live()
        live.add(node)
        await node.start()
        for expected in (200, 200, 503):
            assert (await curl(node, '{"SOC": 50}'))[0] == expected
        await node.stop()
        assert live.drops(node) == {
            "queue full, refused": 1,
            "stopped with messages queued": 2,
        }

    asyncio.run(run())


def test_a_body_that_is_too_large_is_refused() -> None:
    async def scenario(node: Receive, _live: Live) -> None:
        assert (await curl(node, "@-", "--data-binary", "x" * 90_000, *["-d", "y" * 90_000] * 12))[
            0
        ] == 413

    play(scenario)


def test_what_one_gateway_posts_another_receives() -> None:
    sent: list[Signals | Event] = [
        Signals(1.5, "State", {"SOC": 50}),
        Event(2.0, "State", "low", "raised", "trip"),
    ]

    async def scenario(node: Receive, live: Live) -> None:
        sender = Post(url=node.address, token=Secret("t", "s"), every=0.0)
        async with running(sender, live=live):
            await sender.write(sent)
        await eventually(lambda: len(live.out) == 2)

    assert play(scenario, token=Secret("t", "s")).out == [("out", sent[0]), ("events", sent[1])]


def test_a_taken_port_is_told() -> None:
    async def scenario(node: Receive, live: Live) -> None:
        second = Receive(port=node.port)
        live.add(second)
        with pytest.raises(NodeFault, match="cannot be listened at"):
            await second.start()

    play(scenario)


def test_an_open_door_to_the_network_is_a_problem() -> None:
    assert [place for place, _ in Receive(port=1, host="0.0.0.0").problems()] == ["token"]
