"""Runs a resource and nodes live by themselves: real clock, real network, no flow."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from flowrt.clock import RealClock
from flowrt.message import Message
from flowrt.node import Emit, Node, Resource, Source
from flowrt.running.step import Step

__all__ = ["Live", "eventually", "running"]


class Live:
    """What nodes have said and sent while they ran."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.statuses: list[str] = []
        self.out: list[tuple[str, Message]] = []
        self.steps: dict[Node, Step] = {}
        self._shared: dict[type, Any] = {}

    def add(self, node: Node) -> None:
        """Give a node its context."""
        step = self.steps[node] = Step(
            node,
            RealClock(),
            on_fault=lambda _step, error, _message: self.faults.append(str(error)),
            on_status=lambda _step, text, _ok: self.statuses.append(text),
            shared=self._shared,
            log=logging.LoggerAdapter(logging.getLogger("flowrt.test"), {"flow": "demo"}),
        )
        for outlet in step.outlets:
            outlet.targets.append(self._collector(outlet.name))

    def _collector(self, name: str) -> Callable[[Sequence[Message]], None]:
        return lambda batch: self.out.extend((name, message) for message in batch)

    def drops(self, node: Node) -> dict[str, int]:
        """What a node has given up, by reason."""
        return self.steps[node].counters.drops


@contextlib.asynccontextmanager
async def running(*nodes: Node, live: Live | None = None) -> AsyncIterator[Live]:
    """Nodes from start to stop; resources first. `live` joins them to others that run."""
    live = live or Live()
    tasks = []
    for node in nodes:
        live.add(node)
        await node.start()
        if isinstance(node, Resource):
            tasks.append(asyncio.create_task(node.run()))
        elif isinstance(node, Source):
            tasks.append(asyncio.create_task(node.run(_emitter(live.steps[node]))))
    try:
        yield live
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for node in reversed(nodes):
            await node.stop()


def _emitter(step: Step) -> Emit:
    async def emit(result: Any) -> None:
        step.send(result)

    return emit


async def eventually(holds: Callable[[], object], within: float = 5.0) -> None:
    """Return as soon as something holds; fails where it does not in time."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.005)
