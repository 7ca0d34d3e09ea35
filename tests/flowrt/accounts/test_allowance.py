"""An allowance lets so many through in a while."""

from __future__ import annotations

from flowrt.accounts.allowance import Allowance


def test_those_that_are_too_many_are_counted_and_told_with_the_next() -> None:
    time = 0.0
    allowance = Allowance(2, 60, lambda: time)
    assert [allowance.take() for _ in range(5)] == [0, 0, None, None, None]
    time = 60.0
    assert [allowance.take() for _ in range(3)] == [3, 0, None]
