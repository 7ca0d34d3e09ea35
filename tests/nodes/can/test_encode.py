"""can/encode: what is missing, out of range, unknown, text."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.example import Stand, drive
from flowrt.message import Frame, Signals, Value
from nodes.can.encode import Encode
from tests.support.can import BYD, PYLONTECH


def encoded(*messages: Signals, **settings: Any) -> Stand:
    return drive(Encode(**{"database": PYLONTECH, **settings}), messages)


def data(stand: Stand) -> list[str]:
    return [message.data.hex() for _, message in stand.out if isinstance(message, Frame)]


def state(**values: Any) -> Signals:
    return Signals(0.0, "rack1/State", values)


def test_what_does_not_come_keeps_its_last_value() -> None:
    stand = encoded(state(SOC=50, SOH=99), state(SOC=51))
    assert data(stand) == ["3200630000000000", "3300630000000000"]


def test_a_value_out_of_range_is_refused_in_words() -> None:
    stand = encoded(state(SOC=500), state(SOC=50))
    assert len(stand.out) == 1
    assert "State cannot be encoded" in str(stand.faults[0])
    assert "SOC" in str(stand.faults[0])


def test_a_value_out_of_range_can_be_clamped() -> None:
    assert data(encoded(state(SOC=500, SOH=-3), clamp=True)) == ["6400000000000000"]


def test_a_message_that_the_database_lacks_is_told() -> None:
    stand = encoded(Signals(0.0, "Nonsense", {"SOC": 5}))
    assert [str(fault) for fault in stand.faults] == ['pylontech-lv.dbc has no message "Nonsense"']


def test_the_message_may_be_set() -> None:
    assert data(encoded(Signals(0.0, "anything", {"SOC": 50}), message="State")) == [
        "3200000000000000"
    ]


def test_text_becomes_bytes() -> None:
    assert data(encoded(Signals(0.0, "Name", {"Manufacturer": "PYLON"}))) == ["50594c4f4e202020"]


def test_a_label_of_a_value_table_stands_for_its_number() -> None:
    labels: dict[str, Value] = {"A_HighVoltage": "raised", "W_General": "raised"}
    stand = encoded(Signals(0.0, "Alarms", labels), database=BYD)
    assert data(stand) == ["0400000001000000"]


@pytest.mark.parametrize("value", [float("nan"), "text"])
def test_what_is_no_number_is_a_fault(value: Any) -> None:
    stand = encoded(state(SOC=value))
    assert (stand.out, len(stand.faults)) == ([], 1)


def test_problems_are_told() -> None:
    assert list(Encode(database=PYLONTECH, message="X").problems()) == [
        ("message", '"X" is not in pylontech-lv.dbc.')
    ]
