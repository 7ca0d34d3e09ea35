"""core/link-out and core/link-in."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from flowrt.example import Stand
from flowrt.flow.file import read_flow
from flowrt.node import Signals
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.running.rehearsal import Rehearsal
from nodes.core.debug import Debug
from nodes.core.link_in import LinkIn
from nodes.core.link_out import LinkOut
from nodes.core.links import Links

SENDER = {
    "nodes": {
        "ticks": {"type": "core/inject", "values": {"n": 1}, "every": "1 ms", "count": 20},
        "out": {"type": "core/link-out", "name": "rack1"},
    },
    "wires": [{"from": "ticks", "to": "out"}],
}
RECEIVER = {
    "nodes": {
        "in": {"type": "core/link-in", "name": "rack1"},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [{"from": "in", "to": "show"}],
}


def write(folder: Path, name: str, body: dict[str, Any]) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"flowrt": 1, "name": name, **body}))
    return file


async def run_together(*files: Path) -> list[RunningFlow]:
    engine = Engine(files[0].parent / "data")
    flows = [await engine.start(read_flow(file)) for file in files]
    await asyncio.sleep(0.1)
    await engine.stop_all()
    return flows


def seen_by(flow: RunningFlow) -> int:
    show = flow.circuit.steps["show"].node
    assert isinstance(show, Debug)
    return show.seen


def test_joins_one_flow_to_several(tmp_path: Path) -> None:
    files = [write(tmp_path, name, RECEIVER) for name in ("one", "two")]
    files.append(write(tmp_path, "sender", SENDER))
    one, two, _ = asyncio.run(run_together(*files))
    assert (seen_by(one), seen_by(two)) == (20, 20)


def test_what_nobody_listens_to_is_counted(tmp_path: Path) -> None:
    (flow,) = asyncio.run(run_together(write(tmp_path, "sender", SENDER)))
    step = flow.circuit.steps["out"]
    assert step.counters.drops == {'nobody listens to the link "rack1"': 20}
    assert step.state == ("nobody listens", False)


def test_a_full_queue_loses_the_oldest_counted() -> None:
    async def fill() -> None:
        links = stand.step.shared(Links)
        await link.start()
        links.send("a", [Signals(float(n), "s", {}) for n in range(5)])
        task = asyncio.create_task(link.run(emit))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        await link.stop()

    async def emit(batch: Any) -> None:
        stand.step.send(batch)

    stand = Stand(link := LinkIn(name="a", capacity=2))
    asyncio.run(fill())
    assert [message.time for _, message in stand.out] == [3.0, 4.0]
    assert stand.step.counters.drops == {"link queue full, oldest dropped": 3}


def test_what_is_queued_at_stop_is_counted_and_nothing_comes_after() -> None:
    async def session() -> int:
        for _ in range(2):
            await link.start()
            links.send("a", [Signals(0.0, "s", {})])
            await link.stop()
        return links.send("a", [Signals(0.0, "s", {})])

    stand = Stand(link := LinkIn(name="a"))
    links = stand.step.shared(Links)
    assert asyncio.run(session()) == 0
    assert stand.step.counters.drops == {"stopped with messages queued": 2}


def test_other_names_hear_nothing() -> None:
    async def session() -> None:
        await out.write([Signals(0.0, "s", {})])

    stand = Stand(out := LinkOut(name="a"))
    heard: list[Any] = []
    stand.step.shared(Links).join("b", heard.extend)
    asyncio.run(session())
    assert heard == []


def test_virtual_time_goes_on_while_nothing_comes(tmp_path: Path) -> None:
    running = asyncio.run(run_together(write(tmp_path, "receiver", RECEIVER)))
    recorded: list[Any] = []

    async def rehearse() -> float:
        record = lambda id, port, message: recorded.append((id, port, message))  # noqa: E731
        async with Rehearsal(running[0].prepared, record) as rehearsal:
            await rehearsal.run_to(10.0)
            await rehearsal.give("in", [Signals(11.0, "s", {"n": 1})])
            return rehearsal.clock.now()

    assert asyncio.run(asyncio.wait_for(rehearse(), 5)) == 11.0
    assert recorded == [("show", "in", Signals(11.0, "s", {"n": 1}))]
