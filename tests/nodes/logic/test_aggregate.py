"""Windows over readings."""

from __future__ import annotations

import asyncio
import json
import random
import statistics
from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.aggregate import Aggregate
from nodes.logic.panes import FULL


def volts(time: float, value: Any, source: str = "Measure") -> Signals:
    return Signals(time, source, {"V": value})


def given_out(stand: Stand) -> list[tuple[float, dict[str, Any]]]:
    return [(m.time, m.values) for _, m in stand.out if isinstance(m, Signals)]


def maximum(**settings: Any) -> Aggregate:
    return Aggregate(**{"every": 10.0, "functions": ["max"], **settings})


def test_windows_begin_at_multiples_of_every_since_the_epoch() -> None:
    stand = drive(maximum(), [volts(1009.0, 1), volts(1010.0, 2), volts(1019.9, 3), volts(1020, 4)])
    assert given_out(stand) == [(1010.0, {"V_max": 1}), (1020.0, {"V_max": 3})]


def test_the_clock_closes_a_window_some_grace_after_its_end() -> None:
    stand = drive(maximum(grace=0.5), [volts(3.0, 1)], until=10.4)
    assert given_out(stand) == []
    stand.run_to(10.5)
    assert given_out(stand) == [(10.0, {"V_max": 1})]
    stand.run_to(100.0)
    assert len(stand.out) == 1


def test_a_message_for_a_closed_window_is_counted_as_late() -> None:
    stand = drive(maximum(), [volts(3.0, 1), volts(12.0, 2), volts(9.9, 99), volts(21.0, 3)])
    assert given_out(stand) == [(10.0, {"V_max": 1}), (20.0, {"V_max": 2})]
    assert stand.step.counters.drops == {"late": 1}


def test_late_after_the_clock_has_closed_is_late_too() -> None:
    stand = drive(maximum(), [volts(3.0, 1)], until=11.0)
    stand.give(volts(9.0, 99))
    assert given_out(stand) == [(10.0, {"V_max": 1})]
    assert stand.step.counters.drops == {"late": 1}


def test_each_source_has_its_own_window() -> None:
    given = [volts(1.0, 5, "rack1"), volts(2.0, 7, "rack2"), volts(11.0, 1, "rack1")]
    stand = drive(maximum(), given, until=11.0)
    assert [m for _, m in stand.out] == [
        Signals(10.0, "rack1", {"V_max": 5}),
        Signals(10.0, "rack2", {"V_max": 7}),
    ]


def test_only_chosen_signals_are_aggregated() -> None:
    message = Signals(0.0, "rack2/Cells", {"Cell1": 3.3, "Cell2": 3.4, "SOC": 50, "State": "Idle"})
    for signals, names in (
        (["Cell*"], ["Cell1_max", "Cell2_max"]),
        (["SOC"], ["SOC_max"]),
        (["rack2/Cells.Cell1"], ["Cell1_max"]),
        (["rack1/Cells.Cell1"], []),
        ([], ["Cell1_max", "Cell2_max", "SOC_max"]),
    ):
        stand = drive(maximum(signals=signals), [message], until=20.0)
        assert [name for _, values in given_out(stand) for name in values] == names


def test_readings_that_are_no_numbers_are_counted_and_left_out() -> None:
    stand = drive(maximum(), [volts(1, None), volts(2, float("nan")), volts(3, 4.0)], until=20.0)
    assert given_out(stand) == [(10.0, {"V_max": 4.0})]
    assert stand.step.counters.drops == {"no value": 2}


def test_a_window_without_numbers_gives_nothing() -> None:
    assert given_out(drive(maximum(), [volts(1, None)], until=20.0)) == []


def test_many_readings_keep_their_functions_exact() -> None:
    values = [52.0 + random.Random(7).random() for _ in range(3 * FULL + 17)]
    node = Aggregate(every=1000.0, functions=["mean", "std", "sum", "count", "first", "last"])
    stand = drive(node, [volts(float(at), value) for at, value in enumerate(values)], until=2000.0)
    assert given_out(stand)[0][1] == {
        "V_mean": pytest.approx(statistics.fmean(values), rel=1e-14),
        "V_std": pytest.approx(statistics.pstdev(values), rel=1e-9),
        "V_sum": pytest.approx(sum(values), rel=1e-14),
        "V_count": len(values),
        "V_first": values[0],
        "V_last": values[-1],
    }


def test_raw_readings_kept_are_bounded() -> None:
    node = maximum(every=1e6)
    drive(node, [Signals(float(at), "Cells", {"A": at, "B": at}) for at in range(10 * FULL)])
    kept = json.dumps(node.snapshot())
    assert len(kept) < FULL * 20


@pytest.mark.parametrize("value", [1e308, -1e308, 10**400])
def test_a_number_too_large_to_be_a_reading_loses_only_itself(value: float) -> None:
    stand = drive(maximum(functions=["max", "std"]), [volts(1, value), volts(2, 4.0)], until=20.0)
    assert given_out(stand) == [(10.0, {"V_max": 4.0, "V_std": 0.0})]
    assert stand.step.counters.drops == {"no value": 1}


def test_a_bad_message_takes_no_other_with_it() -> None:
    stand = Stand(maximum(), 1.0)
    bad = Signals("soon", "Measure", {"V": 99})  # type: ignore[arg-type]
    stand.step.inlet(0, frozenset({"signals"}))([volts(1.0, 1), bad, volts(2.0, 3)])
    stand.run_to(20.0)
    assert given_out(stand) == [(10.0, {"V_max": 3})]
    assert len(stand.faults) == 1


# --- sliding


def test_a_sliding_window_covers_the_last_panes() -> None:
    node = maximum(window=30.0, functions=["max", "count"])
    given = [volts(5.0, 9), volts(15.0, 3), volts(25.0, 1), volts(35.0, 2), volts(45.0, 0)]
    assert given_out(drive(node, given)) == [
        (10.0, {"V_max": 9, "V_count": 1}),
        (20.0, {"V_max": 9, "V_count": 2}),
        (30.0, {"V_max": 9, "V_count": 3}),
        (40.0, {"V_max": 3, "V_count": 3}),
    ]


def test_a_gap_slides_on_by_message_as_by_clock() -> None:
    given = [volts(5.0, 9), volts(75.0, 1)]
    by_clock = given_out(drive(maximum(window=30.0), given))
    late_stand = Stand(maximum(window=30.0), 5.0)
    late_stand.step.inlet(0, frozenset({"signals"}))(given)
    assert by_clock == given_out(late_stand) == [(at, {"V_max": 9}) for at in (10.0, 20.0, 30.0)]


def test_rate_is_per_second_over_the_whole_window() -> None:
    node = maximum(window=20.0, functions=["rate"])
    stand = drive(node, [volts(0.0, 25.0), volts(8.0, 26.0), volts(16.0, 41.0), volts(20.0, 0.0)])
    assert given_out(stand) == [(10.0, {"V_rate": 0.125}), (20.0, {"V_rate": 1.0})]


# --- by count


def test_count_closes_after_so_many_messages_of_a_source() -> None:
    node = Aggregate(count=2, functions=["mean"], signals=["V"])
    other = Signals(0.5, "Measure", {"A": 1.0})
    stand = drive(node, [volts(0.0, 1), other, volts(1.0, 2), volts(2.0, 3)])
    assert given_out(stand) == [(1.0, {"V_mean": 1.5})]


def test_hop_slides_a_window_of_messages() -> None:
    node = Aggregate(count=4, hop=2, functions=["sum"])
    stand = drive(node, [volts(float(at), at) for at in range(6)])
    assert given_out(stand) == [(1.0, {"V_sum": 1}), (3.0, {"V_sum": 6}), (5.0, {"V_sum": 14})]


def test_a_long_counted_window_keeps_few_raw_readings() -> None:
    node = Aggregate(count=100_000, functions=["count"])
    drive(node, [volts(float(at), at) for at in range(5000)])
    assert len(json.dumps(node.snapshot())) < FULL * 20
    assert node.finish() == [Signals(4999.0, "Measure", {"V_count": 5000})]


# --- clocks and endings


def test_a_clock_set_back_closes_the_window_and_goes_on() -> None:
    stand = drive(maximum(), [volts(1000.0, 1), volts(5.0, 2), volts(11.0, 3)])
    assert given_out(stand) == [(1010.0, {"V_max": 1}), (10.0, {"V_max": 2})]
    assert stand.step.counters.drops == {}


def test_a_clock_set_forward_closes_the_window_and_goes_on() -> None:
    stand = drive(maximum(window=30.0), [volts(5.0, 1), volts(1e9 + 5, 2)], until=1e9 + 21)
    assert [at for at, _ in given_out(stand)] == [10.0, 20.0, 30.0, 1e9 + 10, 1e9 + 20]


def test_a_message_without_a_time_is_counted() -> None:
    stand = Stand(maximum())
    stand.step.inlet(0, frozenset({"signals"}))([volts(float("nan"), 1), volts(float("inf"), 1)])
    assert stand.step.counters.drops == {"no time": 2}


def test_finish_gives_out_open_windows_once() -> None:
    node = maximum()
    drive(node, [volts(3.0, 1), volts(4.0, 2, "rack2")])
    assert node.finish() == [
        Signals(10.0, "Measure", {"V_max": 1}),
        Signals(10.0, "rack2", {"V_max": 2}),
    ]
    assert node.finish() == []


def test_an_open_window_survives_a_restart_and_still_closes_by_the_clock() -> None:
    settings: dict[str, Any] = {"window": 20.0, "functions": ["mean", "std", "rate"]}
    given = [volts(at * 0.02, at * 0.1) for at in range(900)]
    whole = drive(maximum(**settings), given, until=60.0)
    before = drive(maximum(**settings), given[:700])
    after = Stand(maximum(**settings), before.clock.now())
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    asyncio.run(after.step.node.start())
    after.give(*given[700:])
    after.run_to(60.0)
    assert before.out + after.out == whole.out
    assert len(whole.out) == 3


def test_a_window_that_ended_during_the_restart_closes_at_once() -> None:
    before = drive(maximum(), [volts(3.0, 1)])
    after = Stand(maximum(), 500.0)
    after.step.node.restore(before.step.node.snapshot())
    after.run_to(500.5)
    assert given_out(after) == [(10.0, {"V_max": 1})]


# --- what is known before it runs


def test_catalogue_gives_names_units_and_cycle() -> None:
    incoming = Catalogue(
        [
            SignalInfo("V", "Measure", "V", 0.0, 60.0, cycle=1.0),
            SignalInfo("Name", "Name", type="text"),
        ]
    )
    node = maximum(functions=["mean", "count", "rate"])
    assert list(node.catalogue(incoming)) == [
        SignalInfo("V_mean", "Measure", "V", 0.0, 60.0, cycle=10.0),
        SignalInfo("V_count", "Measure", "", cycle=10.0),
        SignalInfo("V_rate", "Measure", "V/s", cycle=10.0),
    ]


@pytest.mark.parametrize(
    ("settings", "place", "word"),
    [
        ({"every": None}, "", "not neither"),
        ({"count": 5}, "", "not both"),
        ({"every": 0.0}, "every", "1 ms or more"),
        ({"window": 25.0}, "window", "whole multiple"),
        ({"window": 5.0}, "window", "whole multiple"),
        ({"window": 1e6}, "window", "3600 times"),
        ({"every": None, "count": 5, "window": 10.0}, "window", 'needs "every"'),
        ({"hop": 5}, "hop", 'needs "count"'),
        ({"every": None, "count": 5, "hop": 2}, "hop", "whole multiple"),
    ],
)
def test_contradictions_are_problems(settings: dict[str, Any], place: str, word: str) -> None:
    [(setting, sentence)] = maximum(**settings).problems()
    assert setting == place
    assert word in sentence


@pytest.mark.parametrize(
    ("settings", "summary"),
    [
        ({"signals": ["PackVoltage"]}, "max of PackVoltage each 10 s"),
        ({"window": 60.0}, "max of every signal over 60 s each 10 s"),
        (
            {"every": None, "count": 4, "hop": 2},
            "max of every signal over 4 messages each 2 messages",
        ),
    ],
)
def test_summary_says_what_and_how_often(settings: dict[str, Any], summary: str) -> None:
    assert maximum(**settings).summary() == summary
