"""Two ways out."""

from __future__ import annotations

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import drive
from flowrt.message import Event, Frame, Message, Signals
from nodes.logic.switch import Switch


@pytest.mark.parametrize(
    ("condition", "message", "way"),
    [
        ("SOC < 20", Signals(0.0, "State", {"SOC": 19}), "match"),
        ("SOC < 20", Signals(0.0, "State", {"SOC": 20}), "otherwise"),
        ("SOC < 20", Signals(0.0, "State", {"SOC": None}), "otherwise"),
        ("SOC < 20", Signals(0.0, "State", {"SOC": float("nan")}), "otherwise"),
        ("State.SOC < 20", Signals(0.0, "State", {"SOC": 19}), "match"),
        ("State.SOC < 20", Signals(0.0, "rack2/State", {"SOC": 19}), "otherwise"),
        ('source == "State"', Signals(0.0, "State", {}), "match"),
        ('max("Cell*") > 3.65', Signals(0.0, "Cells", {"Cell1": 3.6, "Cell2": 3.66}), "match"),
        ('Mode == "Fault"', Signals(0.0, "State", {"Mode": "Fault"}), "match"),
        ("id == 0x355 and length == 2", Frame(0.0, "can0", 0x355, b"\0\0"), "match"),
        ("not extended", Frame(0.0, "can0", 0x355, b"", extended=True), "otherwise"),
        ('severity == "trip"', Event(0.0, "rack1", "x", "raised", "trip"), "match"),
        ("value > 3", Event(0.0, "rack1", "x", value=None), "otherwise"),
    ],
)
def test_a_message_goes_one_way(condition: str, message: Message, way: str) -> None:
    assert drive(Switch(condition=condition), [message]).out == [(way, message)]


def test_a_comparison_of_unlike_things_is_a_fault() -> None:
    stand = drive(Switch(condition="SOC < 20"), [Signals(0.0, "State", {"SOC": "full"})])
    assert stand.out == []
    assert '"SOC < 20" cannot be computed' in str(stand.faults[0])


def test_problems_name_the_place_and_unknown_signals() -> None:
    assert next(iter(Switch(condition="SOC <").problems()))[0] == "condition"
    node = Switch(condition="SOX < 20 and time > 0")
    node.catalogue(Catalogue([SignalInfo("SOC", "State")]))
    assert list(node.problems()) == [
        (
            "condition",
            '"SOX < 20 and time > 0": no signal "SOX" reaches this node. Did you mean SOC?',
        )
    ]


def test_summary_is_the_condition() -> None:
    assert Switch(condition="SOC < 20").summary() == "SOC < 20"
