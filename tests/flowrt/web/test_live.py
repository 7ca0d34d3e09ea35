"""The live socket: values of watched outputs, bounds, and clients that misbehave."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from flowrt.files.store import Store
from flowrt.message import Signals
from flowrt.running.engine import Engine
from flowrt.web import live
from flowrt.web.app import Server
from flowrt.web.doors import Doors
from tests.support.gateway import document, serve, until

TICK = document(
    "tick",
    {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "count": 0},
        "show": {"type": "core/debug", "to": "none"},
    },
    "inject show",
)
INJECT = {"flow": "tick", "node": "inject", "port": "out"}


def targets(engine: Engine) -> int:
    return len(engine.flows["tick"].circuit.steps["inject"].outlets[0].targets)


def send(engine: Engine) -> None:
    engine.flows["tick"].circuit.steps["inject"].send(Signals(1.0, "State", {"SOC": 7}))


async def next_of(client: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message: dict[str, Any] = await client.receive_json()
            if message["kind"] == kind:
                return message


def test_a_watched_output_shows_its_values(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = targets(engine)
        async with http.ws_connect("/api/live") as client:
            await client.send_json({"watch": [INJECT]})
            await until(lambda: targets(engine) == before + 1)
            send(engine)
            values = await next_of(client, "values")
            assert {key: values[key] for key in INJECT} == INJECT
            assert (values["count"], values["skipped"]) == (1, 0)
            assert values["messages"] == values["tail"]
            assert values["tail"][0]["values"] == {"SOC": 7}
            await client.send_json({"watch": []})
            await until(lambda: targets(engine) == before)

    serve(tmp_path, scenario, TICK)


def test_values_go_on_after_a_redeploy(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = targets(engine)
        async with http.ws_connect("/api/live") as client:
            await client.send_json({"watch": [INJECT]})
            await until(lambda: targets(engine) == before + 1)
            async with http.post("/api/flows/tick/deploy") as response:
                assert response.status == 200
            send(engine)
            assert (await next_of(client, "values"))["count"] == 1
        await until(lambda: targets(engine) == before)

    serve(tmp_path, scenario, TICK)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "truncated"),
        ("[" * 60_000, "Expected `object`"),
        ('{"wach": []}', "unknown field `wach`"),
        ('{"watch": [{"flow": "tick"}]}', "missing required field `node` - at `$.watch[0]`"),
        ('{"watch": [{"flow": 1, "node": "a", "port": "b"}]}', "at `$.watch[0].flow`"),
        (json.dumps({"watch": [INJECT] * 65}), "length <= 64 - at `$.watch`"),
        (b"\xff", "Send"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_socket_stays(
    text: str | bytes, told: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = targets(engine)
        async with http.ws_connect("/api/live") as client:
            await (client.send_str(text) if isinstance(text, str) else client.send_bytes(text))
            detail = (await next_of(client, "problem"))["detail"]
            assert told in detail
            assert "at most 64 outputs" in detail
            await client.send_json({"watch": [INJECT]})
            await until(lambda: targets(engine) == before + 1)

    serve(tmp_path, scenario, TICK)


def test_a_message_that_is_too_large_ends_the_connection(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.ws_connect("/api/live") as client:
            await client.send_str(" " * 70_000)
            async with asyncio.timeout(10):
                while (message := await client.receive()).type is WSMsgType.TEXT:
                    pass
            assert (message.type, client.close_code) == (WSMsgType.CLOSE, 1009)

    serve(tmp_path, scenario, TICK)


def test_a_client_is_told_what_news_it_lost(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.ws_connect("/api/live") as client:
            await next_of(client, "state")
            for number in range(1200):
                engine.watch.status("tick", "inject", str(number), ok=True)
            assert (await next_of(client, "status"))["data"]["text"] == "200"
            assert await next_of(client, "dropped") == {"kind": "dropped", "count": 200}

    serve(tmp_path, scenario, TICK)


def test_a_client_that_does_not_read_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_SEND_PATIENCE", 0.3)

    async def scenario(http: ClientSession, engine: Engine) -> None:
        port = http._base_url.port if http._base_url else None
        with socket.create_connection(("127.0.0.1", port)) as deaf:
            deaf.sendall(
                b"GET /api/live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            await until(lambda: len(engine.watch._subscriptions) == 1)
            for _ in range(100):
                engine.watch.status("tick", "inject", "x" * 1_000_000, ok=True)
            await until(lambda: not engine.watch._subscriptions)

    serve(tmp_path, scenario, TICK)


def test_there_is_a_limit_of_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_MOST_CLIENTS", 1)

    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.ws_connect("/api/live"):
            with pytest.raises(WSServerHandshakeError) as refused:
                await http.ws_connect("/api/live")
            assert refused.value.status == 503
        await until(lambda: not engine.watch._subscriptions)
        async with http.ws_connect("/api/live") as client:
            await next_of(client, "state")

    serve(tmp_path, scenario, TICK)


def test_a_watcher_does_not_hold_up_the_end(tmp_path: Path) -> None:
    async def scenario() -> tuple[int | None, bool]:
        doors = Doors.of(tmp_path, is_open=True)
        server = Server(Engine(tmp_path / "data"), Store((tmp_path,)), doors)
        await server.start()
        async with ClientSession(server.url) as http, http.ws_connect("/api/live") as client:
            await next_of(client, "state")
            begun = time.monotonic()
            stopping = asyncio.create_task(server.stop())
            while (await client.receive()).type is WSMsgType.TEXT:
                pass
            await stopping
            return client.close_code, time.monotonic() - begun < 5

    assert asyncio.run(scenario()) == (1001, True)


def test_each_client_is_told_of_the_others_and_where_they_are(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.ws_connect("/api/live") as one:
            assert (await next_of(one, "people"))["people"] == []
            async with http.ws_connect("/api/live") as other:
                await other.send_json({"watch": [], "at": {"flow": "tick", "edits": True}})
                here = {"who": "127.0.0.1", "flow": "tick", "edits": True}
                while (await next_of(one, "people"))["people"] != [here]:
                    pass  # it is told first that somebody came, perhaps
                assert (await next_of(other, "people"))["people"] == [
                    {"who": "127.0.0.1", "flow": "", "edits": False}
                ]
            assert (await next_of(one, "people"))["people"] == []

    serve(tmp_path, scenario, TICK)
