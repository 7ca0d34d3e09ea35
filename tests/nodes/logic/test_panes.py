"""A window of one source, cut into panes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest

from nodes.logic.panes import Panes, boundary, pane_of


def folded(panes: Panes, values: list[Any]) -> int:
    panes.buffers["V"] = list(values)
    return panes.fold(spread=False)


@pytest.mark.parametrize("length", [0.1, 0.3, 1.0, 7.0, 60.0])
def test_every_moment_falls_into_its_pane(length: float) -> None:
    for step in range(200):
        time = 1.7e9 + step * 0.1
        index = pane_of(time, length)
        assert boundary(index, length) <= time < boundary(index + 1, length)


def test_boundaries_are_free_of_the_noise_of_floats() -> None:
    assert [boundary(index, 0.1) for index in range(4)] == [0.0, 0.1, 0.2, 0.3]
    assert pane_of(0.3, 0.1) == 3


def test_fold_counts_what_is_no_number_and_empties_the_buffer() -> None:
    panes = Panes(0, 0.0, 1.0)
    assert folded(panes, [1.0, None, 2.0]) == 1
    assert panes.buffers == {"V": []}
    assert panes.tallies["V"].count == 2


def test_a_window_is_its_last_panes() -> None:
    panes = Panes(0, 0.0, 1.0)
    maxima = []
    for index, value in enumerate((5.0, 3.0, 1.0)):
        folded(panes, [value])
        maxima.append(panes.close(2)["V"].maximum)
        panes.open(index + 1, index + 1.0, index + 2.0)
    assert maxima == [5.0, 5.0, 3.0]


def test_a_signal_that_is_not_wanted_stays_known_as_such() -> None:
    panes = Panes(0, 0.0, 1.0, buffers={"V": [1.0], "A": None})
    panes.open(1, 1.0, 2.0)
    assert panes.buffers == {"A": None}


def test_panes_come_back_from_json_as_they_were() -> None:
    panes = Panes(0, 0.0, 1.0)
    folded(panes, [1.0])
    panes.close(3)
    panes.open(1, 1.0, 2.0)
    folded(panes, [2.0])
    panes.buffers["V"] = [3.0]
    assert Panes.of(json.loads(json.dumps(asdict(panes)))) == panes
