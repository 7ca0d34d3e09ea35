"""The bits of signals, proved by encoding: exactly these bits change."""

from __future__ import annotations

from pathlib import Path

import pytest
from cantools.database import load_file
from cantools.database.can import Database, Message, Signal

from flowrt.node import NodeFault
from nodes.can.layout import bits_of, describe

ORDERS = b"""VERSION ""
BU_: BMS
BO_ 2566844672 Mixed: 8 BMS
 SG_ Little : 4|12@1+ (0.1,0) [0|409.5] "V" BMS
 SG_ Big : 21|13@0- (1,0) [0|0] "A" BMS
 SG_ One : 63|1@0+ (1,0) [0|0] "" BMS
BO_ 100 Switched: 8 BMS
 SG_ Page M : 0|4@1+ (1,0) [0|0] "" BMS
 SG_ First m0 : 8|8@1+ (1,0) [0|0] "" BMS
 SG_ Huge : 16|48@1+ (1,0) [0|18446744073709551615] "" BMS
CM_ SG_ 100 Page "Which page.";
BA_DEF_ BO_ "GenMsgCycleTime" INT 0 100000;
BA_DEF_DEF_ "GenMsgCycleTime" 0;
BA_ "GenMsgCycleTime" BO_ 100 250;
VAL_ 100 Page 0 "cells" 1 "limits" ;
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.dbc"
    path.write_bytes(ORDERS)
    return path


def set_bits(data: bytes) -> list[int]:
    return [
        byte * 8 + bit for byte in range(len(data)) for bit in range(8) if data[byte] >> bit & 1
    ]


def encoded(message: Message, signal: Signal, raw: int) -> bytes:
    values = {other.name: 0 for other in message.signals} | {signal.name: raw}
    return message.encode(values, scaling=False, padding=False, strict=False)


@pytest.mark.parametrize("name", ["Little", "Big", "One"])
def test_each_bit_is_where_the_encoder_puts_it(file: Path, name: str) -> None:
    database = load_file(file)
    assert isinstance(database, Database)
    message = database.get_message_by_name("Mixed")
    signal = message.get_signal_by_name(name)
    top = signal.length - 1
    raws = [1 << bit for bit in range(top)] + [-(1 << top) if signal.is_signed else 1 << top]
    found = [set_bits(encoded(message, signal, raw)) for raw in raws]
    assert found == [[bit] for bit in bits_of(signal)]


def test_a_database_is_told_whole(file: Path) -> None:
    mixed, switched = describe(file)["messages"]
    assert (mixed["id"], mixed["extended"], mixed["cycle"]) == (0x18FEF100, True, None)
    assert (switched["cycle"], switched["senders"], switched["length"]) == (0.25, ["BMS"], 8)
    page, first, huge = switched["signals"]
    assert (page["choices"], page["comment"]) == ({"0": "cells", "1": "limits"}, "Which page.")
    assert first["multiplexer"] == {"signal": "Page", "values": [0]}
    assert (page["multiplexer"], huge["multiplexer"]) == (None, None)
    assert (huge["maximum"], type(huge["maximum"])) == (2.0**64, float)
    assert mixed["signals"][0] == {
        "name": "Little",
        "start": 4,
        "length": 12,
        "byte_order": "little",
        "signed": False,
        "float": False,
        "scale": 0.1,
        "offset": 0,
        "minimum": 0,
        "maximum": 409.5,
        "unit": "V",
        "choices": {},
        "comment": "",
        "multiplexer": None,
        "bits": list(range(4, 16)),
    }


def test_a_damaged_file_is_told_in_the_parsers_words(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.dbc"
    damaged.write_text("BO_ 1 X: eight Y")
    with pytest.raises(NodeFault, match="Invalid syntax at line 1"):
        describe(damaged)
