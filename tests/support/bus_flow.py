"""A flow run live by the engine, with one bus: python-can's virtual one unless told otherwise."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow

__all__ = ["Scenario", "heard", "live", "until"]

Scenario = Callable[[RunningFlow], Awaitable[None]]


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    """Return as soon as something holds; fails where it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


def live(folder: Path, scenario: Scenario, nodes: Any, *wires: str, **bus: Any) -> RunningFlow:
    """Run a scenario while a flow with one bus called `bus` runs."""
    document = {
        "flowrt": 1,
        "name": "flow",
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "x", **bus}},
        "nodes": nodes,
        "wires": [dict(zip(("from", "to"), wire.split(" "), strict=True)) for wire in wires],
    }
    (folder / "flow.json").write_text(json.dumps(document))

    async def run() -> RunningFlow:
        engine = Engine(folder / "data")
        running = await engine.start(read_flow(folder / "flow.json"))
        try:
            await until(lambda: running.circuit.resources["bus"].state == ("connected", True))
            await scenario(running)
        finally:
            await engine.stop_all()
        return running

    return asyncio.run(run())


def heard(running: RunningFlow, node: str = "frames", outlet: int = 0) -> list[Any]:
    """Collects what a node gives, from now on."""
    messages: list[Any] = []
    running.circuit.steps[node].outlets[outlet].targets.append(messages.extend)
    return messages
