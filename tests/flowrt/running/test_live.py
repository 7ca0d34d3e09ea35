"""A live flow: order, isolation of errors, back-pressure, draining, restarts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flowrt.flow.graph import Edge
from flowrt.message import Event
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch
from tests.support.flows import Catch, Count, Deaf, Double, Keep, Late, Pairs, Sort, prepared


async def _run(
    nodes: dict[str, Any], *wires: str | Edge, data: Path, until: float, patience: float = 5.0
) -> RunningFlow:
    flow = RunningFlow(prepared(nodes, *wires), Watch(), data=data)
    await flow.start()
    deadline = asyncio.get_running_loop().time() + until
    while not flow.sources_ended():
        assert asyncio.get_running_loop().time() < deadline, "the sources did not end"
        await asyncio.sleep(0.005)
    await flow.stop(patience)
    return flow


def run(
    nodes: dict[str, Any], *wires: str | Edge, data: Path | None = None, until: float = 10
) -> RunningFlow:
    """Run a flow until its sources have ended, then stop it."""
    with TemporaryDirectory() as folder:
        return asyncio.run(_run(nodes, *wires, data=data or Path(folder), until=until))


async def _run_until(
    nodes: dict[str, Any], wire: str | Edge, data: Path, keep: Keep, count: int
) -> None:
    flow = RunningFlow(prepared(nodes, wire), Watch(), data=data)
    await flow.start()
    async with asyncio.timeout(20):
        while len(keep.got) < count:
            await asyncio.sleep(0.005)
    await flow.stop()


def test_messages_arrive_in_order() -> None:
    keep = Keep()
    run({"count": Count(total=1000, batch=7), "keep": keep}, "count keep")
    assert keep.numbers() == list(range(1000))


def test_what_is_queued_at_stop_is_drained() -> None:
    keep = Keep(pause=0.02)
    run({"count": Count(total=3000, batch=500), "keep": keep}, "count keep")
    assert keep.numbers() == list(range(3000))


def test_one_error_loses_one_message() -> None:
    keep = Keep()
    nodes = {"count": Count(total=10), "double": Double(choke=3), "keep": keep}
    flow = run(nodes, "count double", "double keep")
    assert keep.numbers() == [2, 4, 8, 10, 14, 16]
    counters = flow.circuit.steps["double"].counters
    assert (counters.received, counters.sent, counters.errors) == (10, 6, 4)


def test_an_error_in_one_branch_leaves_the_other_alone() -> None:
    keep = Keep()
    nodes = {"count": Count(total=5), "double": Double(choke=1), "keep": keep}
    run(nodes, "count double", "count keep")
    assert keep.numbers() == [0, 1, 2, 3, 4]


def test_errors_reach_a_catch_node() -> None:
    keep = Keep()
    nodes = {"count": Count(total=4), "bad": Double(choke=3), "catch": Catch(), "keep": keep}
    run(nodes, "count bad", "catch keep")
    assert keep.got == [
        Event(0.0, "bad", "error", "happened", "warning", 1, "0 is a multiple of 3"),
        Event(3.0, "bad", "error", "happened", "warning", 2, "3 is a multiple of 3"),
    ]


def test_a_source_that_fails_is_started_again() -> None:
    keep = Keep()
    run({"count": Count(total=6, fail_at=3), "keep": keep}, "count keep")
    assert keep.numbers() == [0, 1, 2, 3, 4, 5]


def test_a_failed_write_is_counted_and_the_next_goes_on() -> None:
    keep = Keep(fail_once=True, pause=0.001)
    flow = run({"count": Count(total=5000, batch=100), "keep": keep}, "count keep")
    counters = flow.circuit.steps["keep"].counters
    assert counters.errors == 1
    assert len(keep.got) + counters.drops["write failed"] == 5000


def test_a_full_inbox_drops_and_counts() -> None:
    keep = Keep(pause=0.05)
    edge = Edge("count", 0, "keep", 0, overflow="drop-oldest", capacity=10)
    flow = run({"count": Count(total=1000, batch=100), "keep": keep}, edge)
    drops = flow.circuit.steps["keep"].counters.drops
    assert len(keep.got) + drops["queue full, oldest dropped"] == 1000
    assert keep.numbers()[-10:] == list(range(990, 1000))


def test_block_loses_nothing() -> None:
    keep = Keep(pause=0.001)
    edge = Edge("count", 0, "keep", 0, overflow="block", capacity=10)
    flow = run({"count": Count(total=500, batch=10), "keep": keep}, edge)
    assert keep.numbers() == list(range(500))
    assert flow.circuit.steps["keep"].counters.drops == {}


def test_a_queued_wire_between_transforms_keeps_order() -> None:
    keep = Keep()
    nodes = {"count": Count(total=100, batch=9), "double": Double(), "keep": keep}
    edge = Edge("count", 0, "double", 0, overflow="block", capacity=20)
    run(nodes, edge, "double keep")
    assert keep.numbers() == list(range(0, 200, 2))


def test_spill_keeps_for_the_next_start_what_a_slow_sink_left(tmp_path: Path) -> None:
    edge = Edge("count", 0, "keep", 0, overflow="spill", capacity=5)
    slow, quick = Keep(pause=60), Keep()
    run({"count": Count(total=50, batch=10), "keep": slow}, edge, data=tmp_path)
    asyncio.run(_run_until({"count": Count(total=0), "keep": quick}, edge, tmp_path, quick, 50))
    assert quick.numbers() == list(range(50))


def test_what_a_sink_holds_at_stop_is_counted(tmp_path: Path) -> None:
    keep = Keep(pause=60)
    nodes = {"count": Count(total=50, batch=10), "keep": keep}
    flow = asyncio.run(_run(nodes, "count keep", data=tmp_path, until=10, patience=0.05))
    assert flow.circuit.steps["keep"].counters.drops == {"stopped with messages queued": 50}


def test_branches_that_meet_see_messages_one_by_one() -> None:
    pairs = Pairs()
    nodes = {"count": Count(total=4, batch=4), "a": Double(), "b": Double(), "pairs": pairs}
    run(nodes, "count a", "count b", "a pairs", "b pairs")
    assert pairs.seen == [0, 0, 1, 1, 2, 2, 3, 3]


def test_outputs_are_kept_apart() -> None:
    even, odd = Keep(), Keep()
    nodes = {"count": Count(total=6, batch=6), "sort": Sort(), "even": even, "odd": odd}
    run(nodes, "count sort", "sort.even even", "sort.odd odd")
    assert (even.numbers(), odd.numbers()) == ([0, 2, 4], [1, 3, 5])


def test_state_outlives_a_restart(tmp_path: Path) -> None:
    first, second = Count(total=5), Count(total=8)
    run({"count": first, "keep": Keep()}, "count keep", data=tmp_path)
    keep = Keep()
    run({"count": second, "keep": keep}, "count keep", data=tmp_path)
    assert keep.numbers() == [5, 6, 7]


def test_damaged_state_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "made-by-hand.json").write_bytes(b"{half")
    keep = Keep()
    run({"count": Count(total=2), "keep": keep}, "count keep", data=tmp_path)
    assert keep.numbers() == [0, 1]
    assert (tmp_path / "state" / "made-by-hand.damaged").read_bytes() == b"{half"


def test_a_source_that_swallows_a_cancellation_is_stopped_all_the_same(tmp_path: Path) -> None:
    async def scenario() -> bool:
        nodes = {"deaf": Deaf(), "keep": Keep()}
        flow = RunningFlow(prepared(nodes, "deaf keep"), Watch(), data=tmp_path)
        await flow.start()
        await asyncio.sleep(0.01)
        await flow.stop(patience=0.1)
        return flow.sources_ended()

    assert asyncio.run(scenario())


def test_a_node_that_does_not_start_is_tried_again_and_stops_nobody(tmp_path: Path) -> None:
    keep, late = Keep(), Late()

    async def scenario() -> list[tuple[str, bool]]:
        nodes = {"count": Count(total=5), "keep": keep, "late": late}
        flow = RunningFlow(prepared(nodes, "count keep", "count late"), Watch(), data=tmp_path)
        await flow.start()
        step, states = flow.circuit.steps["late"], []
        while late.attempts < 3:
            states.append(step.state)
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.01)
        states.append(step.state)
        await flow.stop(patience=0.5)
        return list(dict.fromkeys(states))

    assert asyncio.run(scenario()) == [
        ("did not start: the port is taken", False),
        ("failed, trying again in 0.5 s: the port is taken", False),
        ("started", True),
    ]
    assert keep.numbers() == [0, 1, 2, 3, 4]
