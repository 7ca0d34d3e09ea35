"""Finding signals by name, qualified name and pattern."""

from __future__ import annotations

from flowrt.catalogue import Catalogue, SignalInfo, split_signal

RACKS = Catalogue(
    SignalInfo(name, source, unit)
    for source in ("rack1/State", "rack2/State")
    for name, unit in (("SOC", "%"), ("SOH", "%"))
)


def test_a_plain_name_may_mean_several() -> None:
    assert [s.qualified for s in RACKS.find("SOC")] == ["rack1/State.SOC", "rack2/State.SOC"]


def test_a_qualified_name_means_one() -> None:
    assert [s.source for s in RACKS.find("rack2/State.SOC")] == ["rack2/State"]


def test_a_pattern_may_be_in_both_parts() -> None:
    assert [s.qualified for s in RACKS.find("rack1/*.SO*")] == [
        "rack1/State.SOC",
        "rack1/State.SOH",
    ]


def test_names_are_qualified_only_where_needed() -> None:
    both = RACKS | Catalogue([SignalInfo("PackVoltage", "Measure", "V")])
    assert "PackVoltage" in both.names()
    assert "Measure.PackVoltage" not in both.names()
    assert "rack1/State.SOC" in both.names()


def test_open_is_catching() -> None:
    assert (RACKS | Catalogue(open=True)).open
    assert not (RACKS | Catalogue()).open


def test_split_takes_the_last_dot() -> None:
    assert split_signal("rack2/State.SOC") == ("rack2/State", "SOC")
    assert split_signal("SOC") == (None, "SOC")
