"""A whole gateway for tests of the web API: a real engine, a real server, a folder of flows."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import ClientResponse, ClientSession

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.role import Role
from flowrt.files.store import Store
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from flowrt.web.app import Server
from flowrt.web.doors import Doors

__all__ = [
    "TICK",
    "Scenario",
    "answer",
    "document",
    "flow_file",
    "problem_of",
    "serve",
    "token",
    "until",
]

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


def flow_file(folder: Path, name: str) -> Path:
    """A file in the folder of flows, which is made."""
    place = folder / "flows"
    place.mkdir(exist_ok=True)
    return place / name


def serve(
    folder: Path,
    scenario: Scenario,
    *flows: Mapping[str, Any],
    pages: Path | None = None,
    guarded: bool = False,
) -> None:
    """Run a scenario against a gateway that runs these flows; without any, `tick`.

    The flows are in FOLDER/flows, what the engine keeps is in FOLDER/data. The client neither asks
    for compression nor unpacks it by itself. A `guarded` gateway asks who is there.
    """
    for flow in flows or (TICK,):
        flow_file(folder, f"{flow['name']}.json").write_text(json.dumps(flow))
    doors = Doors.of(folder / "data", is_open=not guarded)
    asyncio.run(_serve(folder, scenario, doors, pages or folder / "no-pages"))


async def _serve(folder: Path, scenario: Scenario, doors: Doors, pages: Path) -> None:
    store, engine = Store((folder / "flows",)), Engine(folder / "data")
    server = Server(engine, store, doors, pages=pages)
    await server.start()
    await Gateway(engine, store).boot()
    plain = {"Accept-Encoding": "identity"}
    try:
        async with ClientSession(server.url, auto_decompress=False, headers=plain) as session:
            await scenario(session, engine)
    finally:
        await engine.stop_all()
        await server.stop()


def token(folder: Path, role: str, *flows: str) -> dict[str, str]:
    """The header of a machine with that role; `serve` must be guarded."""
    accounts = Accounts.of(folder / "data")
    name = f"{role}-{len(accounts.tokens)}"
    return {"Authorization": f"Bearer {accounts.add_token(name, Role.named(role), 1, flows)}"}


async def answer(response: ClientResponse, status: int = 200) -> Any:
    """The JSON that a request was answered with; fails where the status is another."""
    assert response.status == status, await response.text()
    return await response.json()


async def problem_of(response: ClientResponse, status: int | None = None) -> dict[str, Any]:
    """The problem details of a refusal, which must have that status if one is given."""
    assert response.content_type == "application/problem+json", await response.text()
    assert status in (None, response.status)
    body: dict[str, Any] = await response.json()
    assert body["status"] == response.status
    return body


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)
