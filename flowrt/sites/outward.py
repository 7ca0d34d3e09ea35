"""The sinks of a site's flow that really write, fed from its record.

The record is their queue: only what a checkpoint has made safe goes out, and each sink goes on
where it was left. So nothing that is out is ever taken back, and a kill costs some that come twice.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Collection, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from typing import Any, Final

from flowrt.errors import CheckFailed
from flowrt.flow.check import Prepared, prepare
from flowrt.node import Node, Resource, Sink
from flowrt.running.live import RunningFlow
from flowrt.running.step import Step
from flowrt.running.supervisor import supervise
from flowrt.sites.post import Post
from flowrt.sites.sender import Sender
from flowrt.watch.watch import Watch

__all__ = ["Outward"]

_PATIENCE: Final = 5.0
"""Seconds that the sinks have at a stop to take what is safe; the rest goes out another time."""


class Outward:
    """Runs sinks of a prepared flow, and what they need, in a thread of their own."""

    def __init__(self, post: Post, whole: Prepared, sinks: Collection[str]) -> None:
        cut = _cut_out(post, whole, sinks)
        self._running = RunningFlow(cut, Watch(), data=post.folder / f"{post.name}.sinks")
        self._whole, self._record = whole, post.record
        self._senders: dict[str, Sender] = {}
        self._over = asyncio.Event()
        begun: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(begun)), name=f"{post.name} sinks", daemon=True
        )
        self._thread.start()
        self._loop = begun.result()

    def release(self, size: int) -> None:
        """So many bytes of the record are safe and may go out."""
        for sender in self._senders.values():
            self._loop.call_soon_threadsafe(sender.release, size)

    def facts(self) -> dict[str, Any]:
        """How much each sink has taken, and what was given up and why."""
        return {
            "delivered": {id: sender.sent for id, sender in self._senders.items()},
            "not_delivered": {
                id: sender.dropped for id, sender in self._senders.items() if sender.dropped
            },
        }

    def close(self) -> None:
        """Let the sinks take what was released, for some seconds, and stop."""
        for sender in self._senders.values():
            self._loop.call_soon_threadsafe(sender.end)
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    # --- in the thread

    async def _run(self, begun: Future[asyncio.AbstractEventLoop]) -> None:
        try:
            await self._start()
        except Exception as error:  # noqa: BLE001  raised where it is waited for
            begun.set_exception(error)
            return
        begun.set_result(asyncio.get_running_loop())
        clock = self._running.clock
        sending = [
            asyncio.create_task(supervise(sender.run, partial(_told, sender.step), clock))
            for sender in self._senders.values()
        ]
        await self._over.wait()
        _, late = await asyncio.wait(sending, timeout=_PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        await self._running.stop()

    async def _start(self) -> None:
        """Start resources, then sinks; one that cannot is tried again."""
        running, circuit = self._running, self._running.circuit
        await running.saver.restore(running.prepared.nodes)
        for step in (*circuit.resources.values(), *circuit.steps.values()):
            await running.start_step(step, self._whole.graph)
            running.run_step(step)
        for id, step in circuit.steps.items():
            assert isinstance(step.node, Sink)
            self._senders[id] = Sender(step, step.node, self._record)


def _told(step: Step, error: Exception, _pause: float) -> None:
    step.fault(error, None)


def _cut_out(post: Post, whole: Prepared, sinks: Collection[str]) -> Prepared:
    """The sinks alone, with the resources that they use; raises CheckFailed."""
    flow = whole.flow
    needed = {name for id in sinks for name in _resources_of(whole.nodes[id])}
    cut = replace(
        flow,
        nodes={id: item for id, item in flow.nodes.items() if id in sinks},
        resources={id: item for id, item in flow.resources.items() if id in needed},
        wires=(),
    )
    prepared = prepare(cut, {**os.environ, **post.environment})
    if prepared.problems:
        raise CheckFailed(prepared.problems)
    return prepared


def _resources_of(node: Node) -> Iterator[str]:
    """The resources that a node uses, and those that these use."""
    for value in vars(node).values():
        if isinstance(value, Resource):
            yield value.id
            yield from _resources_of(value)
