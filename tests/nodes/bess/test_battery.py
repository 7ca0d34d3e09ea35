"""Whatever the make, the published frames give the published values under the same names."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from flowrt.catalogue import Catalogue
from flowrt.example import Stand, drive
from flowrt.message import Event, Frame, Signals, Value
from flowrt.registry import data_file
from nodes.bess.battery import Battery
from nodes.bess.profile import load_profile
from nodes.can.database import load_database
from nodes.can.decode import Decode
from nodes.can.logs import read
from tests.support.can import SHARED, needs_shared

PROFILES = sorted((Path(__file__).parents[3] / "nodes/bess/profiles").glob("*.json"))
MAKE = {"byd_lvs_venus": "byd-lvs", "pylontech_lv_4mod": "pylontech-lv", "rec_q_bms": "rec"}
READING = {
    "charge_voltage_limit": "ChargeVoltageLimit",
    "charge_current_limit": "ChargeCurrentLimit",
    "discharge_current_limit": "DischargeCurrentLimit",
    "discharge_voltage_limit": "DischargeVoltageLimit",
    "soc": "SOC",
    "soc_hires": "SOC",
    "soh": "SOH",
    "voltage": "PackVoltage",
    "current": "PackCurrent",
    "temperature": "PackTemperature",
    "capacity_available": "CapacityAvailable",
    "capacity": "CapacityAvailable",
    "capacity_installed": "CapacityInstalled",
    "modules_online": "ModulesOnline",
    "module_count": "ModulesOnline",
    "cell_v_min": "CellVoltageMin",
    "cell_v_max": "CellVoltageMax",
    "temp_min": "CellTemperatureMin",
    "temp_max": "CellTemperatureMax",
    "energy_charged": "EnergyCharged",
    "energy_discharged": "EnergyDischarged",
    "manufacturer": "Manufacturer",
    "charge_enable": "ChargeAllowed",
    "discharge_enable": "DischargeAllowed",
}


def profile(make: str) -> Path:
    found = data_file(Path("profiles") / f"{make}.json")
    assert found is not None
    return found


def told(make: str, frames: list[tuple[str, str]], dialect: str = "") -> dict[str, Value]:
    """All that a battery tells by these frames of one moment, an id of 8 digits being a 29-bit."""
    file = profile(make)
    database = load_profile(file).spoken(dialect).database
    assert database is not None
    path = data_file(Path(database))
    assert path is not None
    sent = [
        Frame(0.0, "can0", int(id, 16), bytes.fromhex(data), extended=len(id) == 8)
        for id, data in frames
    ]
    decoded = [message for _, message in drive(Decode(database=path), sent).out]
    stand = drive(Battery(profile=file, dialect=dialect, name="b"), decoded)
    assert stand.faults == []
    return {n: v for _, m in stand.out if isinstance(m, Signals) for n, v in m.values.items()}


def rows(name: str) -> list[dict[str, str]]:
    file = SHARED / "captures" / name
    return list(csv.DictReader(file.read_text().splitlines())) if file.exists() else []


VALUES = rows("published_values.csv")


def capture(name: str) -> dict[str, Value]:
    frames = [r for r in rows("published_frames.csv") if r["capture"] == name]
    return told(MAKE[name], [(r["can_id_hex"], r["data_hex"]) for r in frames])


@needs_shared
@pytest.mark.parametrize("row", VALUES, ids=[f"{r['capture']} {r['field']}" for r in VALUES])
def test_a_published_value_comes_out_under_the_common_name(row: dict[str, str]) -> None:
    values = capture(row["capture"])
    if row["field"] == "alarms_raised":
        levels = [v for n, v in values.items() if n.startswith("Alarm")]
        assert levels
        assert set(levels) <= {0, None}
    elif row["field"] == "manufacturer":
        assert values["Manufacturer"] == row["value"]
    else:
        kelvin = 273 if row["unit"] == "K" else 0
        expected = pytest.approx(float(row["value"]) - kelvin)
        assert values[READING[row["field"]]] == expected


@needs_shared
def test_power_is_positive_while_charging() -> None:
    assert capture("byd_lvs_venus")["PackPower"] == pytest.approx(53.1 * -0.7)


@needs_shared
def test_pairs_of_bits_that_say_not_supported_are_none() -> None:
    values = capture("rec_q_bms")  # A8A08200..: general 00, high voltage 10, byte 1 10 10 00 00
    assert (values["AlarmGeneral"], values["AlarmHighVoltage"]) == (None, 0)


def test_the_high_voltage_battery_of_the_worked_example() -> None:
    values = told(
        "pylontech-hv", [("00004210", "A50930759D042E64"), ("00004220", "8C0AE9074A794A79")]
    )
    assert values == {
        "PackVoltage": pytest.approx(246.9),
        "PackCurrent": pytest.approx(0.0),
        "PackPower": pytest.approx(0.0),
        "PackTemperature": pytest.approx(18.1),
        "SOC": 46,
        "SOH": 100,
        "ChargeVoltageLimit": pytest.approx(270.0),
        "DischargeVoltageLimit": pytest.approx(202.5),
        "ChargeCurrentLimit": pytest.approx(105.0),
        "DischargeCurrentLimit": pytest.approx(105.0),
        "Online": 1,
    }


def test_a_negative_discharge_limit_counts_by_its_size() -> None:
    # 30000 - 1050 = 28950 = 0x7116
    values = told("pylontech-hv", [("00004220", "8C0AE9074A791671")])
    assert values["DischargeCurrentLimit"] == pytest.approx(105.0)


def test_high_voltage_cells_alarms_and_what_is_forbidden() -> None:
    frames = [
        ("00004230", "480D420D03000B00"),
        ("00004250", "0B64000202000800"),
        ("00004280", "AA00000000000000"),
        ("00007330", "50594C4F4E000000"),
    ]
    values = told("pylontech-hv", frames)
    assert values["CellVoltageMax"] == pytest.approx(3.4)
    assert values["CellVoltageMin"] == pytest.approx(3.394)
    assert (values["CellOfVoltageMax"], values["CellOfVoltageMin"]) == (3, 11)
    assert (values["Status"], values["ForceCharge"], values["Cycles"]) == (3, 1, 100)
    assert (values["AlarmHighVoltage"], values["AlarmInternal"]) == (2, 2)
    assert (values["FullChargeRequest"], values["Manufacturer"]) == (0, "PYLON")
    assert (values["ChargeAllowed"], values["DischargeAllowed"]) == (0, 1)


@pytest.mark.parametrize(
    ("dialect", "frame", "expected"),
    [
        ("", ("356", "8413F1FF3700"), {"PackVoltage": 49.96, "PackCurrent": -1.5}),
        ("volts-0.1", ("356", "F401F1FF3700"), {"PackVoltage": 50.0}),
        ("deye-current", ("356", "8413F1FF3700"), {"PackCurrent": 1.5}),
        ("yambms", ("359", "0080000004504E"), {"AlarmChargeCurrent": 2, "AlarmInternal": 0}),
        ("battery-emulator", ("359", "0080000004504E"), {"AlarmInternal": 2}),
        ("jk", ("359", "0000008004504E"), {"AlarmInternal": 1}),
        ("hybrid", ("359", "0010000004504E"), {"AlarmCellImbalance": 2}),
        ("", ("359", "0080000004504E"), {"AlarmChargeCurrent": 0, "AlarmInternal": 0}),
        (
            "luxpower",
            ("355", "5A006400110D050D"),
            {"CellVoltageMax": 3.345, "CellVoltageMin": 3.333},
        ),
        (
            "luxpower",
            ("356", "0014F1FF2C01F500"),
            {"PackVoltage": 512.0, "CellTemperatureMin": 24.5},
        ),
        ("luxpower", ("35C", "C0004101"), {"ChargeAllowed": 1, "Cycles": 321}),
        ("sofar", ("355", "5A00640010279600"), {"SOC": 90, "CapacityAvailable": 150}),
        ("sofar", ("356", "8413F1FF37004101"), {"PackTemperature": 5.5, "Cycles": 321}),
        ("sol-ark", ("379", "C800000000000000"), {"CapacityInstalled": 200}),
        (
            "v2.0.6",
            ("370", "2C01F500110D050D"),
            {"CellTemperatureMax": 30, "CellVoltageMin": 3.333},
        ),
        (
            "v2.0.6",
            ("371", "0300090001000C00"),
            {"CellOfTemperatureMin": 9, "CellOfVoltageMin": 12},
        ),
        ("v2.0.6", ("35F", "0000000096000000"), {"CapacityAvailable": 150}),
    ],
)
def test_a_dialect_reads_the_same_frame_its_way(
    dialect: str, frame: tuple[str, str], expected: dict[str, float]
) -> None:
    values = told("pylontech-lv", [frame], dialect)
    assert {name: values[name] for name in expected} == pytest.approx(expected)


def test_a_high_voltage_byd_battery_as_most_inverters_hear_it() -> None:
    frames = [
        ("110", "10680CE400FA00C8"),
        ("150", "206C26AC00D20100"),
        ("1D0", "0F96FF9C00EB0308"),
        ("210", "00FFFFF600000000"),
        ("250", "0316006600F00209"),
        ("2D0", "0042594400000000"),
    ]
    assert told("byd-hv", frames) == {
        "ChargeVoltageLimit": pytest.approx(420.0),
        "DischargeVoltageLimit": pytest.approx(330.0),
        "DischargeCurrentLimit": pytest.approx(25.0),
        "ChargeCurrentLimit": pytest.approx(20.0),
        "SOC": pytest.approx(83.0),
        "SOH": pytest.approx(99.0),
        "CapacityAvailable": pytest.approx(21.0),
        "CapacityInstalled": pytest.approx(25.6),
        "PackVoltage": pytest.approx(399.0),
        "PackCurrent": pytest.approx(-10.0),
        "PackPower": pytest.approx(-3990.0),
        "PackTemperature": pytest.approx(23.5),
        "CellTemperatureMax": pytest.approx(25.5),
        "CellTemperatureMin": pytest.approx(-1.0),
        "EnergyInstalled": pytest.approx(24.0),
        "Manufacturer": "BYD",
        "Online": 1,
    }


def test_a_high_voltage_byd_battery_as_sma_hears_it() -> None:
    frames = [("4D8", "0F96FF9C00EB0300"), ("158", "A69A00AAAAAA6AAA"), ("3D8", "206C26AC00D20000")]
    values = told("byd-hv-sma", frames)
    assert values["PackPower"] == pytest.approx(-3990.0)
    assert values["SOC"] == pytest.approx(83.0)
    raised = {name: value for name, value in values.items() if name.startswith("Alarm") and value}
    # faults: cell over-voltage, low temperature in byte 1; warning: internal in byte 6
    assert raised == {"AlarmHighVoltage": 2, "AlarmLowTemperature": 2, "AlarmInternal": 1}
    assert values["AlarmShortCircuit"] == 0


def test_a_sungrow_battery_as_its_inverter_hears_it() -> None:
    frames = [
        ("701", "680CE40AC8002C01"),
        ("702", "6C20AC26E8034824"),
        ("703", "E0930400400D0300"),
        ("704", "96099CFF9809EB00"),
        ("705", "0200000000000000"),
        ("706", "FF00F6FF110D050D"),
        ("707", "0000000180250300"),
        ("713", "0201F6FF0103FF00"),
        ("714", "060200001403AA82"),
    ]
    assert told("sungrow-sbr-can", frames) == {
        "ChargeVoltageLimit": pytest.approx(317.6),
        "DischargeVoltageLimit": pytest.approx(278.8),
        "ChargeCurrentLimit": pytest.approx(20.0),
        "DischargeCurrentLimit": pytest.approx(30.0),
        "SOC": pytest.approx(83.0),
        "SOH": pytest.approx(99.0),
        "EnergyAvailable": pytest.approx(1.0),
        "EnergyCharged": pytest.approx(300.0),
        "EnergyDischarged": pytest.approx(200.0),
        "PackVoltage": pytest.approx(245.4),
        "PackCurrent": pytest.approx(-10.0),
        "PackPower": pytest.approx(-2454.0),
        "PackTemperature": pytest.approx(23.5),
        "Status": 2,
        "CellTemperatureMax": pytest.approx(25.5),
        "CellTemperatureMin": pytest.approx(-1.0),
        "CellVoltageMax": pytest.approx(3.345),
        "CellVoltageMin": pytest.approx(3.333),
        "EnergyInstalled": pytest.approx(9.6),
        "ModulesOnline": 3,
        "CellOfTemperatureMin": "1.2",
        "CellOfTemperatureMax": "3.1",
        "CellOfVoltageMax": "2.6",
        "CellOfVoltageMin": "3.20",
        "Online": 1,
    }


def test_a_growatt_battery() -> None:
    frames = [
        ("311", "023A01F403E80C03"),
        ("312", "000000000200AA20"),
        ("313", "14A0FFCE00FF5263"),
        ("314", "27104E20000C0141"),
        ("319", "C00D110D05070C00"),
        ("320", "4245010100000000"),
    ]
    assert told("growatt-lv", frames) == {
        "ChargeVoltageLimit": pytest.approx(57.0),
        "ChargeCurrentLimit": pytest.approx(50.0),
        "DischargeCurrentLimit": pytest.approx(100.0),
        "Status": 3,
        "ModulesOnline": 2,
        "PackVoltage": pytest.approx(52.8),
        "PackCurrent": pytest.approx(-5.0),
        "PackPower": pytest.approx(-264.0),
        "CellTemperatureMax": pytest.approx(25.5),
        "SOC": 82,
        "SOH": 99,
        "AlarmGeneral": 0,
        "CapacityAvailable": pytest.approx(100.0),
        "CapacityInstalled": pytest.approx(200.0),
        "Cycles": 321,
        "ChargeAllowed": 1,
        "DischargeAllowed": 1,
        "ForceCharge": 0,
        "CellVoltageMax": pytest.approx(3.345),
        "CellVoltageMin": pytest.approx(3.333),
        "CellOfVoltageMax": 7,
        "CellOfVoltageMin": 12,
        "Manufacturer": "BE",
        "Online": 1,
    }


@needs_shared
def test_foxbms_as_its_own_log_and_database_have_it() -> None:
    frames = [
        (f"{frame.id:X}", frame.data.hex()) for frame in read(SHARED / "foxbms" / "can-log.trc")
    ]
    values = told("foxbms", frames)
    assert (values["Status"], values["ContactorClosed"], values["ModulesOnline"]) == (10, 0, 0)
    assert (values["AlarmGeneral"], values["AlarmInternal"], values["AlarmInsulation"]) == (2, 2, 0)
    assert (values["ChargeVoltageLimit"], values["DischargeVoltageLimit"]) == (88, 48)
    assert (values["ChargeCurrentLimit"], values["ChargePowerLimit"]) == (0, 0)


@needs_shared
def test_our_layout_of_foxbms_is_theirs() -> None:
    file = data_file(Path("dbc/foxbms-pack.dbc"))
    assert file is not None
    ours, theirs = load_database(file), load_database(SHARED / "foxbms" / "foxbms.dbc")
    numbers = random.Random(1)
    for message in ours.messages:
        for _ in range(50):
            data = bytearray(numbers.randbytes(8))
            if message.is_multiplexed():
                data[0] &= 0xF0
            expected = theirs.decode_message(message.name, bytes(data), decode_choices=False)
            found = ours.decode_message(message.name, bytes(data), decode_choices=False)
            assert isinstance(found, dict)
            assert isinstance(expected, dict)
            assert found.items() <= expected.items()


def test_foxbms_counts_current_as_every_battery_does_and_places_its_cells() -> None:
    decoded = [
        Signals(0.0, "f_PackValuesP0", {"BatteryVoltage": 400.0, "Current": 12.5, "Power": 5.0}),
        Signals(
            0.0,
            "f_PackMinMaxCellVoltage",
            {
                "MaximumCellVoltage": 3345,
                "MaximumCellVoltageCellIndex": 3,
                "MaximumCellVoltageModuleIndex": 2,
                "MaximumCellVoltageStringIndex": 1,
            },
        ),
    ]
    stand = drive(Battery(profile=profile("foxbms"), name="b"), decoded)
    values = {n: v for _, m in stand.out if isinstance(m, Signals) for n, v in m.values.items()}
    assert (values["PackCurrent"], values["PackPower"]) == (-12.5, -5000)
    assert (values["CellVoltageMax"], values["CellOfVoltageMax"]) == (3.345, "1.2.3")


def test_no_value_of_the_sma_family_is_none() -> None:
    values = told("sma", [("351", "480200800080FFFF"), ("356", "0080008000800000")])
    assert values == {
        "ChargeVoltageLimit": pytest.approx(58.4),
        "ChargeCurrentLimit": None,
        "DischargeCurrentLimit": None,
        "DischargeVoltageLimit": None,
        "PackVoltage": None,
        "PackCurrent": None,
        "PackTemperature": None,
        "PackPower": None,
        "Online": 1,
    }


# --- silence

CORE = ("Limits", "State", "Measure")


def heard(time: float, *names: str) -> list[Signals]:
    return [Signals(time, name, {"SOC": 50}) for name in names]


def events(stand: Stand) -> list[tuple[float, str]]:
    return [(m.time, m.text) for _, m in stand.out if isinstance(m, Event)]


def stand_of(**settings: object) -> Stand:
    node = Battery(profile=profile("pylontech-lv"), name="rack1", **settings)  # type: ignore[arg-type]
    return Stand(node)


def test_one_missing_core_message_loses_the_battery_and_is_named() -> None:
    stand = stand_of()
    for second in range(8):
        stand.give(*heard(second, "State", "Measure", *(["Limits"] if second < 2 else [])))
    assert events(stand) == [(6.0, "rack1 is lost: no Limits for 5 s")]


def test_it_is_back_only_when_every_core_message_is() -> None:
    stand = stand_of()
    stand.give(*heard(0, *CORE), *heard(10, "State"), *heard(11, "Limits"), *heard(12, "Measure"))
    assert [time for time, _ in events(stand)] == [5.0, 12.0]
    assert events(stand)[1][1] == "rack1 is back"


def test_a_battery_that_never_spoke_is_lost_as_well() -> None:
    stand = stand_of()
    stand.give(*heard(0, "State"))
    stand.run_to(6)
    assert events(stand) == [(5.0, "rack1 is lost: no Limits, State, Measure for 5 s")]


def test_a_message_that_comes_too_late_tells_of_the_gap() -> None:
    stand = stand_of(timeout=3.0)
    batch = [*heard(0, *CORE), *heard(8, *CORE)]  # as a log gives them, ahead of the clock
    for message in batch:
        stand.step.node.on_message(message)  # type: ignore[attr-defined]
    assert isinstance(stand.step.node, Battery)
    assert not stand.step.node._lost
    assert stand.step.node._seen == dict.fromkeys(CORE, 8)


def test_an_alarm_that_gets_worse_is_told_again_and_cleared_once() -> None:
    stand = stand_of()
    for time, (alarm, protection) in enumerate([(1, 0), (1, 1), (1, 1), (0, 0)]):
        flags: dict[str, Value] = {"A_HighVoltage": alarm, "P_CellOverVoltage": protection}
        stand.give(Signals(time, "Alarms", flags))
    found = [(m.state, m.severity, m.value) for _, m in stand.out if isinstance(m, Event)]
    assert found == [
        ("raised", "warning", 1),
        ("raised", "trip", 2),
        ("cleared", "warning", 0),
    ]


# --- profiles


@pytest.mark.parametrize("file", PROFILES, ids=[file.stem for file in PROFILES])
def test_every_reading_of_a_profile_is_in_its_database(file: Path) -> None:
    shipped = load_profile(file)
    for dialect in ("", *shipped.dialects):
        spoken = shipped.spoken(dialect)
        if spoken.database is None:
            continue
        path = data_file(Path(spoken.database))
        assert path is not None
        messages = load_database(path).messages
        known = {
            f"{message.name}.{signal.name}" for message in messages for signal in message.signals
        }
        flags = [f for alarm in spoken.alarms.values() for f in (*alarm.protection, *alarm.warning)]
        asked = {reading.source for _, reading in spoken.readings()}
        asked |= {flag.partition("#")[0] for flag in flags}
        assert asked - known == set()
        assert set(spoken.core) <= {message.name for message in messages}


def test_problems_name_what_is_near(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(
        '{"title": "x", "facts": [], "timeout": 0, "signals": {"PackVolts": "Measure.V"}}'
    )
    (problem,) = Battery(profile=file).problems()
    assert problem[0] == "profile"
    assert 'Did you mean "PackVoltage"?' in problem[1]
    assert "timeout must be more than 0" in problem[1]
    near = Battery(profile=profile("pylontech-lv"), dialect="yambm")
    assert list(near.problems()) == [
        ("dialect", '"yambm" is none of pylontech-lv.json. Did you mean "yambms"?')
    ]


def test_the_wrong_database_before_it_is_a_problem() -> None:
    node = Battery(profile=profile("pylontech-hv"))
    node.catalogue(Catalogue())
    assert list(node.problems()) == [
        ("profile", "none of its signals comes in. Put dbc/pylontech-hv.dbc before this node.")
    ]


def test_what_is_wrong_with_a_clock_loses_no_battery() -> None:
    stand = stand_of()
    stand.give(*heard(100, *CORE))
    for message in heard(50, *CORE):  # the sender's clock was set back
        stand.step.node.on_message(message)  # type: ignore[attr-defined]
    stand.run_to(104)
    assert events(stand) == []
