"""Choose signals."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.select import Select

CELLS = Signals(0.0, "rack1/Cells", {"Cell1": 3.3, "Cell2": 3.4, "SOC": 50})


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"keep": ["Cell*"]}, ["Cell1", "Cell2"]),
        ({"drop": ["Cell*"]}, ["SOC"]),
        ({"keep": ["Cell*"], "drop": ["Cell1"]}, ["Cell2"]),
        ({"keep": ["rack2/*.*"]}, []),
        ({"sources": ["rack1/*"]}, ["Cell1", "Cell2", "SOC"]),
        ({"sources": ["rack2/*"]}, []),
    ],
)
def test_what_is_chosen_leaves(settings: dict[str, Any], names: list[str]) -> None:
    out = drive(Select(**settings), [CELLS]).out
    assert [name for _, m in out if isinstance(m, Signals) for name in m.values] == names


def test_a_message_chosen_as_a_whole_is_not_copied() -> None:
    stand = Stand(Select(keep=["*"]))
    assert stand.step.node.on_message(CELLS) is CELLS  # type: ignore[attr-defined]


def test_an_empty_message_is_dropped() -> None:
    assert drive(Select(keep=["*"]), [Signals(0.0, "Name", {})]).out == []


def test_catalogue_has_the_chosen_signals_only() -> None:
    soc, cell = SignalInfo("SOC", "State"), SignalInfo("Cell1", "Cells")
    assert list(Select(keep=["SOC"]).catalogue(Catalogue([soc, cell]))) == [soc]


def test_choosing_nothing_is_a_problem() -> None:
    assert [place for place, _ in Select().problems()] == [""]
    assert list(Select(drop=["SOC"]).problems()) == []


def test_summary_says_what_passes() -> None:
    node = Select(keep=["SOC", "Cell*"], drop=["Cell2"], sources=["rack1/*"])
    assert node.summary() == "SOC, Cell* without Cell2 of rack1/*"
