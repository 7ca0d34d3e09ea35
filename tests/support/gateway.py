"""A whole gateway for tests of the web API: a real engine, a real server, a folder of flows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, ClientSession

from flowrt.engine import Engine
from flowrt.store import Store
from flowrt.web.app import Server

TICK: dict[str, Any] = {
    "flowrt": 1,
    "name": "tick",
    "nodes": {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "source": "State"},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [{"from": "inject", "to": "show"}],
}
Scenario = Callable[[ClientSession, Engine], Awaitable[None]]


def serve(folder: Path, scenario: Scenario, *, pages: Path | None = None) -> None:
    """Run a scenario against a gateway whose flow folder holds `tick`.

    The folder is FOLDER/flows, what the engine keeps is in FOLDER/data. The client neither asks
    for compression nor unpacks it by itself.
    """
    flows = folder / "flows"
    flows.mkdir(exist_ok=True)
    (flows / "tick.json").write_text(json.dumps(TICK))

    async def run() -> None:
        store, engine = Store((flows,)), Engine(folder / "data")
        await engine.start_files(list(store.files().values()))
        server = Server(engine, store, "127.0.0.1", 0, pages=pages or folder / "no-pages")
        await server.start()
        try:
            async with ClientSession(
                server.url, auto_decompress=False, headers={"Accept-Encoding": "identity"}
            ) as session:
                await scenario(session, engine)
        finally:
            await engine.stop_all()
            await server.stop()

    asyncio.run(run())


async def problem_of(response: ClientResponse, status: int) -> dict[str, Any]:
    """The problem details of a refusal, which must have that status."""
    assert (response.status, response.content_type) == (status, "application/problem+json")
    body: dict[str, Any] = await response.json()
    assert body["status"] == status
    return body
