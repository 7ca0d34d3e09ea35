"""can/decode: short frames, foreign frames, broken databases, names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from flowrt.example import Stand, drive
from flowrt.message import Frame, Signals
from flowrt.node import Catalogue, NodeFault
from nodes.can.database import load_database
from nodes.can.decode import Decode
from tests.support.can import PYLONTECH

MUX = """VERSION ""
NS_ :
BS_:
BU_: A
BO_ 256 Cells: 8 A
 SG_ Group M : 0|8@1+ (1,0) [0|3] "" A
 SG_ Cell1 m0 : 8|16@1+ (0.001,0) [0|5] "V" A
 SG_ Cell2 m1 : 8|16@1+ (0.001,0) [0|5] "V" A
 SG_ Mode : 56|4@1+ (1,0) [0|15] "" A
VAL_ 256 Mode 1 "run" 15 "SNA";
"""


@pytest.fixture
def mux(tmp_path: Path) -> Path:
    file = tmp_path / "mux.dbc"
    file.write_text(MUX)
    return file


def frame(id: int, data: str, **more: Any) -> Frame:
    return Frame(0.0, "can0", id, bytes.fromhex(data), **more)


def outcome(decode: Decode, *frames: Frame) -> Stand:
    return drive(decode, frames)


def test_a_short_frame_gives_the_signals_that_are_wholly_there() -> None:
    stand = outcome(Decode(database=PYLONTECH), frame(0x355, "5A0064"))
    assert stand.out == [("out", Signals(0.0, "State", {"SOC": 90}))]


def test_an_empty_frame_gives_no_signal() -> None:
    stand = outcome(Decode(database=PYLONTECH), frame(0x355, ""))
    assert stand.out == [("out", Signals(0.0, "State", {}))]


def test_a_longer_frame_is_fine() -> None:
    stand = outcome(Decode(database=PYLONTECH), frame(0x355, "5A006400" + "00" * 20, fd=True))
    assert stand.out[0][1] == Signals(0.0, "State", {"SOC": 90, "SOH": 100, "SOC_hires": 0.0})


@pytest.mark.parametrize(
    ("foreign", "reason"),
    [
        (frame(0x123, "00"), "unknown id"),
        (frame(0x355, "5A006400", extended=True), "unknown id"),
        (frame(0x355, "5A006400", error=True), "error frame"),
        (frame(0x355, "", remote=True), "remote frame"),
    ],
)
def test_foreign_frames_are_counted_and_come_out_apart(foreign: Frame, reason: str) -> None:
    good = frame(0x355, "5A006400")
    stand = outcome(Decode(database=PYLONTECH), good, foreign, good)
    assert [port for port, _ in stand.out] == ["out", "undecodable", "out"]
    assert stand.out[1][1] is foreign
    assert stand.step.counters.drops == {reason: 1}


def test_lengths_may_alternate() -> None:
    frames = [frame(0x355, "5A006400"), frame(0x355, "5A00"), frame(0x355, "5A006400")]
    stand = outcome(Decode(database=PYLONTECH), *frames)
    assert [len(m.values) for _, m in stand.out if isinstance(m, Signals)] == [2, 1, 2]


def test_multiplexed_signals_come_with_their_group(mux: Path) -> None:
    stand = outcome(
        Decode(database=mux), frame(256, "00B80B0000000001"), frame(256, "01B80B0000000001")
    )
    assert [m.values for _, m in stand.out if isinstance(m, Signals)] == [
        {"Group": 0, "Mode": 1, "Cell1": 3.0},
        {"Group": 1, "Mode": 1, "Cell2": 3.0},
    ]


def test_an_unknown_group_is_a_fault_of_one_frame(mux: Path) -> None:
    stand = outcome(Decode(database=mux), frame(256, "09" + "00" * 7), frame(256, "00" * 8))
    assert [port for port, _ in stand.out] == ["undecodable", "out"]
    assert str(stand.faults[0]) == "multiplexer Group of Cells is 9, known are 0, 1"


def test_not_available_is_none(mux: Path) -> None:
    stand = outcome(Decode(database=mux), frame(256, "000000000000000F"))
    (_, message) = stand.out[0]
    assert isinstance(message, Signals)
    assert message.values["Mode"] is None


def test_the_source_has_the_prefix() -> None:
    stand = outcome(Decode(database=PYLONTECH, source="rack2"), frame(0x355, "5A006400"))
    assert stand.out[0][1] == Signals(0.0, "rack2/State", {"SOC": 90, "SOH": 100})


def test_only_chosen_messages_are_decoded_and_wanted() -> None:
    decode = Decode(database=PYLONTECH, messages=["State"])
    assert decode.wants() == {0x355}
    assert outcome(decode, frame(0x351, "00" * 8)).step.counters.drops == {"unknown id": 1}


def test_the_catalogue_knows_units_limits_and_cycle() -> None:
    catalogue = Decode(database=PYLONTECH).catalogue(Catalogue())
    (soc,) = catalogue.find("SOC")
    assert (soc.qualified, soc.unit, soc.minimum, soc.maximum, soc.cycle) == (
        "State.SOC", "%", 0, 100, 1.0,
    )  # fmt: skip
    assert catalogue.find("Manufacturer")[0].type == "string"


def test_a_wrong_message_name_is_told_with_a_near_one() -> None:
    decode = Decode(database=PYLONTECH, messages=["Stat"])
    assert list(decode.problems()) == [
        ("messages[0]", '"Stat" is not in pylontech-lv.dbc. Did you mean "State"?')
    ]


@pytest.mark.parametrize("text", ["", "BO_ 1 X", "\x00\xff", 'VERSION ""\nBO_ x Y: 8 A\n'])
def test_a_broken_database_is_told_in_words(text: str, tmp_path: Path) -> None:
    file = tmp_path / "broken.dbc"
    file.write_text(text)
    ((place, sentence),) = Decode(database=file).problems()
    assert place == "database"
    assert "broken.dbc is no database that can be read" in sentence


def test_a_database_is_loaded_anew_when_it_has_changed(mux: Path) -> None:
    first = load_database(mux)
    assert load_database(mux) is first
    mux.write_text(MUX.replace("Cells", "Zellen"))
    os.utime(mux, ns=(1, 1))
    assert [message.name for message in load_database(mux).messages] == ["Zellen"]


def test_synthetic_frames_can_all_be_decoded(mux: Path) -> None:
    for database in (PYLONTECH, mux):
        decode = Decode(database=database)
        stand = outcome(decode, *decode.synthetic(100, seed=1))
        assert {port for port, _ in stand.out} == {"out"}
        assert decode.synthetic(10, seed=1) == decode.synthetic(10, seed=1)


def test_a_missing_database_is_told() -> None:
    with pytest.raises(NodeFault, match="cannot be read: No such file or directory"):
        load_database(Path("none.dbc"))


@pytest.mark.parametrize("suffix", ["kcd", "sym"])
def test_other_kinds_of_database_decode_the_same(suffix: str, tmp_path: Path) -> None:
    database = load_database(PYLONTECH)
    file = tmp_path / f"pylontech.{suffix}"
    text = database.as_kcd_string() if suffix == "kcd" else database.as_sym_string()
    file.write_text(text)
    frames = [frame(0x351, "1402B0044006C201"), frame(0x356, "8413F1FF3700")]
    ours, dbc = (
        outcome(Decode(database=file), *frames),
        outcome(Decode(database=PYLONTECH), *frames),
    )
    assert ours.out == dbc.out


@pytest.mark.parametrize("name", ["SOC", "State.SOC", "*.SOC", "SO[C]"])
def test_only_what_is_needed_is_decoded(name: str) -> None:
    stand = Stand(Decode(database=PYLONTECH))
    stand.step.spare(frozenset({name}), wires=1)
    stand.give(frame(0x355, "5A006400"), frame(0x356, "8413F1FF3700"))
    assert [message for _, message in stand.out] == [
        Signals(0.0, "State", {"SOC": 90}),
        Signals(0.0, "Measure", {}),
    ]
