"""Numbers, units and durations as an operator reads them."""

from __future__ import annotations

import pytest

from nodes.logic.quantity import duration, number, quantity


@pytest.mark.parametrize(
    ("value", "text"),
    [(579 * 0.1, "57.9"), (19, "19"), (19.0, "19"), (True, "true"), ("Idle", "Idle")],
)
def test_numbers_are_free_of_the_noise_of_scaling(value: object, text: str) -> None:
    assert number(value) == text


def test_a_quantity_without_unit_is_a_number() -> None:
    assert (quantity(20.0, "%"), quantity(20.0, "")) == ("20 %", "20")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.2, "200 ms"), (60, "60 s"), (90, "90 s"), (300, "5 min"), (7200, "2 h")],
)
def test_durations_read_as_in_a_flow(seconds: float, text: str) -> None:
    assert duration(seconds) == text
