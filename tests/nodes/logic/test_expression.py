"""Expressions over signals."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.node import NodeFault
from nodes.logic.expression import Expression, ExpressionError, Missing, unknown_names

CELLS: dict[str, Any] = {"Cell1": 3.25, "Cell2": 3.5, "Cell3": None, "SOC": 50, "State": "Idle"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("SOC * 2 + 1", 101),
        ("Cell1 < Cell2 and SOC == 50", True),
        ("1 if State == 'Idle' else 0", 1),
        ('spread("Cell*")', 0.25),
        ('max("Cell*", 3.4)', 3.5),
        ('mean("Cell*")', 3.375),
        ('count("Cell*")', 2),
        ("clamp(SOC, 0, 20)", 20),
        ("sqrt(abs(-16))", 4.0),
        ("Cells.SOC + 1", 51),
        ('max("Cells.SOC", 7)', 50),
        ("id == 0x355", False),
    ],
)
def test_results(text: str, result: object) -> None:
    assert Expression(text)("Cells", {**CELLS, "id": 3}) == result


@pytest.mark.parametrize("text", ["Voltage", "Cell3", 'max("Pack*")', "rack2/State.SOC"])
def test_an_operand_that_is_not_there_is_missing(text: str) -> None:
    with pytest.raises(Missing):
        Expression(text)("Cells", CELLS)


def test_nan_is_missing() -> None:
    with pytest.raises(Missing):
        Expression("SOC")("State", {"SOC": float("nan")})


@pytest.mark.parametrize(
    "text", ["SOC / 0", "sqrt(-1)", "State * 1.5", "1e308 * 1e308", "9**9**9**9"]
)
def test_what_cannot_be_computed_says_so(text: str) -> None:
    with pytest.raises(NodeFault, match=r"cannot be computed|no reading"):
        Expression(text)("Cells", CELLS)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SOC *", "column"),
        ("", "cannot be read"),
        ("a = 1", "cannot be read"),
        ("open('x')", '"open" is no function. Known: min, max'),
        ("SOC.__class__.mro()", "is no function"),
        ("(1).real", "may only follow the name of a source"),
        ("SOC[0]", "subscript is not allowed"),
        ("lambda: 1", "lambda is not allowed"),
        ("[x for x in (1, 2)]", "is not allowed"),
        ("f'{SOC}'", "is not allowed"),
        ("max(1, key=abs)", "keyword is not allowed"),
        ("(x := 1)", "namedexpr is not allowed"),
        ("\0", "cannot be read"),
        ("-" * 5000 + "1", "5001 characters, 1000 at most"),
        ("-" * 900 + "1", "deeply"),
        ("+".join("a" * 200), "parts, 300 at most"),
    ],
)
def test_what_may_not_be_written_is_refused(text: str, word: str) -> None:
    with pytest.raises(ExpressionError, match=word.replace("(", r"\(")):
        Expression(text)


def test_a_name_with_underscores_reaches_nothing() -> None:
    with pytest.raises(Missing):
        Expression("__import__ + SOC.__class__")("State", {"SOC": 1})


def test_an_expression_concerns_messages_with_an_operand() -> None:
    power = Expression('PackVoltage * State.SOC + max("Cell*")')
    assert power.concerns("Measure", {"PackVoltage"})
    assert power.concerns("State", {"SOC"})
    assert power.concerns("Cells", {"Cell9"})
    assert not power.concerns("Name", {"SOC", "Manufacturer"})
    assert Expression("1 + 1").concerns("Name", {"Manufacturer"})


def test_unknown_names_are_told_with_what_is_near() -> None:
    incoming = Catalogue([SignalInfo("PackVoltage", "Measure")])
    found = list(unknown_names(Expression("PackVoltag * 2 + Power"), incoming, ["Power"]))
    assert found == [
        '"PackVoltag * 2 + Power": no signal "PackVoltag" reaches this node. '
        "Did you mean PackVoltage?"
    ]
    assert list(unknown_names(Expression("X"), Catalogue(open=True))) == []
