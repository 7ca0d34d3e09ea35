"""When a reading is out of order, and when it is back."""

from __future__ import annotations

import math

import pytest

from nodes.logic.limit import Band, Equal, Limit

BELOW = Band(20.0, math.inf, 2.0)
ABOVE = Band(-math.inf, 58.4, 0.5)
OUTSIDE = Band(2.5, 3.65, 0.1)


@pytest.mark.parametrize(
    ("limit", "value", "calm", "clears"),
    [
        (BELOW, 19.9, False, False),
        (BELOW, 20, True, False),
        (BELOW, 22, True, True),
        (ABOVE, 58.5, False, False),
        (ABOVE, 584 * 0.1, True, False),
        (ABOVE, 579 * 0.1, True, True),
        (OUTSIDE, 2.4, False, False),
        (OUTSIDE, 2.6, True, True),
        (OUTSIDE, 3.66, False, False),
        (Equal("Fault"), "Fault", False, False),
        (Equal("Fault"), "Idle", True, True),
        (Equal(1), True, False, False),
    ],
)
def test_judgement(limit: Limit, value: float | str, calm: bool, clears: bool) -> None:
    assert (limit.calm(value), limit.clears(value)) == (calm, clears)


@pytest.mark.parametrize(
    ("limit", "words", "short"),
    [
        (BELOW, "below 20 V", "V < 20 V, clears at 22 V"),
        (ABOVE, "above 58.4 V", "V > 58.4 V, clears at 57.9 V"),
        (OUTSIDE, "outside 2.5 to 3.65 V", "V outside 2.5 to 3.65 V, clears at 2.6 to 3.55 V"),
        (Equal(3.0), "equal to 3 V", "V = 3 V"),
    ],
)
def test_words(limit: Limit, words: str, short: str) -> None:
    assert (limit.words("V"), limit.short("V", "V")) == (words, short)
