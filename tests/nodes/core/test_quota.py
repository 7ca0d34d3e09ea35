"""So many a second."""

from __future__ import annotations

from nodes.core.quota import Quota


def test_grants_so_many_in_each_second() -> None:
    quota = Quota(3)
    assert [quota.take(now, 2) for now in (0.0, 0.5, 0.9, 1.0, 1.1)] == [2, 1, 0, 2, 1]


def test_a_clock_set_back_does_not_withhold_anything() -> None:
    quota = Quota(1)
    assert [quota.take(now) for now in (1e9, 5.0, 5.5, 6.0)] == [1, 1, 0, 1]
