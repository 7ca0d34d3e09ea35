"""A module unlike its siblings is found; one that always was so is not."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.analysis.anomaly import Anomaly


def stand() -> Stand:
    return Stand(Anomaly(signals={"V": 0.05}, window=30, on_delay=50.0, off_delay=50.0))


def readings(seconds: range, offset: Callable[[int, int], float]) -> list[Signals]:
    noise = random.Random(seconds.start)
    return [
        Signals(float(t), f"m{n}", {"V": round(3.3 + offset(n, t) + noise.gauss(0, 0.001), 4)})
        for t in seconds
        for n in range(5)
    ]


def alarms(one: Stand) -> list[tuple[str, str]]:
    return [(m.source, m.state) for _, m in one.out if isinstance(m, Event)]


def test_what_a_module_has_always_been_it_may_be() -> None:
    one = stand()
    one.give(*readings(range(0, 2000, 10), lambda n, _: 0.03 if n == 2 else 0.0))
    assert alarms(one) == []


def test_a_load_that_all_share_is_not_odd() -> None:
    one = stand()
    one.give(*readings(range(0, 2000, 10), lambda _, t: -0.2 if t > 1000 else 0.0))
    assert alarms(one) == []


def test_one_that_leaves_is_told_and_cleared_when_it_is_back() -> None:
    one = stand()
    one.give(*readings(range(0, 3000, 10), lambda n, t: -0.04 if n == 2 and 1000 < t < 2000 else 0))
    assert alarms(one) == [("m2", "raised"), ("m2", "cleared")]


def test_a_restart_changes_no_score() -> None:
    given = readings(range(0, 1500, 10), lambda n, t: -0.02 if n == 2 and t > 900 else 0.0)
    whole, first, second = stand(), stand(), stand()
    whole.give(*given)
    for cut in (77, 400, 555):
        first, second = stand(), stand()
        first.give(*given[:cut])
        second.step.node.restore(json.loads(json.dumps(first.step.node.snapshot())))
        second.give(*given[cut:])
        assert first.out + second.out == whole.out


def test_what_is_kept_is_bounded() -> None:
    one = stand()
    one.give(*readings(range(0, 3000, 10), lambda *_: 0.0))
    modules: Any = one.step.node.snapshot()["modules"]
    assert max(len(samples) for samples, *_ in modules.values()) < 60
