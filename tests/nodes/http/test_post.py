"""Posting to a real server: one that is sound, and one that stalls, fails and cuts."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from flowrt.message import Event, Signals
from flowrt.node import Secret
from nodes.http.post import Post
from tests.support.live_node import Live, running
from tests.support.ports import closed_port

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Service:
    """A web service that does in turn what it is told, and from then on takes everything."""

    def __init__(self, *behaviours: Behaviour) -> None:
        self.bodies: list[Any] = []
        self.keys: list[str] = []
        self.headers: list[Any] = []
        self._behaviours = list(behaviours)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers["Idempotency-Key"])
        self.headers.append(request.headers)
        if self._behaviours:
            return await self._behaviours.pop(0)(request)
        self.bodies.append(json.loads(await request.read()))
        return web.Response()


@asynccontextmanager
async def serving(service: Service) -> Any:
    app = web.Application()
    app.add_routes([web.post("/hook", service.answer)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    try:
        yield f"http://127.0.0.1:{port}/hook"
    finally:
        await runner.cleanup()


def post(service: Service, *messages: Any, **settings: Any) -> tuple[Live, Post]:
    async def run() -> tuple[Live, Post]:
        async with serving(service) as url:
            node = Post(
                url=url, **{"every": 0.0, "longest_pause": 0.05, "timeout": 0.5, **settings}
            )
            async with running(node) as live:
                await asyncio.wait_for(node.write(messages), 15)
            return live, node

    return asyncio.run(run())


READING = Signals(1.5, "State", {"SOC": 50, "V": None})
ALARM = Event(2.0, "State", "low", "raised", "warning", 9, "SOC is low")


def test_messages_go_as_a_list_of_records() -> None:
    service = Service()
    post(service, READING, ALARM)
    assert service.bodies == [
        [
            {"kind": "signals", "time": 1.5, "source": "State", "values": {"SOC": 50, "V": None}},
            {
                "kind": "event",
                "time": 2.0,
                "source": "State",
                "name": "low",
                "state": "raised",
                "severity": "warning",
                "value": 9,
                "text": "SOC is low",
            },
        ]
    ]


def test_many_go_in_batches() -> None:
    service = Service()
    post(service, *[READING] * 25, batch=10)
    assert [len(body) for body in service.bodies] == [10, 10, 5]


async def stall(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(3)
    return web.Response()


async def fail(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, text="busy")


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.close()
    return web.Response()


async def limit(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=429, headers={"Retry-After": "1"})


def test_what_stalls_fails_or_is_cut_is_posted_again_under_the_same_key() -> None:
    service = Service(stall, fail, cut)
    live, node = post(service, READING)
    assert len(service.bodies) == 1
    assert len(service.keys) == 4
    assert len(set(service.keys)) == 1
    assert node.figures()["retried"] == 3
    assert live.drops(node) == {}
    assert "503 Service Unavailable: busy" in live.faults[1]


def test_a_service_that_asks_for_time_gets_it() -> None:
    service = Service(limit)
    begun = time.monotonic()
    post(service, READING)
    assert time.monotonic() - begun >= 1.0


@pytest.mark.parametrize("status", [302, 400, 401, 404, 422])
def test_what_is_refused_is_dropped_and_counted(status: int) -> None:
    async def refuse(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="no")

    live, node = post(Service(refuse), READING, READING)
    assert live.drops(node) == {f"refused: {status}": 2}
    assert "Are address, token and format right?" in live.faults[0]


def test_a_token_and_compression() -> None:
    async def look(request: web.Request) -> web.StreamResponse:
        raw = await request.content.read()
        seen.append(json.loads(gzip.decompress(raw)) if raw[:2] == b"\x1f\x8b" else json.loads(raw))
        return web.Response()

    seen: list[Any] = []
    service = Service(look)
    post(service, READING, token=Secret("k", "sesame"), gzip=True)
    assert service.headers[0]["Authorization"] == "Bearer sesame"
    assert service.headers[0]["Content-Encoding"] == "gzip"
    assert len(seen[0]) == 1


def test_a_header_of_its_own_for_the_token() -> None:
    service = Service()
    post(service, READING, token=Secret("k", "sesame"), token_header="X-API-Key")
    assert service.headers[0]["X-API-Key"] == "sesame"
    assert "Authorization" not in service.headers[0]


def test_a_service_that_is_away_is_waited_for_and_told() -> None:
    async def run(port: int) -> Live:
        node = Post(url=f"http://127.0.0.1:{port}/x", longest_pause=0.05)
        async with running(node) as live:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(node.write([READING]), 0.4)
        return live

    with closed_port() as port:
        live = asyncio.run(run(port))
    assert len(live.faults) >= 3
    assert "not reached" in live.faults[0]


def test_a_token_over_plain_http_is_a_problem() -> None:
    node = Post(url="http://example.com/x", token=Secret("k", "s"))
    assert [place for place, _ in node.problems()] == ["url"]
    assert list(Post(url="http://127.0.0.1/x", token=Secret("k", "s")).problems()) == []
