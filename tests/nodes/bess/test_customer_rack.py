"""A rack with a database of its own: the same readings by its DBC and by its ARXML."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.example import drive
from flowrt.message import Frame, Signals, Value
from nodes.bess.battery import Battery
from nodes.can.database import load_database
from nodes.can.decode import Decode
from tests.support.arxml import write_arxml

PACK = Path(__file__).parents[3] / "nodes/bess"
DBC = PACK / "dbc/customer-rack.dbc"
FRAMES = [
    ("18FF00F3", "1E00417AC8FA3400"),
    ("18FF01F3", "0D110D05000C0107"),
    ("18FF02F3", "4B3C000100090000"),
    ("18FF03F3", "05DC0BB822602000"),
    ("18FF04F3", "0100004000000000"),
]


def told(database: Path) -> dict[str, Value]:
    sent = [Frame(0.0, "", int(id, 16), bytes.fromhex(data), extended=True) for id, data in FRAMES]
    decoded = [message for _, message in drive(Decode(database=database), sent).out]
    battery = Battery(profile=PACK / "profiles/customer-rack.json", name="rack")
    stand = drive(battery, decoded)
    assert stand.faults == []
    return {n: v for _, m in stand.out if isinstance(m, Signals) for n, v in m.values.items()}


def test_a_contactor_cells_and_alarms_of_a_rack_have_the_common_names() -> None:
    values = told(DBC)
    assert values.pop("PackCurrent") == pytest.approx(-76.2)
    assert values["PackVoltage"] == pytest.approx(768)
    assert (values["ContactorClosed"], values["Status"], values["SOC"]) == (1, 3, 80)
    assert values["CellVoltageMax"] == pytest.approx(3.345)
    assert values["CellOfVoltageMax"] == 12
    assert (values["CellTemperatureMax"], values["CellOfTemperatureMin"]) == (35, 9)
    raised = {name: value for name, value in values.items() if name.startswith("Alarm") and value}
    assert raised == {"AlarmCellImbalance": 1, "AlarmContactor": 2}


def test_an_arxml_of_the_rack_gives_the_same(tmp_path: Path) -> None:
    file = tmp_path / "customer-rack.arxml"
    write_arxml(load_database(DBC), file)
    by_arxml, by_dbc = told(file), told(DBC)
    assert by_arxml == pytest.approx(by_dbc)
    signals = load_database(file).get_message_by_name("RackSummary").signals
    assert {signal.unit for signal in signals} >= {"V", "A", "%"}
