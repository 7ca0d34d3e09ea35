"""The last hour of signals: gaps, bounds, and what a redeploy leaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrt.errors import RequestRefused
from flowrt.files.store import NotFound
from flowrt.flow.file import read_flow
from flowrt.message import Event, Message, Signals
from flowrt.observe.history import SECONDS, History
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
Scenario = Callable[[Engine, History], Awaitable[None]]


class Wall:
    """A wall clock that is set by hand."""

    seconds = 1000.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


def live(folder: Path, scenario: Scenario) -> None:
    """Run a scenario while the flow `tick` runs; ticks are made by hand, a second apart."""

    async def run() -> None:
        engine = Engine(folder / "data")
        file = folder / "tick.json"
        file.write_text(json.dumps(TICK))
        history = History(engine, Wall())
        await engine.start(read_flow(file))
        history._attach()
        try:
            await scenario(engine, history)
        finally:
            await engine.stop_all()

    asyncio.run(run())


def send(engine: Engine, *messages: Message) -> None:
    engine.flows["tick"].circuit.steps["inject"].send(list(messages))


def reading(from_: str = "State", /, **values: Any) -> Signals:
    return Signals(0.0, from_, values)


def values(history: History, signal: str, seconds: int = SECONDS) -> list[float | None]:
    key = history.find("tick", "inject", "out", signal)
    found: list[float | None] = history.read(key, seconds)["values"]
    return found


def test_each_second_has_its_newest_value_or_a_gap(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, reading(SOC=50), reading(SOC=51))
        history.tick()
        history.tick()
        send(engine, reading(SOC=3.3))
        history.tick()
        key = history.find("tick", "inject", "out", "SOC")
        assert history.read(key, 60) == {
            "start": 1001.0,
            "step": 1.0,
            "values": [51.0, None, 3.3],
        }
        assert history.read(key, 2) == {"start": 1002.0, "step": 1.0, "values": [None, 3.3]}

    live(tmp_path, scenario)


def test_every_message_of_a_burst_has_its_series(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, *(reading(f"Message{n}", A=n) for n in range(10)))
        history.tick()
        assert values(history, "Message0.A") == [0.0]
        assert len(history.keys("tick")) == 10

    live(tmp_path, scenario)


def test_only_numbers_have_a_history(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        strange = {"on": True, "mode": "idle", "none": None, "nan": float("nan"), "big": 10**400}
        send(engine, reading(**strange), Event(0.0, "a", "x"))
        history.tick()
        assert {key.name for key in history.keys("tick")} == {"on", "big"}
        assert [values(history, name) for name in ("on", "big")] == [[1.0], [None]]

    live(tmp_path, scenario)


def test_a_name_that_several_sources_have_must_say_which(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, reading("rack1/State", SOC=1), reading("rack2/State", SOC=2))
        history.tick()
        assert values(history, "rack2/State.SOC") == [2.0]
        with pytest.raises(RequestRefused, match=r'Say "rack1/State.SOC" or "rack2/State.SOC"'):
            values(history, "SOC")
        with pytest.raises(NotFound, match=r'no history of "SOH" at inject\.out'):
            values(history, "SOH")

    live(tmp_path, scenario)


def test_an_hour_is_kept_and_missed_seconds_are_gaps(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, reading(SOC=1))
        history.tick()
        history.tick(passed=SECONDS - 2)
        send(engine, reading(SOC=2))
        history.tick()
        kept = values(history, "SOC")
        assert (len(kept), kept[0], kept[-1], set(kept[1:-1])) == (SECONDS, 1.0, 2.0, {None})
        history.tick()
        assert values(history, "SOC")[:1] == [None]
        history.tick(passed=SECONDS)
        assert history.keys("tick") == []

    live(tmp_path, scenario)


def test_a_redeploy_leaves_the_past(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, reading(SOC=1))
        history.tick()
        await engine.replace(read_flow(tmp_path / "tick.json"))
        history.tick()
        send(engine, reading(SOC=2))
        history.tick()
        assert values(history, "SOC") == [1.0, None, 2.0]

    live(tmp_path, scenario)


def test_series_beyond_six_hundred_are_refused_and_counted(tmp_path: Path) -> None:
    async def scenario(engine: Engine, history: History) -> None:
        send(engine, reading(**{f"S{n}": n for n in range(650)}))
        history.tick()
        assert (len(history.keys("tick")), history.refused("tick")) == (600, 50)
        assert history.refused("other") == 0
        history.tick(passed=SECONDS)
        send(engine, reading(S649=1))
        history.tick()
        assert (len(history.keys("tick")), history.refused("tick")) == (1, 0)

    live(tmp_path, scenario)


def test_nothing_is_left_behind_when_it_ends(tmp_path: Path) -> None:
    async def scenario(engine: Engine, _history: History) -> None:
        outlet = engine.flows["tick"].circuit.steps["inject"].outlets[0]
        before = list(outlet.targets)
        other = History(engine)
        running = asyncio.create_task(other.run())
        await asyncio.sleep(0)
        assert len(outlet.targets) == len(before) + 1
        running.cancel()
        await asyncio.wait([running])
        assert (outlet.targets, engine.built) == (before, [])

    live(tmp_path, scenario)
