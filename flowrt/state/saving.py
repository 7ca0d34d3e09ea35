"""Saves the state of a flow while it runs: taken between two batches, written in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import orjson

from flowrt.node import Node
from flowrt.state.checkpoint import Checkpoints, body_of, give_back
from flowrt.state.standing import stand_again
from flowrt.watch.watch import Watch

__all__ = ["Saver"]


class Saver:
    """Checkpoints of one flow.

    `settled` waits until what had passed when the state was taken is written by the sinks, and
    says whether it is: a source that goes on from a position may not be ahead of them.
    """

    def __init__(
        self, flow: str, file: Path, watch: Watch, settled: Callable[[], Awaitable[bool]]
    ) -> None:
        self.checkpoints = Checkpoints(file)
        self._flow = flow
        self._watch = watch
        self._settled = settled
        self._turn = asyncio.Lock()
        self._written = b""
        self._number = 0
        self._unsaved: set[str] = set()

    async def restore(self, nodes: Mapping[str, Node]) -> None:
        """Give nodes and alarms what was saved."""
        saved = await asyncio.to_thread(self.checkpoints.read)
        self._number = saved.number
        give_back(saved, nodes)
        stand_again(saved.alarms, self._flow, self._watch, nodes, saved.shelved)

    async def run(self, every: float, nodes: Callable[[], Mapping[str, Node]]) -> None:
        """Save every so many seconds what has changed, for ever."""
        while True:
            await asyncio.sleep(every)
            await self.save(nodes())

    async def save(self, nodes: Mapping[str, Node], *, wait: bool = True) -> None:
        """Save now, unless nothing has changed; what the disk refuses is told as a fault."""
        async with self._turn:
            body = self._body(nodes)
            if body == self._written or (wait and not await self._settled()):
                return
            self._number += 1
            try:
                await asyncio.to_thread(self.checkpoints.write, body, self._number)
            except OSError as error:
                self._watch.fault(self._flow, "", error, 1)
            else:
                self._written = body

    def _body(self, nodes: Mapping[str, Node]) -> bytes:
        """The state of this moment as it is written; a node that cannot tell it is left out."""
        states: dict[str, bytes] = {}
        for id, node in nodes.items():
            try:
                state = node.snapshot()
                if state:
                    states[id] = orjson.dumps(state, option=orjson.OPT_NON_STR_KEYS)
            except Exception as error:  # noqa: BLE001  the others are saved all the same
                self._tell_once(id, error)
        types = {id: nodes[id].type for id in states}
        alarms = self._watch.alarms
        return body_of(states, types, alarms.of(self._flow), alarms.shelf.of(self._flow))

    def _tell_once(self, id: str, error: Exception) -> None:
        if id not in self._unsaved:
            self._unsaved.add(id)
            self._watch.fault(self._flow, id, error, 1)
