"""Frames that were published with their values come out with these values by our databases."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from flowrt.example import drive
from flowrt.message import Frame, Signals
from nodes.can.decode import Decode
from tests.support.can import BYD, PYLONTECH, SHARED, needs_shared

DATABASE = {"byd_lvs_venus": BYD, "pylontech_lv_4mod": PYLONTECH, "rec_q_bms": BYD}
SIGNAL = {
    "charge_voltage_limit": "ChargeVoltageLimit",
    "charge_current_limit": "ChargeCurrentLimit",
    "discharge_current_limit": "DischargeCurrentLimit",
    "discharge_voltage_limit": "DischargeVoltageLimit",
    "soc": "SOC",
    "soh": "SOH",
    "soc_hires": "SOC_hires",
    "voltage": "PackVoltage",
    "current": "PackCurrent",
    "temperature": "PackTemperature",
    "capacity_available": "CapacityAvailable",
    "capacity": "CapacityAvailable",
    "capacity_installed": "CapacityInstalled",
    "modules_online": "ModulesOnline",
    "module_count": "ModuleCount",
    "cell_v_min": "CellVoltageMin",
    "cell_v_max": "CellVoltageMax",
    "temp_min": "CellTemperatureMin",
    "temp_max": "CellTemperatureMax",
    "energy_charged": "EnergyCharged",
    "energy_discharged": "EnergyDischarged",
    "manufacturer": "Manufacturer",
    "charge_enable": "ChargeEnable",
    "discharge_enable": "DischargeEnable",
}


def rows(name: str) -> list[dict[str, str]]:
    file = SHARED / "captures" / name
    if not file.exists():
        return []
    with file.open(newline="") as handle:
        return list(csv.DictReader(handle))


FRAMES = {
    (row["capture"], row["can_id_hex"]): row["data_hex"] for row in rows("published_frames.csv")
}
VALUES = rows("published_values.csv")


def decoded(database: Path, id: str, data: str) -> Signals:
    frame = Frame(0.0, "can0", int(id, 16), bytes.fromhex(data))
    stand = drive(Decode(database=database), [frame])
    (_, message) = stand.out[0]
    assert isinstance(message, Signals), f"{id} was not decoded"
    return message


def raised(message: Signals) -> int:
    """How many alarms a message raises: pairs of bits of the SMA family, else single bits."""
    flags = [v for n, v in message.values.items() if n.startswith(("A_", "W_", "P_"))]
    return sum(value == 1 for value in flags)


@needs_shared
@pytest.mark.parametrize(
    "row", VALUES, ids=[f"{row['capture']} {row['can_id_hex']} {row['field']}" for row in VALUES]
)
def test_published_value(row: dict[str, str]) -> None:
    capture, id, field = row["capture"], row["can_id_hex"], row["field"]
    message = decoded(DATABASE[capture], id, FRAMES[capture, id])
    if field == "alarms_raised":
        assert raised(message) == int(row["value"])
        return
    got: Any = message.values[SIGNAL[field]]
    assert got == (row["value"] if field == "manufacturer" else pytest.approx(float(row["value"])))


@needs_shared
@pytest.mark.parametrize(
    ("capture", "id"), list(FRAMES), ids=[f"{capture} {id}" for capture, id in FRAMES]
)
def test_every_published_frame_is_decoded(capture: str, id: str) -> None:
    decoded(DATABASE[capture], id, FRAMES[capture, id])


@needs_shared
def test_the_raised_alarms_of_the_rec_battery_are_seen() -> None:
    message = decoded(BYD, "35A", FRAMES["rec_q_bms", "35A"])
    states = {n: v for n, v in message.values.items() if n.startswith(("A_", "W_"))}
    assert set(states.values()) <= {0, 1, 2}
    assert states["A_HighVoltage"] == 2


def test_a_text_signal_gives_text() -> None:
    assert decoded(PYLONTECH, "35E", "50594C4F4E202020").values == {"Manufacturer": "PYLON"}
    assert decoded(BYD, "35E", "4259440000000000").values == {"Manufacturer": "BYD"}


def test_a_short_frame_gives_what_is_there() -> None:
    assert decoded(PYLONTECH, "355", "5A006400").values == {"SOC": 90, "SOH": 100}
    assert set(decoded(PYLONTECH, "351", "1402B0044006").values) == {
        "ChargeVoltageLimit",
        "ChargeCurrentLimit",
        "DischargeCurrentLimit",
    }
