"""A set-point is only ever narrowed."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrt.example import Stand
from flowrt.message import Event, Message, Signals
from nodes.control.setpoint import Setpoint

NUMBERS = st.floats(-1000, 1000)


def stand(**settings: Any) -> Stand:
    defaults = {"request": "Power", "stale_after": 5.0, "source": "pcs"}
    return Stand(Setpoint(**{**defaults, **settings}))


def given_values(one: Stand) -> list[float]:
    found: list[Any] = [m.values["Power"] for _, m in one.out if isinstance(m, Signals)]
    return found


def limits(time: float, charge: float, discharge: float) -> Message:
    return Signals(time, "bms", {"ChargeCurrentLimit": charge, "DischargeCurrentLimit": discharge})


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), max_size=20), st.one_of(st.none(), st.just(7.0))
)
def test_it_lies_between_zero_and_the_request_within_the_limits(
    steps: list[tuple[float, float, float]], rise: float | None
) -> None:
    one = stand(rise=rise)
    for second, (request, charge, discharge) in enumerate(steps):
        before = len(given_values(one))
        one.give(limits(second, charge, discharge), Signals(second, "ems", {"Power": request}))
        one.run_to(second + 0.999)
        one.run_to(second + 1)
        for value in given_values(one)[before:]:
            assert min(request, 0) <= value <= max(request, 0)
            assert -max(discharge, 0) <= value <= max(charge, 0)


def test_a_row_of_two_is_no_wider_than_the_narrower() -> None:
    first, second = stand(), stand(source="second")
    first.give(limits(0.1, 30, 30), Signals(0.1, "ems", {"Power": 50.0}))
    first.run_to(1)
    second.give(limits(0.1, 40, 40), *(m for _, m in first.out if isinstance(m, Signals)))
    second.run_to(2)
    assert given_values(second)[-1] == 30


def test_it_rises_slowly_and_falls_at_the_next_beat() -> None:
    one = stand(rise=10)
    for second in range(3):
        one.give(limits(second + 0.5, 100, 100), Signals(second + 0.5, "ems", {"Power": 25.0}))
    one.give(Signals(3.5, "ems", {"Power": 5.0}))
    one.run_to(4)
    assert given_values(one) == [10, 20, 25, 5]


def test_a_change_of_direction_begins_at_zero() -> None:
    one = stand(rise=10)
    one.give(limits(0.5, 100, 100), Signals(0.5, "ems", {"Power": 8.0}))
    one.give(Signals(1.5, "ems", {"Power": -30.0}))
    one.run_to(2)
    assert given_values(one) == [8, -10]


def test_a_request_lapses() -> None:
    one = stand(lapse=2.0)
    one.give(limits(0.5, 100, 100), Signals(0.5, "ems", {"Power": 8.0}))
    one.give(limits(2.1, 100, 100))
    one.run_to(2.6)
    assert given_values(one) == [8, 8, 0]
    assert one.out[-1][0] == "audit"


def test_an_old_stamp_is_stale_however_late_it_comes() -> None:
    one = stand()
    one.clock.advance(100)
    one.give(limits(100.1, 50, 50), Signals(90.0, "ems", {"Power": 8.0}))
    one.run_to(101)
    assert given_values(one) == [0]


def test_the_interlock_holds_until_every_alarm_has_cleared() -> None:
    one = stand()
    one.give(limits(0.1, 50, 50), Signals(0.1, "ems", {"Power": 8.0}))
    node: Any = one.step.node
    for time, source, state in ((1.1, "a", "raised"), (1.2, "b", "raised"), (1.3, "a", "cleared")):
        one.give(node.interlock(Event(time, source, "open", state, "alarm")))
    one.run_to(2)
    one.give(node.interlock(Event(2.1, "b", "open", "cleared", "alarm")))
    one.run_to(3)
    assert given_values(one) == [8, 0, 0, 8]


def test_power_is_limited_by_current_times_voltage() -> None:
    one = stand(voltage="Voltage")
    one.give(limits(0.1, 100, 50), Signals(0.1, "m", {"Voltage": 800.0, "Power": -60.0}))
    one.run_to(1)
    assert given_values(one) == [-40]


def test_every_change_is_in_the_audit_and_nothing_else() -> None:
    one = stand()
    one.give(limits(0.1, 50, 50), Signals(0.1, "ems", {"Power": 8.0}))
    one.run_to(4)
    texts = [m.text for port, m in one.out if port == "audit" and isinstance(m, Event)]
    assert texts == ["Power 8, asked 8"]
    assert given_values(one) == [8, 8, 8, 8]
