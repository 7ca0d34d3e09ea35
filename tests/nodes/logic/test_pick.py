"""Which signals a list of names and patterns means."""

from __future__ import annotations

import pytest

from flowrt.catalogue import Catalogue, SignalInfo
from nodes.logic.pick import MOST_SERIES, Heard, Pick, picked


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ([], True),
        (["SOC"], True),
        (["rack2/State.SOC"], True),
        (["rack1/State.SOC"], False),
        (["State.SOC"], False),
        (["rack2/*.S*"], True),
        (["soc"], False),
        (["Cell*", "SOC"], True),
    ],
)
def test_names_and_patterns(names: list[str], meant: bool) -> None:
    assert Pick(names)("rack2/State", "SOC") is meant


def test_heard_tells_by_source() -> None:
    heard = Heard("rack2/*.SOC")
    assert [heard[source] for source in ("rack2/State", "rack1/State", "rack2/State")] == [
        True,
        False,
        True,
    ]


def test_what_is_remembered_is_bounded() -> None:
    pick = Pick(["SOC"])
    for index in range(MOST_SERIES + 10):
        pick("x", str(index))
    assert len(pick._known) <= MOST_SERIES
    assert pick("x", "SOC")


def test_picked_gives_each_signal_once() -> None:
    soc, soh = SignalInfo("SOC", "State"), SignalInfo("SOH", "State")
    assert picked(Catalogue([soc, soh]), ["SOC", "State.S*C", "SOC"]) == [soc]
