"""Alarms that outlive a restart, with the state of the nodes that raised them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.file import parse_flow
from flowrt.message import Signals
from flowrt.running.engine import Engine
from flowrt.watch.shelf import Shelving
from tests.support.gateway import document

LOW = {"type": "logic/threshold", "signal": "SOC", "below": 20}


def guard(**nodes: dict[str, Any]) -> dict[str, Any]:
    feed = {"type": "core/inject", "values": {"SOC": 50}, "count": 0}
    return document("guard", {"feed": feed, **nodes}, *(f"feed {id}" for id in nodes))


def feed(engine: Engine, soc: float) -> None:
    step = engine.flows["guard"].circuit.steps["feed"]
    step.send(Signals(1.0, "State", {"SOC": soc}))


def standing(engine: Engine) -> list[tuple[str, str]]:
    return [(alarm.node, alarm.event.state) for alarm in engine.watch.alarms.standing()]


def lives(data: Path, *scenes: tuple[dict[str, Any], Callable[[Engine], Awaitable[None]]]) -> None:
    """Each scene in a gateway of its own, one after the other, on the same folder."""

    async def live(flow: dict[str, Any], scene: Callable[[Engine], Awaitable[None]]) -> None:
        engine = Engine(data)
        await engine.start(parse_flow(json.dumps(flow).encode(), data / "guard.json"))
        await scene(engine)
        await engine.stop_all()

    for flow, scene in scenes:
        asyncio.run(live(flow, scene))


async def raise_and_acknowledge(engine: Engine) -> None:
    feed(engine, 10)
    engine.watch.acknowledge("guard", "State", "low", "ada")


def test_an_alarm_stands_after_a_restart_and_clears(tmp_path: Path) -> None:
    async def after(engine: Engine) -> None:
        (alarm,) = engine.watch.alarms.standing()
        assert alarm.acknowledged is not None
        assert (alarm.node, alarm.event.value, alarm.acknowledged.by) == ("low", 10, "ada")
        feed(engine, 11)
        assert standing(engine) == [("low", "raised")]
        feed(engine, 30)
        assert standing(engine) == []

    lives(tmp_path, (guard(low=LOW), raise_and_acknowledge), (guard(low=LOW), after))


def test_one_that_cleared_before_the_restart_does_not_stand(tmp_path: Path) -> None:
    async def before(engine: Engine) -> None:
        feed(engine, 10)
        feed(engine, 30)

    async def after(engine: Engine) -> None:
        assert standing(engine) == []

    lives(tmp_path, (guard(low=LOW), before), (guard(low=LOW), after))


def test_the_alarm_of_a_node_that_is_gone_is_told_as_cleared(tmp_path: Path) -> None:
    async def after(engine: Engine) -> None:
        assert standing(engine) == []
        (last, *_) = engine.watch.alarms.history()
        assert (last.event.state, last.event.text) == ("cleared", "low is no longer there")

    lives(tmp_path, (guard(low=LOW), raise_and_acknowledge), (guard(other=LOW), after))


def test_a_damaged_file_is_told_and_the_flow_starts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def after(engine: Engine) -> None:
        assert standing(engine) == []
        assert "guard.json cannot be read" in caplog.text

    lives(tmp_path, (guard(low=LOW), raise_and_acknowledge))
    (tmp_path / "state" / "guard.json").write_text("[{")
    lives(tmp_path, (guard(low=LOW), after))


# --- shelved


def shelve(engine: Engine, seconds: float) -> None:
    now = time.time()
    engine.watch.shelve(Shelving("guard", "State", "low", "ada", now, now + seconds, "noise"))


async def raise_and_shelve(engine: Engine) -> None:
    feed(engine, 10)
    shelve(engine, 60.0)


def test_a_shelved_alarm_is_shelved_after_a_restart(tmp_path: Path) -> None:
    async def after(engine: Engine) -> None:
        (alarm,) = engine.watch.alarms.standing()
        assert alarm.shelved is not None
        assert (alarm.shelved.by, alarm.shelved.reason) == ("ada", "noise")

    lives(tmp_path, (guard(low=LOW), raise_and_shelve), (guard(low=LOW), after))


def test_one_that_had_cleared_is_shelved_after_a_restart_too(tmp_path: Path) -> None:
    async def before(engine: Engine) -> None:
        await raise_and_shelve(engine)
        feed(engine, 30)

    async def after(engine: Engine) -> None:
        feed(engine, 10)
        assert [alarm.shelved is not None for alarm in engine.watch.alarms.standing()] == [True]

    lives(tmp_path, (guard(low=LOW), before), (guard(low=LOW), after))


def test_a_shelved_alarm_comes_back_by_itself_and_whoever_watches_hears_it(tmp_path: Path) -> None:
    async def scene(engine: Engine) -> None:
        feed(engine, 10)
        news = engine.watch.subscribe(kinds=frozenset({"alarm"}))
        shelve(engine, 0.05)
        assert engine.flows["guard"].circuit.steps["low"].is_shelved("State", "low")
        await asyncio.sleep(0.1)
        assert [one.data["state"] for one in news.take()] == ["shelved", "unshelved"]
        assert engine.watch.alarms.standing()[0].shelved is None
        assert not engine.flows["guard"].circuit.steps["low"].is_shelved("State", "low")

    lives(tmp_path, (guard(low=LOW), scene))
