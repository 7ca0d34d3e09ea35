"""Compiled decoding equals cantools, for databases that nobody would write."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cantools.database import DecodeError, load_string
from cantools.database.can import Database, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.can.plan import MultiplexError, compile_message
from tests.support.can import PYLONTECH
from tests.support.decoding import expected, payloads, same

HEAD = 'VERSION ""\nNS_ :\nBS_:\nBU_: A\n'
SCALES = st.sampled_from([1, 2, -1, 0.1, 0.5, 0.001, -0.25, 1e-7, 3.0, 0.3333333333, 1e9])
OFFSETS = st.sampled_from([0, 1, -40, 0.5, -15.232, 1e6, -1e-3])


@st.composite
def places(draw: st.DrawFn, length: int) -> tuple[bool, int, range, bool]:
    """Byte order, DBC start bit, bits in the order of transmission, and whether it is a float."""
    big, is_float = draw(st.booleans()), length >= 4 and draw(st.integers(0, 4)) == 0
    sizes = [size for size in (32, 64) if size <= 8 * length]
    bits = draw(st.sampled_from(sizes) if is_float else st.integers(1, min(64, 8 * length)))
    first = draw(st.integers(0, 8 * length - bits))
    if draw(st.booleans()):  # on a byte's boundary, as most are
        first -= first % 8
    start = first // 8 * 8 + 7 - first % 8 if big else first
    return big, start, range(first, first + bits), is_float


@st.composite
def databases(draw: st.DrawFn) -> Database:
    """One message, of up to 64 bytes, perhaps multiplexed, perhaps twice over."""
    length = draw(st.sampled_from([1, 2, 3, 5, 6, 8, 8, 8, 12, 64]))
    levels = draw(st.integers(0, 2 if length > 2 else 0))
    lines, further = _multiplexers(draw, levels)
    taken = {(group, False, bit) for group in ("", "m0 ") for bit in range(16) if levels}
    for index in range(draw(st.integers(1, 12))):
        big, start, bits, is_float = draw(places(length))
        group = draw(st.sampled_from(["", "m0 ", "m3 "])) if levels else ""
        mine = {(group, big, bit) for bit in bits}
        if mine & taken:  # cantools reads from wrong places where signals of a level overlap
            continue
        taken |= mine
        sign = "-" if is_float else draw(st.sampled_from("+-"))
        place = f"{start}|{len(bits)}@{0 if big else 1}{sign}"
        factors = f"({draw(SCALES)!r},{draw(OFFSETS)!r})"
        lines.append(f' SG_ S{index} {group}: {place} {factors} [0|0] "" A')
        if levels == 2 and group:
            further += f"SG_MUL_VAL_ 256 S{index} Mux {group[1]}-{group[1]};\n"
        if is_float:
            further += f"SIG_VALTYPE_ 256 S{index} : {len(bits) // 32};\n"
        elif draw(st.booleans()):
            further += f'VAL_ 256 S{index} {(1 << len(bits) - 1) - 1} "SNA" 0 "off" ;\n'
    text = HEAD + f"BO_ 256 Made: {length} A\n" + "\n".join(lines) + "\n" + further
    loaded = load_string(text, "dbc", strict=False)
    assert isinstance(loaded, Database)
    return loaded


def _multiplexers(draw: st.DrawFn, levels: int) -> tuple[list[str], str]:
    """The lines of none, one or two levels of multiplexing, and what stands further down."""
    if not levels:
        return [], ""
    lines = [f' SG_ Mux M : 0|{draw(st.integers(2, 9))}@1+ (1,0) [0|0] "" A']
    if levels == 1:
        return lines, ""
    lines.append(' SG_ Inner m0M : 12|3@1+ (1,0) [0|0] "" A')
    lines.append(' SG_ Deep m2 : 8|4@1- (0.5,1) [0|0] "" A')
    return lines, "SG_MUL_VAL_ 256 Inner Mux 0-1;\nSG_MUL_VAL_ 256 Deep Inner 2-3;\n"


def check(message: Message, data: bytes) -> None:
    """Ours is what cantools says, or both refuse."""
    decode = compile_message(message, len(data))
    try:
        theirs = expected(message, data)
    except DecodeError:
        with pytest.raises(MultiplexError):
            decode(data)
    else:
        ours = decode(data)
        assert same(ours, theirs), (data.hex(), ours, theirs)


@settings(max_examples=120, deadline=None)
@given(databases(), st.randoms(use_true_random=False))
def test_a_made_up_database_decodes_equal_to_cantools(made: Database, numbers: Any) -> None:
    (message,) = made.messages
    for data in payloads(message, random.Random(numbers.random()), 6):
        check(message, data)
        check(message, data[: numbers.randrange(len(data) + 1)])
    check(message, numbers.randbytes(message.length))
    for data in (b"\0" * message.length, b"\xff" * message.length):
        check(message, data)


def message_of(*lines: str, length: int = 8) -> Message:
    text = HEAD + f"BO_ 256 Made: {length} A\n" + "\n".join(lines) + "\n"
    loaded = load_string(text, "dbc", strict=False)
    assert isinstance(loaded, Database)
    return loaded.messages[0]


@pytest.mark.parametrize("scale", ["1,0", "0.5,0", "-1,0", "2,0"])
@pytest.mark.parametrize("value", [-0.0, 0.0, float("nan"), float("-inf"), 1e300])
def test_floats_keep_their_oddities(scale: str, value: float) -> None:
    message = message_of(f' SG_ F : 0|64@1- ({scale}) [0|0] "" A', "SIG_VALTYPE_ 256 F : 2;")
    check(message, struct.pack("<d", value))


def test_what_is_not_wanted_is_left_out_and_the_rest_is_the_same() -> None:
    from nodes.can.database import load_database

    message = load_database(PYLONTECH).get_message_by_name("State")
    data = bytes.fromhex("5A006400E803")
    whole, some = compile_message(message, 6), compile_message(message, 6, {"SOH"}.__contains__)
    none: Callable[[str], bool] = lambda _name: False  # noqa: E731
    assert some(data) == {"SOH": whole(data)["SOH"]}
    assert compile_message(message, 6, none)(data) == {}


def test_a_multiplexer_is_judged_though_nothing_is_wanted() -> None:
    message = message_of(
        ' SG_ Mux M : 0|8@1+ (1,0) [0|0] "" A', ' SG_ A m1 : 8|8@1+ (1,0) [0|0] "" A'
    )
    decode = compile_message(message, 8, {"Else"}.__contains__)
    assert decode(b"\1" + bytes(7)) == {}
    with pytest.raises(MultiplexError, match="multiplexer Mux of Made is 2, known are 1"):
        decode(b"\2" + bytes(7))


def test_the_order_of_signals_is_the_databases(tmp_path: Path) -> None:
    message = message_of(
        ' SG_ C : 48|8@1+ (1,0) [0|0] "" A',
        ' SG_ Mux M : 0|8@1+ (1,0) [0|0] "" A',
        ' SG_ A m1 : 8|8@1+ (1,0) [0|0] "" A',
    )
    data = b"\1" + bytes(7)
    theirs = message.decode(data, decode_choices=False)
    assert isinstance(theirs, dict)
    assert list(compile_message(message, 8)(data)) == list(theirs)
