"""A gateway's web API as a client meets it: a real server, a real engine, flows in a folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import ClientResponse, ClientSession

from flowrt.engine import Engine
from flowrt.gateway import Gateway
from flowrt.store import Store
from flowrt.web.app import Server

__all__ = ["TICK", "Scenario", "answer", "problem_of", "serve"]

Scenario: TypeAlias = Callable[[ClientSession, Engine], Awaitable[None]]

TICK: dict[str, Any] = {
    "flowrt": 1,
    "name": "tick",
    "nodes": {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "source": "State"},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [{"from": "inject", "to": "show"}],
}
"""A flow that sends one reading to a debug node."""


def serve(folder: Path, scenario: Scenario, *flows: Mapping[str, Any]) -> None:
    """Run a scenario against a gateway on the flows of a folder; without flows, on `tick`."""
    for flow in flows or (TICK,):
        (folder / f"{flow['name']}.json").write_text(json.dumps(flow))
    asyncio.run(_serve(folder, scenario))


async def _serve(folder: Path, scenario: Scenario) -> None:
    store, engine = Store((folder,)), Engine(folder / "data")
    await Gateway(engine, store).boot()
    server = Server(engine, store, "127.0.0.1", 0)
    await server.start()
    try:
        async with ClientSession(server.url) as session:
            await scenario(session, engine)
    finally:
        await engine.stop_all()
        await server.stop()


async def answer(response: ClientResponse, status: int = 200) -> Any:
    """The JSON that a request was answered with; fails where the status is another."""
    assert response.status == status, await response.text()
    return await response.json()


async def problem_of(response: ClientResponse, status: int) -> dict[str, Any]:
    """The problem details that a request was refused with."""
    assert (response.status, response.content_type) == (status, "application/problem+json")
    body: dict[str, Any] = await response.json()
    assert body["status"] == status
    return body
