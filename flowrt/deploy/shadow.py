"""Runs a new version beside a flow on the same messages, with its sinks off, and compares them.

Sources that both versions have are run once: what leaves them goes into both. State is copied, so
that windows begin alike. What reaches the shadow's sinks is recorded, never written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import orjson

from flowrt.clock import RealClock
from flowrt.deploy.comparison import Side, compared
from flowrt.errors import WrongState
from flowrt.flow.build import Prepared
from flowrt.flow.graph import Edge
from flowrt.message import Message
from flowrt.node import Source
from flowrt.running.circuit import Circuit
from flowrt.running.live import RunningFlow
from flowrt.running.step import Outlet, Push, Step
from flowrt.watch.watch import Watch

__all__ = ["Shadow"]

_LOOK_EVERY: Final = 0.05


class Shadow:
    """A version that runs beside; `prepared` is to be rehearsable, under a name of its own."""

    def __init__(self, running: RunningFlow, prepared: Prepared) -> None:
        self._running = running
        self._prepared = prepared
        self._watch = Watch()
        self._shadow_sides: dict[str, Side] = {}
        self._running_sides: dict[str, Side] = {}
        self._taps: list[tuple[Outlet, Push]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.circuit = Circuit(prepared, RealClock(), self._watch, self._recorder)

    def _recorder(self, step: Step, edge: Edge) -> Push:
        """The end of a wire that has a queue in the running flow: here nothing waits."""
        if step.node.outputs:
            return step.inlet(edge.input, self._prepared.graph.carries(edge))
        return self._shadow_sides.setdefault(edge.target, Side()).take

    async def run(self, seconds: float) -> dict[str, Any]:
        """Run both for so long, and tell how they differ; JSON-able.

        Raises WrongState where the flow is stopped or deployed meanwhile.
        """
        before, loop = self._running.prepared, asyncio.get_running_loop()
        try:
            await self._begin()
            deadline = loop.time() + seconds
            while loop.time() < deadline:
                await asyncio.sleep(_LOOK_EVERY)
                if self._running.prepared is not before or not self._running.is_running:
                    raise WrongState("the flow was deployed or stopped meanwhile. Start anew.")
            self._untap()  # both at once: what waits in a queue between nodes is told as missing
            return self._result()
        finally:
            await self._end()

    async def _begin(self) -> None:
        for step in self.circuit.steps.values():
            self._copy_state(step)
            if not step.node.external:
                try:
                    await step.node.start()
                except Exception as error:  # noqa: BLE001  it is told in the result
                    step.fault(error, None)
        for step in self._sources():
            self._feed(step)
        for id in self._running.circuit.graph.sinks():
            side = self._running_sides.setdefault(id, Side())
            for edge in self._running.circuit.graph.incoming(id):
                outlet = self._running.circuit.steps[edge.source].outlets[edge.output]
                self._tap(outlet, side.take)

    def _copy_state(self, step: Step) -> None:
        twin = self._running.circuit.steps.get(step.node.id)
        if twin is None or type(twin.node) is not type(step.node) or step.node.external:
            return
        try:
            state = orjson.dumps(twin.node.snapshot(), option=orjson.OPT_NON_STR_KEYS)
            step.node.restore(orjson.loads(state))
        except Exception as error:  # noqa: BLE001  state that does not fit is left out, as in a deploy
            step.log.warning("its state does not fit the new settings: %s", error)

    # --- what goes in

    def _sources(self) -> Iterator[Step]:
        return (step for step in self.circuit.steps.values() if isinstance(step.node, Source))

    def _twin(self, step: Step) -> Step | None:
        """The running source whose messages this one gets."""
        twin = self._running.circuit.steps.get(step.node.id)
        return twin if twin and type(twin.node) is type(step.node) else None

    def _feed(self, step: Step) -> None:
        """Let a source have what its twin sends; one without runs if it needs only the clock."""
        twin = self._twin(step)
        if twin is not None:
            for index, outlet in enumerate(twin.outlets):
                self._tap(outlet, partial(_pass_on, step, index))
        elif not step.node.external:
            self._tasks.append(asyncio.create_task(self._run_source(step)))

    async def _run_source(self, step: Step) -> None:
        async def emit(result: Any) -> None:
            step.pass_on(result if isinstance(result, list | tuple) else (result,))
            await asyncio.sleep(0)

        try:
            assert isinstance(step.node, Source)
            await step.node.run(emit)
        except Exception as error:  # noqa: BLE001  reported like any node's
            step.fault(error, None)

    def _tap(self, outlet: Outlet, push: Push) -> None:
        outlet.targets.append(push)
        self._taps.append((outlet, push))

    def _untap(self) -> None:
        """Let go of the running flow."""
        for outlet, push in self._taps:
            if push in outlet.targets:
                outlet.targets.remove(push)
        self._taps.clear()

    async def _end(self) -> None:
        self._untap()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for step in self.circuit.steps.values():
            step.cancel_timers()
            if not step.node.external:
                await step.node.stop()

    # --- what comes out

    def _result(self) -> dict[str, Any]:
        before, after = self._running_sides, self._shadow_sides
        return {
            "sinks": {id: compared(before[id], after[id]) for id in before if id in after},
            "only_running": {id: side.count for id, side in before.items() if id not in after},
            "only_shadow": {id: side.count for id, side in after.items() if id not in before},
            "errors": self._errors(),
            "silent_sources": [
                step.node.id
                for step in self._sources()
                if step.node.external and self._twin(step) is None
            ],
        }

    def _errors(self) -> Mapping[str, Any]:
        last = {news.node: news.data["text"] for news in self._watch.faults}
        return {
            id: {"count": step.counters.errors, "last": last.get(id, "")}
            for id, step in self.circuit.steps.items()
            if step.counters.errors
        }


def _pass_on(step: Step, index: int, batch: Sequence[Message]) -> None:
    step.counters.sent += len(batch)
    step.outlets[index].push(batch)
