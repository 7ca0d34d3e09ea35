"""Readings of several sources side by side."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.merge import Merge


def merge(**settings: Any) -> Merge:
    return Merge(**{"source": "plant", **settings})


def given_out(stand: Stand) -> list[tuple[float, dict[str, Any]]]:
    return [(m.time, m.values) for _, m in stand.out if isinstance(m, Signals)]


def soc(time: float, value: Any, rack: str = "rack1") -> Signals:
    return Signals(time, f"{rack}/State", {"SOC": value})


VOLTS = Signals(0.5, "rack1/Measure", {"V": 52.0, "A": -3.0})


def test_every_arrival_gives_all_that_is_known() -> None:
    stand = drive(merge(signals=["SOC", "V"]), [soc(0.0, 55), VOLTS, soc(1.0, 54)])
    assert given_out(stand) == [
        (0.0, {"SOC": 55}),
        (0.5, {"SOC": 55, "V": 52.0}),
        (1.0, {"SOC": 54, "V": 52.0}),
    ]


def test_what_is_not_chosen_gives_nothing() -> None:
    assert drive(merge(signals=["SOC"]), [VOLTS]).out == []


def test_plain_names_give_the_newest_of_any_source() -> None:
    stand = drive(merge(), [soc(0.0, 55, "rack1"), soc(1.0, 60, "rack2")])
    assert given_out(stand)[-1] == (1.0, {"SOC": 60})


def test_qualified_names_keep_sources_apart() -> None:
    stand = drive(merge(names="qualified"), [soc(0.0, 55, "rack1"), soc(1.0, 60, "rack2")])
    assert given_out(stand)[-1] == (1.0, {"rack1/State.SOC": 55, "rack2/State.SOC": 60})


def test_an_old_reading_becomes_none_with_the_next_arrival() -> None:
    stand = Stand(merge(max_age=3.0))
    stand.step.inlet(0, frozenset({"signals"}))([soc(0.0, 55), VOLTS, soc(4.0, 54)])
    assert given_out(stand)[2:] == [
        (3.0, {"SOC": None, "V": 52.0, "A": -3.0}),
        (3.5, {"SOC": None, "V": None, "A": None}),
        (4.0, {"SOC": 54, "V": None, "A": None}),
    ]


def test_the_clock_tells_of_age_once_and_then_rests() -> None:
    stand = drive(merge(max_age=3.0), [soc(0.0, 55), soc(1.0, 54)], until=100.0)
    assert given_out(stand) == [(0.0, {"SOC": 55}), (1.0, {"SOC": 54}), (4.0, {"SOC": None})]
    assert stand.clock.next_due() is None


def test_every_gives_what_is_new_at_whole_multiples() -> None:
    given = [soc(10.2, 55), soc(10.7, 54), soc(12.0, 53)]
    by_clock = drive(merge(every=1.0), given, until=20.0)
    batch = Stand(merge(every=1.0), 10.2)
    batch.step.inlet(0, frozenset({"signals"}))(given)
    batch.run_to(20.0)
    expected = [(11.0, {"SOC": 54}), (13.0, {"SOC": 53})]
    assert given_out(by_clock) == given_out(batch) == expected


def test_age_shows_at_the_end_of_a_slot() -> None:
    stand = drive(merge(every=1.0, max_age=2.5), [soc(0.2, 55)], until=20.0)
    assert given_out(stand) == [(1.0, {"SOC": 55}), (3.0, {"SOC": None})]


def test_a_clock_set_back_ages_nothing_by_itself() -> None:
    stand = drive(merge(max_age=3.0), [soc(1000.0, 55), soc(5.0, 54)], until=1002.0)
    assert given_out(stand) == [(1000.0, {"SOC": 55}), (5.0, {"SOC": 54})]
    stand.run_to(1003.5)
    assert given_out(stand)[2:] == [(8.0, {"SOC": None})]


def test_a_message_without_a_time_is_counted() -> None:
    assert drive(merge(), [soc(float("nan"), 1)]).step.counters.drops == {"no time": 1}


def test_readings_survive_a_restart_and_age_by_the_clock() -> None:
    before = drive(merge(every=1.0, max_age=3.0), [soc(0.2, 55)])
    after = Stand(merge(every=1.0, max_age=3.0), 0.4)
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    asyncio.run(after.step.node.start())
    after.run_to(20.0)
    assert given_out(after) == [(1.0, {"SOC": 55}), (4.0, {"SOC": None})]


def test_catalogue_has_one_source() -> None:
    incoming = Catalogue(
        [
            SignalInfo("SOC", "rack1/State", "%", cycle=0.2),
            SignalInfo("V", "rack1/Measure", "V", cycle=0.2),
        ]
    )
    node = merge(signals=["SOC"], every=1.0, names="qualified")
    assert list(node.catalogue(incoming)) == [
        SignalInfo("rack1/State.SOC", "plant", "%", cycle=1.0)
    ]


def test_the_node_is_the_source_unless_another_is_named() -> None:
    node = Merge()
    node.id = "racks"
    assert drive(node, [soc(0.0, 1)]).out[0][1].source == "racks"  # type: ignore[union-attr]


def test_no_length_is_a_problem() -> None:
    assert [place for place, _ in merge(every=0.0, max_age=0.0).problems()] == ["every", "max_age"]


def test_summary_says_what_and_how_often() -> None:
    node = merge(signals=["SOC", "V"], every=1.0, max_age=3.0)
    assert node.summary() == "SOC, V each 1 s, None after 3 s"
