"""Shelved alarms are held back, and come back by themselves."""

from __future__ import annotations

from flowrt.example import Stand
from flowrt.message import Event
from nodes.events.shelf import Shelf


class Shelved:
    """A stand with alarms of which some are shelved."""

    def __init__(self, node: Shelf, *names: str) -> None:
        self.names = set(names)
        self.stand = Stand(node)
        self.stand.step.is_shelved = lambda _source, name: name in self.names

    def out(self, port: str = "out") -> list[tuple[str, str]]:
        return [
            (m.name, m.state) for at, m in self.stand.out if at == port and isinstance(m, Event)
        ]


def event(time: float, name: str, state: str = "raised") -> Event:
    return Event(time, "rack", name, state, "warning")


def test_only_shelved_alarms_are_held_and_counted() -> None:
    shelved = Shelved(Shelf(), "noisy")
    shelved.stand.give(event(1, "noisy"), event(2, "other"), event(3, "noisy", "cleared"))
    assert shelved.out() == [("other", "raised")]
    assert shelved.out("held") == [("noisy", "raised"), ("noisy", "cleared")]
    assert shelved.stand.step.counters.drops == {"shelved": 2}


def test_what_still_stands_is_told_when_it_comes_back() -> None:
    shelved = Shelved(Shelf(), "noisy", "short")
    shelved.stand.give(event(1, "noisy"), event(1, "short"), event(2, "short", "cleared"))
    shelved.names.clear()
    shelved.stand.run_to(5)
    assert shelved.out() == [("noisy", "raised")]


def test_one_told_before_clears_for_all() -> None:
    shelved = Shelved(Shelf())
    shelved.stand.give(event(1, "noisy"))
    shelved.names.add("noisy")
    shelved.stand.give(event(2, "noisy", "cleared"))
    assert shelved.out() == [("noisy", "raised"), ("noisy", "cleared")]


def test_one_told_before_and_raised_again_on_the_shelf_clears_for_all() -> None:
    shelved = Shelved(Shelf())
    shelved.stand.give(event(1, "noisy"))
    shelved.names.add("noisy")
    shelved.stand.give(event(2, "noisy"), event(3, "noisy", "cleared"))
    assert shelved.out() == [("noisy", "raised"), ("noisy", "cleared")]


def test_a_severity_may_pass_always() -> None:
    shelved = Shelved(Shelf(always=["trip"]), "noisy")
    shelved.stand.give(Event(1, "rack", "noisy", "raised", "trip"))
    assert shelved.out() == [("noisy", "raised")]
