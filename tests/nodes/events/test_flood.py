"""A flood of alarms, told as one, and nothing lost."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from flowrt.example import Stand
from flowrt.message import Event
from flowrt.node import Severity
from nodes.events.flood import Flood


def raised(time: float, name: str = "low", severity: Severity = "warning") -> Event:
    return Event(time, "rack", name, "raised", severity)


def cleared(time: float, name: str = "low") -> Event:
    return Event(time, "rack", name, "cleared", "warning")


def names(stand: Stand, port: str = "out") -> list[tuple[str, str]]:
    return [(m.name, m.state) for at, m in stand.out if at == port and isinstance(m, Event)]


def told(stand: Stand) -> list[str]:
    return [m.text for at, m in stand.out if at == "flood" and isinstance(m, Event)]


def flooded() -> Stand:
    """Six alarms within a second, where five are no flood."""
    stand = Stand(Flood(limit=5, per=60.0, ends_below=3))
    stand.give(*(raised(n / 10, f"a{n}") for n in range(6)))
    return stand


def test_as_many_as_the_limit_are_no_flood() -> None:
    stand = Stand(Flood(limit=5, per=60.0, ends_below=3))
    stand.give(*(raised(n, f"a{n}") for n in range(5)), raised(61, "later"))
    assert len(names(stand)) == 6
    assert told(stand) == []


def test_one_more_begins_a_flood_that_names_what_came_first() -> None:
    stand = flooded()
    assert names(stand) == [(f"a{n}", "raised") for n in range(5)]
    (text,) = told(stand)
    assert "more than 5 alarms in 60 s; first was a0 of rack at 1970-01-01 00:00:00.000" in text
    assert names(stand, "held") == [("a5", "raised")]


def test_a_clearing_of_what_was_told_passes_and_a_trip_always() -> None:
    stand = flooded()
    stand.give(cleared(1, "a0"), raised(2, "open", "trip"), raised(3, "a9"), cleared(4, "a9"))
    assert names(stand)[5:] == [("a0", "cleared"), ("open", "raised")]
    assert names(stand, "held")[1:] == [("a9", "raised"), ("a9", "cleared")]


def test_it_ends_with_hysteresis_and_tells_what_still_stands() -> None:
    stand = flooded()
    stand.give(*(raised(30 + n, "again") for n in range(3)))
    stand.run_to(61)
    assert len(told(stand)) == 1  # three came within 60 s: not fewer than ends_below
    stand.run_to(91)
    _begun, ended = told(stand)
    assert "4 alarms held in 90 s, first was a0 of rack" in ended
    assert "most often 3 of again of rack, 1 of a5 of rack; 2 still stand" in ended
    assert names(stand)[5:] == [("a5", "raised"), ("again", "raised")]
    assert stand.step.counters.drops == {"held in a flood": 4}


def test_a_restart_goes_on_with_the_flood() -> None:
    first = flooded()
    saved = json.loads(json.dumps(first.step.node.snapshot()))
    second = Stand(Flood(limit=5, per=60.0, ends_below=3), start=1.0)
    second.step.node.restore(saved)
    second.give(raised(2.0, "next"))
    assert names(second) == []
    second.run_to(70)
    assert names(second) == [("a5", "raised"), ("next", "raised")]
    assert "2 alarms held" in told(second)[0]


@given(st.lists(st.tuples(st.floats(0, 40), st.integers(0, 5), st.booleans()), max_size=60))
def test_every_event_is_passed_on_or_held_and_what_stands_is_told_in_the_end(
    steps: list[tuple[float, int, bool]],
) -> None:
    stand, time = Stand(Flood(limit=2, per=30.0, ends_below=2)), 0.0
    standing: set[str] = set()
    for pause, number, is_raised in steps:
        time += pause
        name = f"a{number}"
        stand.give(raised(time, name) if is_raised else cleared(time, name))
        (standing.add if is_raised else standing.discard)(name)
    passed, held = len(names(stand)), len(names(stand, "held"))
    stand.run_to(time + 31)
    assert passed + held >= len(steps)  # more where a flood has ended meanwhile
    newest = dict(names(stand))
    assert {name for name, state in newest.items() if state == "raised"} == standing
