"""A whole gateway whose buses are loopback sockets; prints what it did for each line it reads.

    python -m tests.bench.live.gateway FOLDER [PORT]

FOLDER holds the flows; with a PORT the editor answers there.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from flowrt.cli.run import _quick_loop
from flowrt.files.store import Store
from flowrt.garbage import tame
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.running.step import Counters
from flowrt.web.app import Server
from flowrt.web.doors import Doors
from tests.bench.live.socket_bus import install


async def main() -> None:
    """Run until the standard input ends."""
    folder = Path(sys.argv[1])
    ages: list[int] = []
    install(ages)
    store, engine = Store((folder,)), Engine(folder / "data")
    flows: list[RunningFlow] = []
    engine.built.append(flows.append)
    server = None
    if len(sys.argv) > 2:
        doors = Doors.of(engine.data, is_open=True)
        server = Server(engine, store, doors, "127.0.0.1", int(sys.argv[2]))
        await server.start()
    await Gateway(engine, store).boot()
    tame()
    say({"ready": True, "failed": {name: list(map(str, p)) for name, p in engine.failed.items()}})
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        say(report(flows, ages))
    await engine.stop_all()
    if server is not None:
        await server.stop()


def say(facts: dict[str, Any]) -> None:
    """One line of JSON."""
    print(json.dumps(facts), flush=True)


def report(flows: list[RunningFlow], ages: list[int]) -> dict[str, Any]:
    """What has been done since the start, also by flows that a deploy has replaced."""
    received: dict[str, int] = {}
    drops: dict[str, int] = {}
    for name, counters in _counters(flows):
        received[name] = received.get(name, 0) + counters.received
        for reason, count in counters.drops.items():
            drops[f"{name}: {reason}"] = drops.get(f"{name}: {reason}", 0) + count
    return {
        "time": time.time(),
        "cpu": time.process_time(),
        "memory": psutil.Process().memory_info().rss,
        "received": received,
        "drops": drops,
        "ages": ages,
    }


def _counters(flows: list[RunningFlow]) -> Iterator[tuple[str, Counters]]:
    """Each step's once: a deploy may hand steps, or only their counters, to the next flow."""
    seen: set[int] = set()
    for flow in flows:
        for name, step in {**flow.circuit.resources, **flow.circuit.steps}.items():
            if id(step.counters) not in seen:
                seen.add(id(step.counters))
                yield name, step.counters


if __name__ == "__main__":
    _quick_loop()
    asyncio.run(main())
