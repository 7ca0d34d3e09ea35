"""A running flow while the wall clock is set: by decades after a boot without battery, or back."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from flowrt.clock import RealClock
from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow
from flowrt.message import Event, Message, Signals
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch

DECADES = 56 * 365 * 86400.0
HOUR = 3600.0
FLOW = {
    "flowrt": 1,
    "name": "stepped",
    "nodes": {
        "inject": {
            "type": "core/inject",
            "values": {"SOC": 10},
            "source": "State",
            "every": "20 ms",
        },
        "window": {"type": "logic/aggregate", "every": "250 ms", "functions": ["count"]},
        "silent": {"type": "logic/stale-watch", "sources": ["State"], "after": "3 s"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20, "on_delay": "4 s"},
        "later": {"type": "core/delay", "by": "100 ms"},
        "few": {"type": "core/rate-limit", "limit": 5, "per": "100 ms"},
    },
    "wires": [{"from": "inject", "to": id} for id in ("window", "silent", "low", "later", "few")],
}


class Wall:
    """A wall clock that can be set."""

    def __init__(self, start: float) -> None:
        self._ahead = start - time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def set_ahead(self, seconds: float) -> None:
        self._ahead += seconds


Out = dict[str, list[Message]]


def run(folder: Path, start: float, scenario: Callable[[Wall, Out], Awaitable[None]]) -> Out:
    """Run the flow live on such a clock; what each node gave out."""
    wall, out = Wall(start), {id: list[Any]() for id in FLOW["nodes"]}  # type: ignore[attr-defined]

    async def live() -> None:
        prepared = prepare(parse_flow(json.dumps(FLOW).encode(), folder / "stepped.json"))
        assert prepared.problems == []
        flow = RunningFlow(prepared, Watch(), data=folder, clock=RealClock(wall))
        for id, step in flow.circuit.steps.items():
            for outlet in step.outlets:
                outlet.targets.append(partial(_keep, out[id]))
        await flow.start()
        await scenario(wall, out)
        await flow.stop()

    asyncio.run(live())
    return out


def _keep(kept: list[Message], batch: Sequence[Message]) -> None:
    kept.extend(batch)


async def flows_on(out: Out, *ids: str) -> None:
    """Return when each of these nodes has given more; fails where one does not in three seconds."""
    before = {id: len(out[id]) for id in ids}
    deadline = time.monotonic() + 3
    while not all(len(out[id]) > before[id] + 2 for id in ids):
        assert time.monotonic() < deadline, {id: len(out[id]) - before[id] for id in ids}
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("start", "step"),
    [(3600.0, DECADES), (1.8e9, -HOUR), (1.8e9, HOUR)],
    ids=["from 1970 to now", "back by an hour", "ahead by an hour"],
)
def test_a_flow_goes_on_when_the_clock_is_set(start: float, step: float, tmp_path: Path) -> None:
    async def scenario(wall: Wall, out: Out) -> None:
        await flows_on(out, "inject", "window", "later", "few")
        wall.set_ahead(step)
        await flows_on(out, "inject", "window", "later", "few")
        assert out["silent"] == []
        assert out["low"] == []  # four seconds have not passed, whatever the wall says

    out = run(tmp_path, start, scenario)
    windows = [message for message in out["window"] if isinstance(message, Signals)]
    assert len(windows) < 40  # none for the decades in between
    assert all(0 < message.values["SOC_count"] <= 14 for message in windows)  # type: ignore[operator]


def test_a_delayed_alarm_comes_when_its_time_has_really_passed(tmp_path: Path) -> None:
    begun = time.monotonic()

    async def scenario(wall: Wall, out: Out) -> None:
        await flows_on(out, "inject")
        wall.set_ahead(DECADES)
        while not out["low"]:
            assert time.monotonic() < begun + 10
            await asyncio.sleep(0.01)

    out = run(tmp_path, 3600.0, scenario)
    assert time.monotonic() - begun >= 4
    assert [event.state for event in out["low"] if isinstance(event, Event)] == ["raised"]
