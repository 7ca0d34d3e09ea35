"""The health gate: what speaks against a new version, and what is no fault of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from flowrt.deploy.gate import Gate, tallies
from flowrt.errors import Problem
from flowrt.flow.difference import compare
from flowrt.node import Node
from flowrt.running.live import RunningFlow
from flowrt.running.swap import Swap
from flowrt.watch.watch import Watch
from tests.support.flows import Double, Drip, Keep, prepared

WIRES = ("drip double", "double keep")


def judge(
    folder: Path, before: dict[str, Node], after: dict[str, Node], seconds: float = 0.4, *wires: str
) -> list[Problem]:
    """What the gate finds after an exchange of one flow for another."""

    async def run() -> list[Problem]:
        watch = Watch()
        flow = RunningFlow(prepared(before, *WIRES), watch, data=folder)
        await flow.start()
        earlier = tallies(flow)
        await asyncio.sleep(0.3)
        new = prepared(after, *(wires or WIRES))
        swap = Swap(flow, new, compare(flow.prepared, new))
        await swap.build()
        tally = tallies(flow)
        await swap.exchange(lambda _flow: None)
        gate = Gate(flow, watch, swap.difference, earlier, tally)
        problems = await gate.judge(seconds)
        await flow.stop(0.1)
        return problems

    return asyncio.run(run())


def flow(**nodes: Any) -> dict[str, Node]:
    return {"drip": Drip(), "double": Double(), "keep": Keep(), **nodes}


def test_a_version_that_does_well_passes(tmp_path: Path) -> None:
    assert judge(tmp_path, flow(), flow(double=Double(choke=10**6))) == []


def test_a_node_that_raises_is_told_with_its_words(tmp_path: Path) -> None:
    (problem,) = judge(tmp_path, flow(), flow(double=Double(choke=1)), 30.0)
    assert problem.place == "nodes.double"
    assert " error" in problem.sentence
    assert "is a multiple of 1" in problem.sentence


def test_a_source_that_cannot_start_is_told(tmp_path: Path) -> None:
    (problem,) = judge(tmp_path, flow(), flow(drip=Drip(trips=True)), 30.0)
    assert problem.place == "nodes.drip"
    assert "the door is locked" in problem.sentence


def test_a_source_that_falls_silent_is_told(tmp_path: Path) -> None:
    (problem,) = judge(tmp_path, flow(), flow(drip=Drip(pause=60.0, rests_first=True)), 2.0)
    assert problem.place == "nodes.drip"
    assert "messages a second before, and none in 2 s" in problem.sentence


def test_a_node_that_failed_before_may_go_on_failing_as_often(tmp_path: Path) -> None:
    before, after = flow(double=Double(choke=2)), flow(double=Double(choke=3))
    assert judge(tmp_path, before, after) == []


def test_a_node_that_fails_far_more_often_than_before_is_told(tmp_path: Path) -> None:
    before, after = flow(double=Double(choke=20)), flow(double=Double(choke=1))
    (problem,) = judge(tmp_path, before, after)
    assert problem.place == "nodes.double"
    assert "100% of its messages fail" in problem.sentence


def test_a_node_that_the_changed_one_reaches_is_looked_at_as_well(tmp_path: Path) -> None:
    before, after = flow(keep=Keep(stumble_at=400)), flow(double=Double(choke=10**6))
    after["keep"] = Keep(stumble_at=400)
    (problem,) = judge(tmp_path, before, after, 30.0)
    assert problem.place == "nodes.keep"
    assert "the sink stumbled" in problem.sentence
