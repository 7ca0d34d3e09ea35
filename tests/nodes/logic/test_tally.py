"""What is kept of many readings."""

from __future__ import annotations

import math
import statistics

import pytest

from nodes.logic.tally import FUNCTIONS, Tally, merged, tally

NEAR = [52.0 + 1e9 + step * 1e-3 for step in range(600)]


def made(values: list[float]) -> Tally:
    found = tally(values, [float(at) for at in range(len(values))], spread=True)
    assert found is not None
    return found


def test_functions_agree_with_the_statistics_library() -> None:
    values = [3.31, 3.29, 3.35, 3.30]
    given = {name: function(made(values)) for name, function in FUNCTIONS.items()}
    assert given == {
        "min": 3.29,
        "max": 3.35,
        "mean": statistics.fmean(values),
        "sum": math.fsum(values),
        "count": 4,
        "last": 3.30,
        "first": 3.31,
        "std": pytest.approx(statistics.pstdev(values)),
        "rate": (3.30 - 3.31) / 3.0,
    }


def test_merged_parts_give_the_spread_of_the_whole_for_near_values() -> None:
    parts = [made(NEAR[:200]), made(NEAR[200:201]), made(NEAR[201:])]
    assert FUNCTIONS["std"](merged(parts)) == pytest.approx(statistics.pstdev(NEAR), rel=1e-6)


def test_readings_that_are_no_finite_numbers_are_left_out_with_their_times() -> None:
    found = tally([None, 1.0, "x", math.nan, math.inf, 2.0], [0, 1, 2, 3, 4, 5], spread=False)
    assert found == Tally(2, 1.0, 2.0, 3.0, 0.0, 1.0, 2.0, 1, 5)


def test_no_number_makes_no_tally() -> None:
    assert tally([None, math.nan], [], spread=True) is None


def test_rate_needs_two_moments() -> None:
    assert FUNCTIONS["rate"](made([5.0])) is None
