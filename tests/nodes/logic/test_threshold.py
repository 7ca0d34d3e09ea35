"""Alarms on limits: raised once, cleared once, whatever comes between."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.clock import RealClock
from flowrt.example import Stand, drive
from flowrt.message import Event, Signals
from flowrt.node import NodeFault
from nodes.logic.threshold import Threshold


def soc(time: float, value: Any, source: str = "State") -> Signals:
    return Signals(time, source, {"SOC": value})


def states(stand: Stand) -> list[tuple[float, str]]:
    return [(m.time, m.state) for _, m in stand.out if isinstance(m, Event)]


def low(**settings: Any) -> Threshold:
    made = Threshold(**{"signal": "SOC", "below": 20.0, "hysteresis": 2.0, **settings})
    made.id = "soc_low"
    return made


def ramp(*values: Any) -> list[Signals]:
    return [soc(float(second), value) for second, value in enumerate(values)]


def test_an_excursion_is_raised_once_and_cleared_once() -> None:
    stand = drive(low(), ramp(25, 19, 18, 21, 19, 21.9, 22, 25, 20, 19))
    assert states(stand) == [(1.0, "raised"), (6.0, "cleared"), (9.0, "raised")]


def test_the_event_names_node_source_value_and_limit() -> None:
    node = low(severity="warning")
    node.catalogue(Catalogue([SignalInfo("SOC", "State", "%")]))
    expected = Event(0.0, "State", "soc_low", "raised", "warning", 19, "SOC is 19 %, below 20 %")
    assert drive(node, [soc(0.0, 19)]).out == [("alarm", expected)]


def test_above_clears_below_its_hysteresis() -> None:
    node = Threshold(signal="SOC", above=95.0, hysteresis=1.0)
    stand = drive(node, ramp(95, 96, 94.5, 94))
    assert states(stand) == [(1.0, "raised"), (3.0, "cleared")]


def test_outside_watches_both_ends() -> None:
    node = Threshold(signal="SOC", outside=[10.0, 90.0], hysteresis=5.0)
    stand = drive(node, ramp(50, 9, 14, 15, 91, 86, 85))
    assert states(stand) == [(1.0, "raised"), (3.0, "cleared"), (4.0, "raised"), (6.0, "cleared")]


@pytest.mark.parametrize(("wanted", "other"), [("Fault", "Ready"), (3.0, 2), (True, 0)])
def test_equals_takes_texts_numbers_and_flags(wanted: Any, other: Any) -> None:
    stand = drive(Threshold(signal="SOC", equals=wanted), ramp(other, wanted, other))
    assert states(stand) == [(1.0, "raised"), (2.0, "cleared")]


def test_the_noise_of_scaling_crosses_no_limit() -> None:
    node = Threshold(signal="SOC", above=58.4, hysteresis=0.5)
    stand = drive(node, ramp(584 * 0.1, 58.5, 579 * 0.1))
    assert 584 * 0.1 > 58.4
    assert 579 * 0.1 > 57.9
    assert states(stand) == [(1.0, "raised"), (2.0, "cleared")]


def test_a_reading_that_is_not_available_changes_nothing_and_is_counted() -> None:
    stand = drive(low(), ramp(19, None, float("nan"), 25, None))
    assert states(stand) == [(0.0, "raised"), (3.0, "cleared")]
    assert stand.step.counters.drops == {"no value": 3}


def test_each_source_has_its_own_alarm() -> None:
    given = [soc(0.0, 19, "rack1/State"), soc(1.0, 19, "rack2/State"), soc(2.0, 30, "rack1/State")]
    stand = drive(low(), given)
    assert [(m.source, m.state) for _, m in stand.out if isinstance(m, Event)] == [
        ("rack1/State", "raised"),
        ("rack2/State", "raised"),
        ("rack1/State", "cleared"),
    ]


@pytest.mark.parametrize("signal", ["rack2/State.SOC", "rack2/*.SOC"])
def test_a_qualified_name_means_that_source_alone(signal: str) -> None:
    given = [soc(0.0, 19, "rack1/State"), soc(1.0, 19, "rack2/State")]
    assert states(drive(low(signal=signal), given)) == [(1.0, "raised")]


def test_what_another_source_calls_the_same_is_none_of_ours() -> None:
    stand = drive(low(signal="State.SOC"), [soc(0.0, "full", "Name"), soc(1.0, None, "Name")])
    assert (stand.faults, stand.step.counters.drops) == ([], {})


def test_a_text_where_a_number_is_needed_is_a_fault_and_no_more() -> None:
    stand = drive(low(), ramp("full", 19))
    assert states(stand) == [(1.0, "raised")]
    assert [type(fault) for fault in stand.faults] == [NodeFault]
    assert 'State.SOC is "full", a text' in str(stand.faults[0])


# --- delays


def test_on_delay_needs_the_whole_time() -> None:
    stand = drive(low(on_delay=10.0), [soc(0.0, 19), soc(9.0, 20), soc(10.0, 19), soc(19.0, 18)])
    assert states(stand) == []
    stand.give(soc(25.0, 17))
    assert states(stand) == [(20.0, "raised")]
    assert stand.out[0][1].value == 18  # type: ignore[union-attr]  # as it was when the delay ended


def test_on_delay_ends_by_the_clock_when_nothing_comes() -> None:
    stand = drive(low(on_delay=10.0), [soc(100.0, 19)], until=109.9)
    assert states(stand) == []
    stand.run_to(110.0)
    assert states(stand) == [(110.0, "raised")]


def test_a_batch_gives_the_same_as_single_messages() -> None:
    given = [soc(0.0, 19), soc(5.0, 19), soc(30.0, 25), soc(31.0, 25), soc(60.0, 19)]
    settings: dict[str, Any] = {"on_delay": 10.0, "off_delay": 10.0}
    single = drive(low(**settings), given, until=100.0)
    stand = Stand(low(**settings))
    stand.step.inlet(0, frozenset({"signals"}))(given)
    stand.run_to(100.0)
    assert [m for _, m in stand.out] == [m for _, m in single.out]
    assert states(stand) == [(10.0, "raised"), (40.0, "cleared"), (70.0, "raised")]


def test_off_delay_is_broken_by_a_reading_within_the_hysteresis() -> None:
    stand = drive(low(off_delay=10.0), [soc(0.0, 19), soc(5.0, 22), soc(10.0, 21), soc(20.0, 23)])
    stand.run_to(29.9)
    assert states(stand) == [(0.0, "raised")]
    stand.run_to(30.0)
    assert states(stand) == [(0.0, "raised"), (30.0, "cleared")]


def test_a_pending_delay_survives_a_restart() -> None:
    before = drive(low(on_delay=10.0), [soc(100.0, 19)])
    after = Stand(low(on_delay=10.0), 104.0)
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    asyncio.run(after.step.node.start())
    after.run_to(120.0)
    assert states(after) == [(110.0, "raised")]


def test_a_delay_that_ended_during_the_restart_raises_at_once() -> None:
    before = drive(low(on_delay=10.0), [soc(100.0, 19)])
    after = Stand(low(on_delay=10.0), 500.0)
    after.step.node.restore(before.step.node.snapshot())
    after.run_to(500.0)
    assert states(after) == [(110.0, "raised")]


def test_a_raised_alarm_is_not_raised_again_after_a_restart() -> None:
    before = drive(low(), [soc(0.0, 19)])
    after = Stand(low(), 1.0)
    after.step.node.restore(before.step.node.snapshot())
    after.give(soc(2.0, 18), soc(3.0, 25))
    assert states(after) == [(3.0, "cleared")]


def test_a_clock_that_steps_back_does_not_starve_a_delay() -> None:
    stand = drive(low(on_delay=10.0), [soc(1000.0, 19), soc(3.0, 19)], until=1010.0)
    assert states(stand) == [(13.0, "raised")]


def test_real_time_ends_a_delay() -> None:
    async def run() -> Stand:
        stand = Stand(low(on_delay=0.05))
        stand.step.clock = RealClock()
        stand.give(soc(time.time(), 19))
        await asyncio.sleep(0.2)
        return stand

    assert [state for _, state in states(asyncio.run(run()))] == ["raised"]


# --- latch and acknowledge


def press(time: float, source: str = "operator", name: str = "button") -> Any:
    return Threshold.acknowledge(Event(time, source, name))


def test_a_latched_alarm_waits_for_its_acknowledgement() -> None:
    stand = drive(low(latch=True), [*ramp(19, 25, 19, 25), press(10.0), press(11.0)])
    assert states(stand) == [(0.0, "raised"), (10.0, "cleared")]


def test_a_latched_alarm_acknowledged_early_clears_by_itself() -> None:
    stand = drive(low(latch=True), [soc(0.0, 19), press(1.0), press(2.0), soc(3.0, 25)])
    assert states(stand) == [(0.0, "raised"), (1.0, "acknowledged"), (3.0, "cleared")]


def test_an_event_named_like_the_alarm_acknowledges_its_source_only() -> None:
    given = [soc(0.0, 19, "rack1"), soc(0.0, 19, "rack2"), press(1.0, "rack2", "soc_low")]
    last = drive(low(latch=True), given).out[-1][1]
    assert (last.source, last.state) == ("rack2", "acknowledged")  # type: ignore[union-attr]


def test_the_acknowledgement_of_another_alarm_is_none_of_ours() -> None:
    other = Threshold.acknowledge(Event(1.0, "State", "cell_high", "acknowledged"))
    assert states(drive(low(latch=True), [soc(0.0, 19), other])) == [(0.0, "raised")]


def test_a_latched_alarm_is_still_latched_after_a_restart() -> None:
    before = drive(low(latch=True), ramp(19, 25))
    after = Stand(low(latch=True), 2.0)
    after.step.node.restore(json.loads(json.dumps(before.step.node.snapshot())))
    after.give(soc(3.0, 25), press(4.0))
    assert states(after) == [(4.0, "cleared")]


# --- text, summary, problems


def test_text_is_filled_in_with_a_format() -> None:
    stand = drive(low(text="{source}.{signal} {state}: {value:.1f}, limit {limit}"), [soc(0, 19)])
    assert stand.out[0][1].text == "State.SOC raised: 19.0, limit 20"  # type: ignore[union-attr]


def test_a_format_that_does_not_fit_loses_no_alarm() -> None:
    stand = drive(Threshold(signal="SOC", equals="Fault", text="{value:.1f}"), [soc(0, "Fault")])
    assert stand.out[0][1].text == "SOC is Fault, equal to Fault"  # type: ignore[union-attr]
    assert len(stand.faults) == 1


@pytest.mark.parametrize(
    ("settings", "setting", "word"),
    [
        ({"below": None}, "", "not none"),
        ({"above": 90.0}, "", "not above and below"),
        ({"below": None, "equals": 1.0}, "hysteresis", "no meaning"),
        ({"below": None, "outside": [5.0, 2.0]}, "outside", "less than"),
        ({"below": None, "outside": [2.0, 5.0]}, "hysteresis", "Use less than 1.5"),
        ({"signal": "Cell*"}, "signal", "is a pattern"),
        ({"text": "{value.__class__}"}, "text", "is not a field"),
        ({"text": "{value!r}"}, "text", "plain format"),
        ({"text": "{value:{unit.x}}"}, "text", "plain format"),
        ({"text": "{value"}, "text", "cannot be read"),
        ({"text": "{signal:.1f}"}, "text", "does not fit"),
    ],
)
def test_contradictions_are_problems(settings: dict[str, Any], setting: str, word: str) -> None:
    [(place, sentence)] = low(**settings).problems()
    assert place == setting
    assert word in sentence


def test_sound_settings_have_no_problem() -> None:
    assert list(low(text="{signal} {value:.1f} {limit:.2f} {{now}}").problems()) == []


@pytest.mark.parametrize(
    ("settings", "summary"),
    [
        ({}, "SOC < 20 %, clears at 22 %"),
        ({"hysteresis": 0.0, "on_delay": 10.0, "latch": True}, "SOC < 20 %, for 10 s, latched"),
        ({"below": None, "outside": [5.0, 95.0]}, "SOC outside 5 to 95 %, clears at 7 to 93 %"),
        ({"below": None, "equals": True}, "SOC = true %"),
    ],
)
def test_summary_says_the_limit_with_its_unit(settings: dict[str, Any], summary: str) -> None:
    node = low(**settings)
    node.catalogue(Catalogue([SignalInfo("SOC", "State", "%")]))
    assert node.summary() == summary
