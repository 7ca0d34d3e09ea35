"""A gateway for tests of the web API: real engine, real server, flows written on the spot."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import ClientResponse, ClientSession

from flowrt.engine import Engine
from flowrt.store import Store
from flowrt.web.app import Server

__all__ = ["Scenario", "document", "problem_of", "serve", "until"]

Scenario: TypeAlias = Callable[[ClientSession, Engine], Awaitable[None]]


def document(
    name: str, nodes: Mapping[str, Any], *wires: str, resources: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A flow's document; a wire reads "inject show"."""
    ends = [dict(zip(("from", "to"), wire.split(" "), strict=True)) for wire in wires]
    return {
        "flowrt": 1,
        "name": name,
        "resources": dict(resources or {}),
        "nodes": dict(nodes),
        "wires": ends,
    }


def serve(folder: Path, scenario: Scenario, *flows: Mapping[str, Any]) -> None:
    """Run a scenario against a server whose gateway runs these flows."""

    async def run() -> None:
        for flow in flows:
            (folder / f"{flow['name']}.json").write_text(json.dumps(flow))
        store = Store((folder,))
        engine = Engine(folder / "data")
        server = Server(engine, store, "127.0.0.1", 0)
        await server.start()
        await engine.start_files(list(store.files().values()))
        try:
            async with ClientSession(server.url) as session:
                await scenario(session, engine)
        finally:
            await engine.stop_all()
            await server.stop()

    asyncio.run(run())


async def problem_of(response: ClientResponse) -> dict[str, Any]:
    """The problem details of a refusal."""
    assert response.content_type == "application/problem+json"
    body: dict[str, Any] = await response.json()
    assert body["status"] == response.status
    return body


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)
