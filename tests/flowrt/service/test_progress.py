"""A flow that goes on no more is found; one that waits with reason is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from flowrt.flow.graph import Edge
from flowrt.node import Emit, Node, Output, Source, node
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.service.progress import Progress
from tests.support.flows import Count, Keep, prepared
from tests.support.sinks import until

BLOCKED = Edge("count", 0, "keep", 0, overflow="block", capacity=10)


@node("test/swallowed")
class Swallowed(Source):
    """Awaits something that somebody else cancelled: its task is gone, with no error to tell."""

    out = Output("Nothing.", carries="signals")

    async def run(self, emit: Emit) -> None:
        other = asyncio.get_running_loop().create_future()
        other.cancel()
        await other


def look(
    folder: Path,
    scenario: Callable[[RunningFlow, Progress, list[float]], Awaitable[None]],
    *wires: str | Edge,
    **nodes: Node,
) -> None:
    """Run a flow in an engine, with a clock that the scenario moves."""

    async def run() -> None:
        engine, time = Engine(folder), [0.0]
        flow = RunningFlow(prepared(dict(nodes), *wires), engine.watch, data=folder)
        engine.flows[flow.name] = flow
        await flow.start()
        try:
            await scenario(flow, Progress(engine, 30.0, lambda: time[0]), time)
        finally:
            await flow.stop(0.0)

    asyncio.run(run())


def test_a_full_queue_that_stands_still_is_stuck(tmp_path: Path) -> None:
    async def scenario(flow: RunningFlow, progress: Progress, time: list[float]) -> None:
        await until(lambda: len(flow.inboxes["keep"]) > 10 and flow.inboxes["keep"].in_flight)
        for time[0] in (0.0, 10.0, 29.0):
            assert progress.stuck() == {}
        time[0] = 31.0
        (reason,) = progress.stuck().values()
        assert reason.startswith("keep has taken nothing for 31 s, its queue is full")

    look(tmp_path, scenario, BLOCKED, count=Count(total=100), keep=Keep(pause=1e6))


def test_a_sink_that_says_it_is_cut_off_is_waited_for(tmp_path: Path) -> None:
    async def scenario(flow: RunningFlow, progress: Progress, time: list[float]) -> None:
        await until(lambda: len(flow.inboxes["keep"]) > 10 and flow.inboxes["keep"].in_flight)
        flow.circuit.steps["keep"].status("no broker", ok=False)
        for time[0] in (0.0, 10.0, 60.0):
            assert progress.stuck() == {}

    look(tmp_path, scenario, BLOCKED, count=Count(total=100), keep=Keep(pause=1e6))


def test_a_slow_sink_goes_on(tmp_path: Path) -> None:
    async def scenario(flow: RunningFlow, progress: Progress, time: list[float]) -> None:
        written = flow.circuit.steps["keep"].counters
        for time[0] in (0.0, 31.0, 62.0):
            before = written.received
            await until(lambda before=before: written.received > before + 20)  # type: ignore[misc]
            assert progress.stuck() == {}

    look(tmp_path, scenario, BLOCKED, count=Count(total=100_000), keep=Keep(pause=0.01))


def test_a_task_that_was_cancelled_from_inside_is_stuck(tmp_path: Path) -> None:
    async def scenario(flow: RunningFlow, progress: Progress, time: list[float]) -> None:
        await until(lambda: progress.stuck() == {flow.name: "the task of gone has ended"})

    look(tmp_path, scenario, "gone keep", gone=Swallowed(), keep=Keep())


def test_a_source_that_has_ended_is_not(tmp_path: Path) -> None:
    async def scenario(flow: RunningFlow, progress: Progress, time: list[float]) -> None:
        await until(flow.sources_ended)
        assert progress.stuck() == {}

    look(tmp_path, scenario, "count keep", count=Count(total=3), keep=Keep())
