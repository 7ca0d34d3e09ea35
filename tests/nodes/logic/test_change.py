"""Readings renamed, scaled and computed."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.change import Change

MEASURE = Signals(0.0, "Measure", {"V": 50.0, "I": -20.0})


def changed(message: Signals = MEASURE, **settings: Any) -> dict[str, Any] | None:
    out = drive(Change(**settings), [message]).out
    return out[0][1].values if out else None  # type: ignore[union-attr]


def test_scale_comes_before_offset_compute_and_rename() -> None:
    given = changed(
        scale={"V": 2.0}, offset={"V": 1.0}, compute={"Twice": "V * 2"}, rename={"V": "Volts"}
    )
    assert given == {"Volts": 101.0, "I": -20.0, "Twice": 202.0}


def test_one_expression_may_use_the_one_before() -> None:
    assert changed(compute={"P": "V * I", "kW": "P / 1000"}, keep="listed") == {
        "P": -1000.0,
        "kW": -1.0,
    }


def test_a_result_may_be_renamed_and_take_the_place_of_a_signal() -> None:
    assert changed(compute={"V": "V + 1", "P": "V"}, rename={"P": "Q"}) == {
        "V": 51.0,
        "I": -20.0,
        "Q": 51.0,
    }


def test_a_qualified_name_means_that_source_alone() -> None:
    settings: dict[str, Any] = {
        "scale": {"Measure.V": 2.0},
        "rename": {"Measure.V": "W"},
        "compute": {"Half": "Measure.I / 2"},
    }
    assert changed(**settings) == {"W": 100.0, "I": -20.0, "Half": -10.0}
    assert changed(Signals(0.0, "Other", {"V": 1.0, "I": 2.0}), **settings) == {"V": 1.0, "I": 2.0}


def test_texts_and_missing_values_are_not_scaled() -> None:
    message = Signals(0.0, "State", {"A": "Idle", "B": None, "C": 2})
    assert changed(message, scale={"*": 10.0}) == {"A": "Idle", "B": None, "C": 20.0}


def test_a_missing_operand_leaves_the_result_out_and_is_counted() -> None:
    given = [Signals(0.0, "Measure", {"V": 50.0}), Signals(1.0, "Measure", {"V": 1.0, "I": None})]
    stand = drive(Change(compute={"P": "V * I"}), given)
    assert [m for _, m in stand.out] == given
    assert stand.step.counters.drops == {"missing operand": 2}


def test_a_message_without_any_operand_counts_nothing() -> None:
    other = Signals(0.0, "State", {"SOC": 55})
    stand = drive(Change(compute={"P": "V * I"}), [other])
    assert stand.out == [("out", other)]
    assert stand.step.counters.drops == {}


def test_what_cannot_be_computed_is_a_fault_and_loses_only_itself() -> None:
    stand = drive(Change(compute={"R": "V / (I + 20)", "P": "V * I"}), [MEASURE])
    assert [m.values for _, m in stand.out if isinstance(m, Signals)] == [
        {"V": 50.0, "I": -20.0, "P": -1000.0}
    ]
    assert [str(fault) for fault in stand.faults] == [
        'compute.R: "V / (I + 20)" cannot be computed: float division by zero'
    ]


def test_an_untouched_message_is_passed_on_as_it_is() -> None:
    stand = Stand(Change(compute={"P": "A * B"}))
    message = Signals(0.0, "State", {"SOC": 55})
    assert stand.step.node.on_message(message) is message  # type: ignore[attr-defined]


def test_keep_listed_drops_a_message_without_listed_signals() -> None:
    assert changed(Signals(0.0, "State", {"SOC": 55}), rename={"V": "W"}, keep="listed") is None


def test_catalogue_follows_scale_names_and_units() -> None:
    incoming = Catalogue(
        [SignalInfo("V", "Measure", "V", 0.0, 60.0), SignalInfo("I", "Measure", "A", -100.0, 50.0)]
    )
    node = Change(
        scale={"I": -2.0},
        offset={"I": 1.0},
        rename={"I": "Current"},
        compute={"P": "V * I"},
        units={"P": "W"},
    )
    assert list(node.catalogue(incoming)) == [
        SignalInfo("V", "Measure", "V", 0.0, 60.0),
        SignalInfo("Current", "Measure", "A", -99.0, 201.0),
        SignalInfo("P", "Measure", "W"),
    ]


@pytest.mark.parametrize(
    ("settings", "place", "word"),
    [
        ({"compute": {"P": "V *"}}, "compute.P", "column 4"),
        ({"compute": {"P": "Vv * 2"}}, "compute.P", 'no signal "Vv"'),
        ({"compute": {"P": "V * SOC"}}, "compute.P", "Put a logic/merge before"),
        ({"rename": {"V*": "W"}}, "rename.V*", "is a pattern"),
        ({"rename": {"V": "W", "I": "W"}}, "rename.I", "already"),
    ],
)
def test_what_cannot_work_is_a_problem(settings: dict[str, Any], place: str, word: str) -> None:
    node = Change(**settings)
    node.catalogue(
        Catalogue(
            [SignalInfo("V", "Measure"), SignalInfo("I", "Measure"), SignalInfo("SOC", "State")]
        )
    )
    [(setting, sentence)] = node.problems()
    assert setting == place
    assert word in sentence


def test_a_later_expression_may_name_an_earlier_one() -> None:
    node = Change(compute={"P": "V * I", "kW": "P / 1000"})
    node.catalogue(Catalogue([SignalInfo("V", "Measure"), SignalInfo("I", "Measure")]))
    assert list(node.problems()) == []


def test_summary_lists_the_changes() -> None:
    node = Change(compute={"P": "V * I"}, scale={"I": -1.0}, offset={"T": -50.0}, rename={"I": "J"})
    assert node.summary() == "P = V * I, I x -1, T -50, I as J"
