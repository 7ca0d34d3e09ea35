"""Fewer messages."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.sample import Sample


def times(stand: Stand) -> list[float]:
    return [m.time for _, m in stand.out]


def soc(time: float, source: str = "State") -> Signals:
    return Signals(time, source, {"SOC": 55})


def messages(*at: float) -> list[Signals]:
    return [soc(time) for time in at]


def last() -> Sample:
    return Sample(every=1.0, take="last")


def test_jitter_does_not_thin_a_source_of_the_same_cycle() -> None:
    given = messages(0.5, 1.45, 2.55, 3.48)
    assert times(drive(Sample(every=1.0), given)) == [0.5, 1.45, 2.55, 3.48]


def test_each_source_has_its_slots() -> None:
    stand = drive(Sample(every=1.0), [soc(0.1, "rack1"), soc(0.2, "rack2"), soc(0.3, "rack1")])
    assert times(stand) == [0.1, 0.2]


def test_last_comes_with_the_next_slot_or_by_the_clock() -> None:
    stand = drive(last(), messages(0.1, 0.9, 1.2))
    assert times(stand) == [0.9]
    stand.run_to(2.4)
    assert times(stand) == [0.9]
    stand.run_to(2.5)
    assert times(stand) == [0.9, 1.2]


def test_a_straggler_of_the_slot_before_is_dropped() -> None:
    assert times(drive(Sample(every=1.0), messages(0.5, 1.1, 0.9, 2.0))) == [0.5, 1.1, 2.0]
    assert times(drive(last(), messages(0.5, 1.1, 0.9, 2.0))) == [0.5, 1.1]


def test_a_clock_set_back_goes_on() -> None:
    assert times(drive(Sample(every=1.0), messages(1000.0, 5.0, 5.5, 6.0))) == [1000.0, 5.0, 6.0]


def test_finish_gives_out_what_is_held() -> None:
    node = last()
    drive(node, messages(0.1, 0.2))
    assert node.finish() == [soc(0.2)]
    assert node.finish() == []


def test_a_message_without_a_time_is_counted() -> None:
    stand = drive(Sample(every=1.0), messages(float("nan")))
    assert stand.step.counters.drops == {"no time": 1}


def test_what_is_held_survives_a_restart_and_comes_by_the_clock() -> None:
    before = drive(last(), messages(0.1, 0.9))
    after = Stand(last(), 0.95)
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    asyncio.run(after.step.node.start())
    after.run_to(10.0)
    assert [m for _, m in after.out] == [soc(0.9)]


def test_catalogue_slows_the_cycle_down() -> None:
    incoming: Any = Catalogue([SignalInfo("SOC", "State", cycle=0.1)])
    assert [info.cycle for info in Sample(every=5.0).catalogue(incoming)] == [5.0]


def test_no_length_is_a_problem() -> None:
    assert [place for place, _ in Sample(every=0.0).problems()] == ["every"]


def test_summary_says_which_and_how_often() -> None:
    assert last().summary() == "last of each 1 s"
