"""What the nodes give does not depend on how messages are batched, nor on where one stops."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Event, Message, Signals
from flowrt.node import Transform
from nodes.logic.aggregate import Aggregate
from nodes.logic.deadband import Deadband
from nodes.logic.merge import Merge
from nodes.logic.sample import Sample
from nodes.logic.stale_watch import StaleWatch
from nodes.logic.threshold import Threshold

NODES: dict[str, Callable[[], Transform]] = {
    "threshold": lambda: Threshold(signal="SOC", below=20.0, hysteresis=2.0),
    "delayed": lambda: Threshold(signal="SOC", outside=[18.0, 24.0], on_delay=1.3, off_delay=0.7),
    "latched": lambda: Threshold(signal="SOC", below=20.0, latch=True, on_delay=0.5),
    "tumbling": lambda: Aggregate(every=2.0, functions=["min", "mean", "std", "rate", "count"]),
    "sliding": lambda: Aggregate(every=1.0, window=4.0, functions=["max", "mean", "last"]),
    "counted": lambda: Aggregate(count=6, hop=2, signals=["SOC"], functions=["sum", "first"]),
    "deadband": lambda: Deadband(signal="*", width=2.0, at_least_every=5.0),
    "merge": lambda: Merge(names="qualified", max_age=1.5, source="all"),
    "merge-every": lambda: Merge(names="qualified", max_age=1.5, every=1.0, source="all"),
    "sample": lambda: Sample(every=1.0),
    "sample-last": lambda: Sample(every=1.0, take="last"),
    "stale": lambda: StaleWatch(sources=["*"], signals=["V"], after=1.2),
}


def log(seed: int, length: int = 400) -> list[Signals]:
    """Three racks that send, miss and lapse at random; now and then all are silent."""
    rng, time, messages = random.Random(seed), 1_000_000.0, []
    for _ in range(length):
        time = round(time + rng.choice((0.0, 0.01, 0.2, 0.2, 0.5, 3.0 * (rng.random() < 0.05))), 3)
        values: dict[str, Any] = {"SOC": rng.choice((15, 19, 21, 21.5, 22, 30, None))}
        if rng.random() < 0.4:
            values["V"] = 50.0 + rng.random()
        messages.append(Signals(time, f"rack{rng.randrange(3)}", values))
    return messages


def made(name: str) -> Transform:
    node = NODES[name]()
    node.catalogue(Catalogue([SignalInfo("SOC", "rack0", "%")], open=True))
    return node


def in_batches(name: str, given: list[Signals], size: int) -> list[tuple[str, Message]]:
    stand = Stand(made(name), given[0].time)
    push = stand.step.inlet(0, frozenset({"signals"}))
    for start in range(0, len(given), size):
        batch = given[start : start + size]
        stand.run_to(batch[0].time)
        push(batch)
    stand.run_to(given[-1].time + 100)
    return stand.out


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", NODES)
def test_batches_of_any_size_give_the_same(name: str, seed: int) -> None:
    given = log(seed)
    single = drive(made(name), given, given[-1].time + 100).out
    assert len(single) >= 3
    assert in_batches(name, given, 7) == single
    assert in_batches(name, given, len(given)) == single


@pytest.mark.parametrize("name", NODES)
def test_a_stop_at_any_moment_changes_nothing(name: str) -> None:
    given = log(7, 150)
    whole = drive(made(name), given, given[-1].time + 100).out
    for cut in range(1, len(given), 10):
        before = drive(made(name), given[:cut])
        after = Stand(made(name), before.clock.now())
        after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
        after.give(*given[cut:])
        after.run_to(given[-1].time + 100)
        assert before.out + after.out == whole, f"stopped after {cut} messages"


@pytest.mark.parametrize("name", ["threshold", "delayed", "stale"])
@pytest.mark.parametrize("seed", range(5))
def test_raised_and_cleared_take_turns(name: str, seed: int) -> None:
    given = log(seed)
    states: dict[str, list[str]] = {}
    for _, event in drive(made(name), given, given[-1].time + 100).out:
        assert isinstance(event, Event)
        key = event.text.split()[0] + event.source if name == "stale" else event.source
        states.setdefault(key, []).append(event.state)
    for turns in states.values():
        assert turns == ["raised", "cleared"] * (len(turns) // 2) + ["raised"] * (len(turns) % 2)
