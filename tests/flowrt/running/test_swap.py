"""A new version takes over between two batches: what is the same goes on, nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.difference import compare
from flowrt.flow.graph import Edge
from flowrt.node import Node
from flowrt.running.live import RunningFlow
from flowrt.running.swap import Swap
from flowrt.watch.watch import Watch
from tests.support.flows import Count, Double, Drip, Keep, Pairs, SlowStart, Sort, prepared
from tests.support.gateway import until


def scene(folder: Path, scenario: Callable[[RunningFlow], Awaitable[None]], *flow: Any) -> None:
    """Run a scenario while a flow of nodes and wires runs."""

    async def run() -> None:
        running = RunningFlow(prepared(flow[0], *flow[1:]), Watch(), data=folder)
        await running.start()
        try:
            await scenario(running)
        finally:
            await running.stop()

    asyncio.run(run())


async def deploy(running: RunningFlow, nodes: dict[str, Node], *wires: str | Edge) -> Swap:
    """Exchange the flow for another one."""
    after = prepared(nodes, *wires)
    swap = Swap(running, after, compare(running.prepared, after))
    await swap.build()
    await swap.exchange(lambda _flow: None)
    return swap


def assert_gapless(keep: Keep, *, factor: int = 1) -> None:
    numbers = keep.numbers()
    assert numbers == [factor * n for n in range(len(numbers))]
    assert numbers


def test_what_is_the_same_goes_on_as_it_is(tmp_path: Path) -> None:
    keep = Keep()

    async def scenario(running: RunningFlow) -> None:
        await until(lambda: len(keep.got) > 5)
        steps, tasks = dict(running.circuit.steps), asyncio.all_tasks()
        await deploy(
            running,
            {"drip": Drip(), "double": Double(), "keep": Keep(), "extra": Pairs()},
            "drip double",
            "double keep",
            "drip extra",
        )
        now = running.circuit.steps
        assert [now[id] is step for id, step in steps.items()] == [True, True, True]
        assert tasks <= asyncio.all_tasks()
        extra = now["extra"]
        await until(lambda: extra.counters.received > 5)
        assert now["drip"].counters.sent > extra.counters.received + 4

    nodes = {"drip": Drip(), "double": Double(), "keep": keep}
    scene(tmp_path, scenario, nodes, "drip double", "double keep")
    assert_gapless(keep, factor=2)


def test_a_changed_nodes_state_is_handed_over_and_no_message_is_lost(tmp_path: Path) -> None:
    keep = Keep()

    async def scenario(running: RunningFlow) -> None:
        for pause in (0.0, 0.03, 0.0):
            before = running.circuit.steps["slow"]
            nodes = {"drip": Drip(), "slow": SlowStart(pause=pause), "keep": Keep()}
            swap = await deploy(running, nodes, "drip slow", "slow keep")
            slow = running.circuit.steps["slow"]
            assert slow is not before
            assert swap.seconds >= pause
            await until(lambda: slow.counters.received > 20)  # noqa: B023
        await until(lambda: len(keep.got) > 50)
        seen = getattr(slow.node, "seen", 0)
        assert seen == running.circuit.steps["drip"].counters.sent

    nodes = {"drip": Drip(), "slow": SlowStart(pause=0.01), "keep": keep}
    scene(tmp_path, scenario, nodes, "drip slow", "slow keep")
    assert_gapless(keep)


def test_a_changed_sink_writes_what_waited_for_the_old_one(tmp_path: Path) -> None:
    slow, quick = Keep(pause=0.05), Keep()

    async def scenario(running: RunningFlow) -> None:
        await asyncio.sleep(0.12)
        await deploy(running, {"drip": Drip(), "keep": quick}, "drip keep")
        await until(lambda: len(quick.got) > 20)

    scene(tmp_path, scenario, {"drip": Drip(), "keep": slow}, "drip keep")
    numbers = [*slow.numbers(), *quick.numbers()]
    assert numbers == list(range(len(numbers)))
    assert slow.got
    assert quick.got


def test_a_removed_sink_writes_what_it_has(tmp_path: Path) -> None:
    gone, keep = Keep(pause=0.02), Keep()

    async def scenario(running: RunningFlow) -> None:
        await until(lambda: len(gone.got) > 20)
        sent = running.circuit.steps["drip"].counters.sent
        await deploy(running, {"drip": Drip(), "keep": Keep()}, "drip keep")
        assert len(gone.got) >= sent
        assert list(running.inboxes) == ["keep"]

    nodes = {"drip": Drip(), "gone": gone, "keep": keep}
    scene(tmp_path, scenario, nodes, "drip gone", "drip keep")
    assert_gapless(gone)
    assert_gapless(keep)


def test_a_changed_source_goes_on_where_the_old_one_was(tmp_path: Path) -> None:
    keep = Keep()

    async def scenario(running: RunningFlow) -> None:
        await until(lambda: len(keep.got) > 5)
        await deploy(running, {"drip": Drip(pause=0.002), "keep": Keep()}, "drip keep")
        drip = running.circuit.steps["drip"]
        await until(lambda: drip.counters.sent > 5)

    scene(tmp_path, scenario, {"drip": Drip(), "keep": keep}, "drip keep")
    assert_gapless(keep)


@pytest.mark.parametrize(
    "after",
    [
        Edge("drip", 0, "double", 0),
        Edge("drip", 0, "double", 0, overflow="drop-oldest", capacity=5000),
        Edge("drip", 0, "double", 0, overflow="block", capacity=7),
    ],
)
@pytest.mark.parametrize("choke", [0, 100_000])
def test_a_wire_that_queues_otherwise_keeps_what_it_holds(
    after: Edge, choke: int, tmp_path: Path
) -> None:
    keep = Keep()

    async def scenario(running: RunningFlow) -> None:
        await until(lambda: len(keep.got) > 5)
        running.circuit.steps["drip"].node.pause = 0  # type: ignore[attr-defined]
        nodes = {"drip": Drip(), "double": Double(choke=choke), "keep": Keep()}
        await deploy(running, nodes, after, "double keep")
        here = len(keep.got)
        await until(lambda: len(keep.got) > here + 20)

    nodes = {"drip": Drip(), "double": Double(), "keep": keep}
    before = Edge("drip", 0, "double", 0, overflow="block", capacity=50)
    scene(tmp_path, scenario, nodes, before, "double keep")
    assert_gapless(keep, factor=2)


def test_a_removed_transform_deals_with_its_queue(tmp_path: Path) -> None:
    even, odd = Keep(), Keep()

    async def scenario(running: RunningFlow) -> None:
        await until(lambda: len(even.got) > 5)
        step = running.circuit.steps["sort"]
        nodes = {"drip": Drip(), "even": Keep(), "odd": Keep()}
        await deploy(running, nodes, "drip even", "drip odd")
        assert running.circuit.steps["drip"].counters.sent - step.counters.received < 10
        assert len(running.inboxes) == 2

    nodes = {"drip": Drip(), "sort": Sort(), "even": even, "odd": odd}
    queued = Edge("drip", 0, "sort", 0, overflow="block", capacity=50)
    scene(tmp_path, scenario, nodes, queued, "sort.even even", "sort.odd odd")


def test_the_way_back_runs_the_old_nodes_again(tmp_path: Path) -> None:
    keep = Keep()

    async def scenario(running: RunningFlow) -> None:
        old = dict(running.circuit.steps)
        nodes = {"drip": Drip(pause=0.0005), "slow": SlowStart(pause=0.001), "keep": Keep()}
        swap = await deploy(running, nodes, "drip slow", "slow keep")
        await until(lambda: len(keep.got) > 20)
        back = swap.undo(distrusted=())
        await back.build()
        await back.exchange(lambda _flow: None)
        assert running.circuit.steps == old
        assert running.prepared is swap.before
        here = len(keep.got)
        await until(lambda: len(keep.got) > here + 20)
        assert getattr(old["slow"].node, "seen", 0) >= here

    nodes = {"drip": Drip(), "slow": SlowStart(), "keep": keep}
    scene(tmp_path, scenario, nodes, "drip slow", "slow keep")
    assert_gapless(keep)


def test_the_state_of_a_distrusted_node_is_left_behind(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        old = running.circuit.steps["slow"]
        await until(lambda: old.counters.received > 5)
        nodes = {"drip": Drip(), "slow": SlowStart(pause=0.0), "keep": Keep()}
        swap = await deploy(running, nodes, "drip slow", "slow keep")
        before = old.counters.received
        await until(lambda: running.circuit.steps["slow"].counters.received > 50)
        back = swap.undo(distrusted={"slow"})
        await back.build()
        await back.exchange(lambda _flow: None)
        assert before <= getattr(old.node, "seen", 0) < before + 45

    nodes = {"drip": Drip(), "slow": SlowStart(pause=0.001), "keep": Keep()}
    scene(tmp_path, scenario, nodes, "drip slow", "slow keep")


def test_what_was_built_can_be_given_up(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        before = running.circuit.steps["keep"]
        tasks = asyncio.all_tasks()
        after = prepared({"count": Count(), "keep": Keep(pause=1), "two": Keep()}, "count keep")
        swap = Swap(running, after, compare(running.prepared, after))
        await swap.build()
        await swap.give_up()
        assert (running.circuit.steps["keep"], asyncio.all_tasks()) == (before, tasks)

    scene(tmp_path, scenario, {"drip": Drip(), "keep": Keep()}, "drip keep")
