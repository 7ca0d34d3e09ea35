"""Silence as an alarm."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Event, Signals
from nodes.logic.stale_watch import StaleWatch


def watch(**settings: Any) -> StaleWatch:
    made = StaleWatch(**{"after": 3.0, **settings})
    made.id = "alive"
    return made


def soc(time: float, source: str = "State", value: Any = 55) -> Signals:
    return Signals(time, source, {"SOC": value})


def said(stand: Stand) -> list[tuple[float, str, str]]:
    return [(m.time, m.source, m.state) for _, m in stand.out if isinstance(m, Event)]


def test_silence_is_raised_once_and_cleared_with_the_return() -> None:
    stand = drive(watch(), [soc(0.0), soc(2.0), soc(20.0), soc(21.0)], until=22.0)
    assert [m for _, m in stand.out] == [
        Event(5.0, "State", "alive", "raised", "alarm", 3.0, "State silent for 3 s"),
        Event(20.0, "State", "alive", "cleared", "alarm", 18.0, "State is back after 18 s"),
    ]


def test_a_source_that_keeps_coming_raises_nothing_and_has_one_timer() -> None:
    stand = drive(watch(), [soc(at * 0.5) for at in range(1000)])
    assert stand.out == []
    assert len(stand.step.timers) == 1


def test_sources_fall_silent_one_by_one() -> None:
    stand = drive(watch(), [soc(0.0, "rack1"), soc(1.0, "rack2"), soc(2.5, "rack3")], until=10.0)
    assert said(stand) == [
        (3.0, "rack1", "raised"),
        (4.0, "rack2", "raised"),
        (5.5, "rack3", "raised"),
    ]


def test_only_chosen_sources_are_watched() -> None:
    stand = drive(watch(sources=["rack1*"]), [soc(0.0, "rack1"), soc(0.0, "rack2")], until=10.0)
    assert said(stand) == [(3.0, "rack1", "raised")]


def test_a_signal_may_fall_silent_while_its_source_goes_on() -> None:
    given = [soc(0.0), soc(1.0, value=None), soc(2.0, value=float("nan")), soc(4.0, value=None)]
    stand = drive(watch(signals=["SOC"]), given, until=10.0)
    assert [(m.time, m.text) for _, m in stand.out if isinstance(m, Event)] == [
        (3.0, "State.SOC silent for 3 s")
    ]


def test_a_batch_gives_the_same_as_single_messages() -> None:
    given = [soc(0.0), soc(2.0), soc(9.0), soc(10.0, "Measure"), soc(30.0)]
    stand = Stand(watch())
    stand.step.inlet(0, frozenset({"signals"}))(given)
    stand.run_to(50.0)
    assert stand.out == drive(watch(), given, until=50.0).out


def test_three_declared_cycles_are_the_default() -> None:
    node = watch(after=None)
    incoming = [SignalInfo("SOC", "State", cycle=1.0), SignalInfo("V", "Measure", cycle=0.1)]
    node.catalogue(Catalogue(incoming))
    assert list(node.problems()) == []
    stand = drive(node, [soc(0.0), soc(0.0, "Measure")], until=10.0)
    assert said(stand) == [(0.3, "Measure", "raised"), (3.0, "State", "raised")]


def test_a_source_of_a_shorter_cycle_is_not_waited_for_too_long() -> None:
    node = watch(after=None)
    node.catalogue(
        Catalogue([SignalInfo("A", "Slow", cycle=60.0), SignalInfo("B", "Fast", cycle=0.1)])
    )
    stand = drive(node, [soc(0.0, "Slow"), soc(1.0, "Fast")], until=2.0)
    assert [(round(at, 6), source) for at, source, _ in said(stand)] == [(1.3, "Fast")]


def test_what_is_known_to_come_is_awaited_from_the_start() -> None:
    node = watch(sources=["rack1/State"], signals=["V"])
    node.catalogue(Catalogue([SignalInfo("V", "rack1/Measure", "V")]))
    stand = Stand(node, 100.0)
    asyncio.run(node.start())
    stand.run_to(110.0)
    assert [m.text for _, m in stand.out if isinstance(m, Event)] == [
        "rack1/Measure.V silent for 3 s",
        "rack1/State silent for 3 s",
    ]


def test_a_raised_alarm_clears_after_a_restart() -> None:
    before = drive(watch(), [soc(0.0)], until=5.0)
    after = Stand(watch(), 6.0)
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    after.run_to(50.0)
    after.give(soc(50.0), soc(51.0))
    assert said(after) == [(50.0, "State", "cleared")]


def test_a_pending_silence_goes_on_after_a_hand_over() -> None:
    before = drive(watch(), [soc(100.0)])
    after = Stand(watch(), 101.0)
    after.step.node.restore(before.step.node.snapshot())
    after.run_to(110.0)
    assert said(after) == [(103.0, "State", "raised")]


def test_silence_counts_anew_after_a_long_restart() -> None:
    before = drive(watch(), [soc(100.0)])
    after = Stand(watch(), 500.0)
    after.step.node.restore(before.step.node.snapshot())
    after.run_to(502.9)
    assert after.out == []
    after.run_to(503.0)
    assert said(after) == [(503.0, "State", "raised")]


def test_a_clock_set_back_raises_nothing_by_itself() -> None:
    stand = drive(watch(), [soc(1000.0), soc(5.0)], until=1002.9)
    assert stand.out == []
    stand.run_to(1003.0)
    assert said(stand) == [(8.0, "State", "raised")]


def test_a_message_without_a_time_is_counted() -> None:
    assert drive(watch(), [soc(float("inf"))]).step.counters.drops == {"no time": 1}


def test_a_source_without_cycle_needs_a_time() -> None:
    node = watch(after=None)
    node.catalogue(Catalogue([SignalInfo("SOC", "State")]))
    assert list(node.problems()) == [
        ("after", "is needed, as not every source declares a cycle: State.SOC.")
    ]
    assert [place for place, _ in watch(after=0.0).problems()] == ["after"]


def test_summary_says_who_and_how_long() -> None:
    assert watch(sources=["State"]).summary() == "State silent for 3 s"
    assert watch(after=None).summary() == "any source silent for 3 cycles"
