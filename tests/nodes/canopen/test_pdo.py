"""Process data that nodes of the canopen library send."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Any

import can
import canopen
import pytest
from canopen.objectdictionary import ODVariable
from canopen.pdo.base import PdoMap

from flowrt.example import Stand
from flowrt.message import Frame, Signals, Value
from nodes.canopen.dictionary import load_dictionary
from nodes.canopen.mapping import Field, Pdo, mapped
from nodes.canopen.pdo import PdoDecode
from tests.nodes.canopen.peer import EDS, local_node, sent

TYPES = {0x01: 1, 0x02: 8, 0x03: 16, 0x04: 32, 0x05: 8, 0x06: 16, 0x07: 32, 0x08: 32, 0x10: 24,
         0x11: 64, 0x15: 64, 0x16: 24, 0x1B: 64}  # fmt: skip
"""Data type -> bits."""


def decoded(*frames: Frame, **settings: Any) -> Stand:
    stand = Stand(PdoDecode(dictionary=EDS, node=5, **settings))
    stand.give(*frames)
    assert stand.faults == []
    return stand


def test_what_a_node_sends_comes_out_in_units() -> None:
    with can.Bus(interface="virtual", channel="pdo") as listener, local_node("pdo") as node:
        node.tpdo.read(from_od=True)
        node.tpdo[1]["Battery.Voltage"].phys = 731.4
        node.tpdo[1]["Battery.Current"].phys = -12.5
        node.tpdo[1]["Battery.StateOfCharge"].raw = 55
        node.tpdo[1].transmit()
        node.tpdo[2]["Cells.TemperatureMax"].raw = -7
        node.tpdo[2]["Flags.ChargeAllowed"].raw = True
        node.tpdo[2].transmit()
        frames = sent(listener, 2)
    first, second = (m for _, m in decoded(*frames, source="rack2").out if isinstance(m, Signals))
    assert (first.source, second.source) == ("rack2/TPDO1", "rack2/TPDO2")
    assert first.values["Battery_Voltage"] == pytest.approx(731.4)
    assert first.values["Battery_Current"] == pytest.approx(-12.5)
    assert first.values["Battery_StateOfCharge"] == 55
    assert second.values["Cells_TemperatureMax"] == -7
    flags = ("Flags_ContactorClosed", "Flags_ChargeAllowed", "Flags_DischargeAllowed")
    assert [second.values[name] for name in flags] == [0, 1, 0]


def test_what_a_node_is_sent_is_read_as_well() -> None:
    stand = decoded(Frame(0.0, "v", 0x205, bytes.fromhex("E803F401")), pdos=["RPDO1"])
    values: dict[str, Value] = {"Limits_ChargeCurrent": 100.0, "Limits_DischargeCurrent": 50.0}
    assert stand.out == [("out", Signals(0.0, "RPDO1", values))]


@pytest.mark.parametrize("seed", range(20))
def test_any_mapping_is_read_as_the_library_reads_it(seed: int) -> None:
    numbers = random.Random(seed)
    dictionary: Any = load_dictionary(EDS, 5)
    library: Any = canopen.LocalNode(5, canopen.import_od(str(EDS), 5))
    chosen: list[int] = []
    bits = 0
    while bits < 60 and len(chosen) < 5:
        type = numbers.choice([type for type, size in TYPES.items() if size <= 64 - bits])
        chosen.append(type)
        bits += TYPES[type]
    chosen.sort(key=lambda type: type == 0x01)  # the library misreads what crosses bytes
    pdo: PdoMap = library.tpdo[1]
    pdo.clear()
    for od in (dictionary, library.object_dictionary):
        for place, type in enumerate(chosen):
            variable = ODVariable(f"v{place}", 0x3000 + place)
            variable.data_type = type
            od.add_object(variable)
            od[0x1A00][place + 1].default = (0x3000 + place) << 16 | TYPES[type]
        od[0x1A00][0].default = len(chosen)
    for place, type in enumerate(chosen):
        pdo.add_variable(0x3000 + place, 0, TYPES[type])
    ours = next(one for one in mapped(dictionary) if one.name == "TPDO1")
    for _ in range(20):
        data = numbers.randbytes(8)
        pdo.data = bytearray(data)
        theirs = [variable.raw for variable in pdo.map]
        assert repr(list(ours.decode(data).values())) == repr(
            [int(raw) if isinstance(raw, bool) else raw for raw in theirs]
        )
    load_dictionary.__globals__["_load"].cache_clear()


def test_fields_across_bytes_are_cut_out_of_the_frame() -> None:
    fields = [
        Field("Flag", 0, 1, 0x01),
        Field("Low", 1, 8, 0x02, factor=0.5),
        Field("Power", 9, 32, 0x08),
        Field("Unit", 41, 16, 0x09),
    ]
    packed = 1 | (-6 & 0xFF) << 1 | struct.unpack("<I", struct.pack("<f", 2.5))[0] << 9
    packed |= int.from_bytes(b"kW", "little") << 41
    decoded = Pdo("TPDO1", 0x185, False, fields).decode(packed.to_bytes(8, "little"))
    assert decoded == {"Flag": 1, "Low": -3.0, "Power": 2.5, "Unit": "kW"}


def test_a_dcf_overrides_what_the_eds_proposes(tmp_path: Path) -> None:
    dictionary: Any = canopen.import_od(str(EDS), 5)
    dictionary.node_id = 5
    dictionary[0x1800][1].value = 0x3A5
    dictionary[0x1801][1].value = 0x8000_0285  # not valid
    file = tmp_path / "rack.dcf"
    canopen.export_od(dictionary, str(file))
    assert PdoDecode(dictionary=file, node=5).wants() == {0x3A5, 0x205}


def test_a_short_frame_is_counted() -> None:
    stand = decoded(Frame(0.0, "v", 0x185, b"\x01\x02"))
    assert (stand.out, stand.step.counters.drops) == ([], {"shorter than its mapping": 1})


def test_problems_name_the_file_and_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "broken.eds"
    file.write_text("[2000]\nParameterName=x\n")
    (broken,) = PdoDecode(dictionary=file, node=5).problems()
    assert broken[0] == "dictionary"
    assert "broken.eds is no EDS or DCF that can be read" in broken[1]
    lacks = PdoDecode(dictionary=EDS, node=5, pdos=["TPDO9"])
    assert list(lacks.problems()) == [
        ("pdos[0]", '"TPDO9" is not in rack.eds: it has TPDO1, TPDO2, RPDO1.')
    ]
