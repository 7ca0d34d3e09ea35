"""Settings as JSON Schema, and findings as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pytest

from flowrt.node import Duration, Hex, Resource, Secret, Transform, node, setting
from flowrt.schema import findings, settings_schema


@node("test/link")
class Link(Resource):
    """A link."""


@dataclass(kw_only=True)
class Row:
    """A row of a table."""

    name: str = setting("Its name.")
    address: Hex = setting("Where it is.", maximum=0xFFFF)


@node("test/many")
class Many(Transform):
    """Has a setting of every type."""

    text: str = setting("A text.")
    whole: int = setting("A number.", default=3, minimum=1, maximum=5, unit="A")
    part: float | None = setting("A number.", default=None, exclusiveMinimum=0)
    choice: Literal["low", "high"] = setting("One of two.", default="low")
    every: Duration = setting("How often.", default=1.0)
    names: list[str] = setting("Some names.", default=list, signal=True)
    rows: list[Row] = setting("A table.", default=list)
    link: Link | None = setting("A link.", default=None)
    key: Secret | None = setting("A secret.", default=None)
    either: int | str = setting("A number or a text.", default=0)


def sentences(**settings: Any) -> list[str]:
    found = findings(settings_schema(Many), {"text": "x", **settings}, "test/many")
    return [f"{finding.place}: {finding.sentence}" for finding in found]


def test_schema_of_some_fields() -> None:
    properties = settings_schema(Many)["properties"]
    assert properties["whole"] == {
        "type": "integer",
        "description": "A number.",
        "minimum": 1,
        "maximum": 5,
        "x-unit": "A",
        "default": 3,
    }
    assert properties["link"] == {
        "type": "string",
        "x-resource": "test/link",
        "description": "A link.",
    }
    assert properties["names"]["x-signal"] is True
    assert settings_schema(Many)["required"] == ["text"]


def test_sound_settings_have_no_findings() -> None:
    row = {"name": "SOC", "address": "0x10"}
    assert sentences(whole=5, part=0.5, every="5 min", rows=[row], key={"secret": "k"}) == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"whole": 9}, "whole: must be 5 A or less, not 9."),
        ({"whole": "9"}, 'whole: must be a whole number, not "9".'),
        ({"whole": True}, "whole: must be a whole number, not true."),
        ({"part": 0}, "part: must be more than 0, not 0."),
        (
            {"choice": "hihg"},
            'choice: must be one of "low", "high", not "hihg". Did you mean "high"?',
        ),
        (
            {"wohle": 1},
            'wohle: "wohle" is not a setting of test/many. Did you mean "whole"?',
        ),
        (
            {"rows": [{"name": "SOC"}]},
            'rows[0]: test/many needs "address": Where it is.',
        ),
        (
            {"every": "5 minuts"},
            'every: must be a duration such as "500 ms", "10 s" or "5 min", '
            'or a number of seconds, not "5 minuts".',
        ),
        ({"names": "SOC"}, 'names: must be a list, not "SOC".'),
    ],
)
def test_sentence(settings: dict[str, Any], sentence: str) -> None:
    assert sentences(**settings) == [sentence]


def test_a_secret_in_the_clear_is_refused_and_not_repeated() -> None:
    assert "hunter2" not in "".join(sentences(key="hunter2"))
    assert len(sentences(key="hunter2")) == 1


def test_all_findings_come_at_once() -> None:
    assert len(sentences(whole=0, part=-1, choice="x", zzz=1)) == 4
