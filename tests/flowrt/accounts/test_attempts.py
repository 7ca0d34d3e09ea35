"""Guessing passwords gets slower and slower."""

from __future__ import annotations

import pytest

from flowrt.accounts import attempts
from flowrt.accounts.attempts import Attempts


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_pauses_begin_after_five_and_double_up_to_the_longest() -> None:
    clock = Clock()
    tries = Attempts(longest=10, now=clock)
    pauses = []
    for _ in range(11):
        tries.fail("ana")
        pauses.append(tries.pause("ana"))
    assert pauses == [0, 0, 0, 0, 1, 2, 4, 8, 10, 10, 10]
    assert tries.pause("bob") == 0


def test_a_pause_goes_by() -> None:
    clock = Clock()
    tries = Attempts(longest=60, now=clock)
    for _ in range(7):
        tries.fail("ana")
    clock.now += 1.5
    assert tries.pause("ana") == 2.5
    clock.now += 2.5
    assert tries.pause("ana") == 0


def test_an_hour_or_the_right_password_forgives() -> None:
    clock = Clock()
    tries = Attempts(longest=60, now=clock)
    for key in ("ana", "bob"):
        for _ in range(9):
            tries.fail(key)
    tries.succeed("ana")
    assert tries.pause("ana") == 0
    clock.now += 3600
    tries.fail("bob")
    assert tries.pause("bob") == 0


def test_names_that_are_made_up_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "_MOST", 50)
    tries = Attempts(longest=60)
    for number in range(500):
        tries.fail(str(number))
    assert list(tries._failed) == [str(number) for number in range(450, 500)]
