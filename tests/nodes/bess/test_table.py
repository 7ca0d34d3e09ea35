"""The page of profiles names every profile, with its silence, keep-alive and quirks."""

from __future__ import annotations

from nodes.bess.table import page


def test_every_profile_has_a_row_and_its_quirks() -> None:
    lines = page().splitlines()
    row = next(line for line in lines if line.startswith("| `pylontech-lv` | Pylontech"))
    assert row.endswith("| 5 s | Limits, State, Measure | `305#0000000000000000` each 1 s |")
    assert "- PackCurrent: the sign is turned; 4953.5 is not available." in lines
    assert "- CellVoltageMax: times ten to the power of CellV_SF." in lines
    assert "- CellOfVoltageMax: module and cell, a byte each." in lines
    assert "- ContactorClosed: 1 means 0, 3 means 1." in lines


def test_what_a_profile_lacks_is_told() -> None:
    lines = page().splitlines()
    cells = next(line for line in lines if line.startswith("| `sungrow-sbr` | in part"))
    assert cells.split(" | ")[1:7] == ["in part", "yes", "yes", "yes", "yes", "no"]
