"""Events in the order of their stamps, numbered by incident."""

from __future__ import annotations

from flowrt.example import Stand
from flowrt.message import Event
from nodes.events.first_out import FirstOut


def event(time: float, name: str, state: str = "raised") -> Event:
    return Event(time, "rack", name, state, "alarm")


def texts(stand: Stand) -> list[str]:
    return [m.text for _, m in stand.out if isinstance(m, Event)]


def test_the_order_is_that_of_the_stamps() -> None:
    stand = Stand(FirstOut(wait=0.5))
    stand.clock.advance(10)
    stand.give(event(9.9, "c"), event(9.7, "a"), event(9.8, "b"))
    stand.run_to(11)
    assert texts(stand) == [
        "first out",
        "2nd, 0.100 s after a of rack",
        "3rd, 0.200 s after a of rack",
    ]


def test_a_new_incident_begins_when_all_have_cleared() -> None:
    stand = Stand(FirstOut(wait=0.1))
    for time, name, state in (
        (1, "a", "raised"), (2, "b", "raised"), (3, "a", "cleared"), (4, "c", "raised"),
        (5, "b", "cleared"), (6, "c", "cleared"), (7, "b", "raised"),
    ):  # fmt: skip
        stand.give(event(time, name, state))
    stand.run_to(8)
    raised = [text for text in texts(stand) if text]
    assert raised == [
        "first out",
        "2nd, 1.000 s after a of rack",
        "3rd, 3.000 s after a of rack",
        "first out",
    ]


def test_an_alarm_told_again_is_not_counted_again() -> None:
    stand = Stand(FirstOut(wait=0.1))
    stand.give(event(1, "a"), event(2, "a"), event(3, "b"))
    stand.run_to(4)
    assert texts(stand) == ["first out", "", "2nd, 2.000 s after a of rack"]


def test_nothing_waits_longer_than_it_must() -> None:
    stand = Stand(FirstOut(wait=0.5))
    stand.give(event(1.0, "a"))
    stand.run_to(1.49)
    assert stand.out == []
    stand.run_to(1.5)
    assert len(stand.out) == 1
