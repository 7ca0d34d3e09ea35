"""Texts with fields, filled in without reaching into anything."""

from __future__ import annotations

import pytest

from nodes.logic.wording import fill, wording_problem


def test_fields_are_filled_in_plain_or_with_a_format() -> None:
    values = {"value": 579 * 0.1, "unit": "V"}
    assert fill("{value} {unit}, {value:.2f}, {{x}}", values) == "57.9 V, 57.90, {x}"


@pytest.mark.parametrize("template", ["{value.real}", "{value[0]}", "{0}", "{}", "{valeu}"])
def test_only_known_words_are_fields(template: str) -> None:
    sentence = wording_problem(template, ("value", "unit"))
    assert sentence is not None
    assert sentence.endswith("is not a field. Known: unit, value.")


def test_a_sound_template_has_no_problem() -> None:
    assert wording_problem("{value:.1f} {unit} {{}}", ("value", "unit")) is None
