"""Probes: there only while somebody watches, shared, and following their flow."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from flowrt.flow.file import read_flow
from flowrt.message import Signals
from flowrt.observe.probe import Output, Probes, Watcher
from flowrt.running.engine import Engine
from tests.support.gateway import document

TICK = document(
    "tick",
    {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "count": 0},
        "show": {"type": "core/debug", "to": "none"},
    },
    "inject show",
)
INJECT = Output("tick", "inject", "out")
Scenario = Callable[[Engine, Probes], Awaitable[None]]


def live(folder: Path, scenario: Scenario, *flows: Any) -> None:
    """Run a scenario while these flows run; probes are handed out by hand."""

    async def run() -> None:
        engine = Engine(folder / "data")
        files = [folder / f"{flow['name']}.json" for flow in flows]
        for file, flow in zip(files, flows, strict=True):
            file.write_text(json.dumps(flow))
        await engine.start_files(files)
        assert engine.failed == {}
        try:
            await scenario(engine, Probes(engine))
        finally:
            await engine.stop_all()

    asyncio.run(run())


def send(engine: Engine, *numbers: int, node: str = "inject") -> None:
    readings = [Signals(float(n), "count", {"n": n}) for n in numbers]
    engine.flows["tick"].circuit.steps[node].send(readings)


def targets(engine: Engine) -> int:
    return len(engine.flows["tick"].circuit.steps["inject"].outlets[0].targets)


async def given(watcher: Watcher) -> list[dict[str, Any]]:
    async with asyncio.timeout(1):
        return await watcher.get()


def test_values_tell_what_passed_since_the_last_time(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        probes.watch(watcher, [INJECT])
        send(engine, *range(30))
        probes.hand_out()
        (values,) = await given(watcher)
        last = {"kind": "signals", "time": 29.0, "source": "count", "values": {"n": 29}}
        assert values.pop("tail")[-1] == last
        assert values == {
            "kind": "values",
            "flow": "tick",
            "node": "inject",
            "port": "out",
            "count": 30,
            "messages": [last],
            "skipped": 0,
        }
        probes.hand_out()  # nothing came: nothing is told
        send(engine, 30)
        probes.hand_out()
        assert [values["count"] for values in await given(watcher)] == [1]

    live(tmp_path, scenario, TICK)


def test_the_tail_has_the_last_twenty_in_order(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        probes.watch(watcher, [INJECT])
        send(engine, *range(15))
        send(engine, *range(15, 30))
        probes.hand_out()
        (values,) = await given(watcher)
        assert [record["time"] for record in values["tail"]] == list(range(10, 30))

    live(tmp_path, scenario, TICK)


def test_a_flood_is_counted_and_not_shown(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        probes.watch(watcher, [INJECT])
        send(engine, *range(5000))
        probes.hand_out()
        (values,) = await given(watcher)
        assert (values["count"], values["skipped"]) == (5000, 4800)
        assert values["messages"][0]["time"] == 4999

    live(tmp_path, scenario, TICK)


def test_one_probe_serves_all_and_goes_with_the_last(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        before = targets(engine)
        one, other = Watcher(10), Watcher(10)
        probes.watch(one, [INJECT])
        probes.watch(other, [INJECT])
        assert (len(probes), targets(engine)) == (1, before + 1)
        send(engine, 1)
        probes.hand_out()
        assert await given(one) == await given(other)
        probes.watch(one, [Output("tick", "show", "out")])
        assert targets(engine) == before + 1
        probes.leave(other)
        assert (len(probes), targets(engine)) == (1, before)
        probes.leave(one)
        assert len(probes) == 0

    live(tmp_path, scenario, TICK)


def test_a_probe_follows_its_flow_and_misses_not_even_the_first_message(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        probes.watch(watcher, [INJECT])
        running = asyncio.create_task(probes.run())
        changed = json.loads(json.dumps(TICK))
        changed["nodes"]["inject"]["count"] = 1  # sends once, at its start
        (tmp_path / "tick.json").write_text(json.dumps(changed))
        await engine.replace(read_flow(tmp_path / "tick.json"))
        (values,) = await given(watcher)
        assert values["messages"][0]["values"] == {"SOC": 50}
        running.cancel()
        await asyncio.wait([running])
        assert (engine.built, targets(engine)) == ([], 1)

    live(tmp_path, scenario, TICK)


def test_an_output_that_is_not_there_yet_may_come(tmp_path: Path) -> None:
    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        outputs = [INJECT, Output("tock", "x", "out"), Output("tick", "inject", "nothing")]
        probes.watch(watcher, outputs)
        await engine.stop("tick")
        probes.attach()
        await engine.start(read_flow(tmp_path / "tick.json"))
        probes.attach()
        send(engine, 1)
        probes.hand_out()
        assert [values["node"] for values in await given(watcher)] == ["inject"]

    live(tmp_path, scenario, TICK)


def test_subflows_can_be_looked_into_and_at(tmp_path: Path) -> None:
    guard = document(
        "guard",
        {
            "readings": {"type": "core/input"},
            "soc_low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
            "alarm": {"type": "core/output"},
        },
        "readings soc_low",
        "soc_low alarm",
    )
    guard["parameters"] = {}
    tick = document(
        "tick",
        {**TICK["nodes"], "guard": {"type": "flow/guard"}},
        "inject guard.readings",
        "guard.alarm show",
    )

    async def scenario(engine: Engine, probes: Probes) -> None:
        watcher = Watcher(10)
        ends = [
            ("guard/soc_low", "alarm"),
            ("guard", "alarm"),
            ("guard", ""),
            ("guard/soc_low", ""),
        ]
        probes.watch(watcher, [Output("tick", node, port) for node, port in ends])
        engine.flows["tick"].circuit.steps["inject"].send(Signals(0.0, "inject", {"SOC": 10}))
        probes.hand_out()
        values = await given(watcher)
        assert {(one["node"], one["port"]) for one in values} == set(ends)
        assert {one["messages"][0]["name"] for one in values} == {"guard/soc_low"}

    live(tmp_path, scenario, guard, tick)
