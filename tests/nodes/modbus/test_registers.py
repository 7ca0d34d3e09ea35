"""The register codec: every type and order there and back."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.modbus.registers import Layout, decode, encode, raw_registers, words_of

INTEGERS = {f"{sign}{bits}": (sign, bits) for sign in "us" for bits in (16, 32, 64)}
ORDERS = st.sampled_from(["big", "little"])


def bounds(name: str) -> tuple[int, int]:
    sign, bits = INTEGERS[name]
    return (0, 2**bits - 1) if sign == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@given(st.data(), st.sampled_from(sorted(INTEGERS)), ORDERS, ORDERS)
def test_integers_come_back(data: Any, name: Any, words: Any, order: Any) -> None:
    low, high = bounds(name)
    layout = Layout(address=0, type=name, words=words, bytes=order)
    # A double holds integers exactly up to 2**53; scaling goes through one.
    value = data.draw(st.integers(max(low, -(2**53)), min(high, 2**53)))
    registers, clamped = encode(layout, value)
    assert (decode(layout, registers), len(registers), clamped) == (value, words_of(name), False)


@given(st.floats(width=32, allow_nan=False), ORDERS, ORDERS)
def test_floats_come_back(value: float, words: Any, order: Any) -> None:
    layout = Layout(address=0, type="f32", words=words, bytes=order)
    assert decode(layout, encode(layout, value)[0]) == value


@pytest.mark.parametrize(
    ("words", "order", "registers"),
    [
        ("big", "big", [0x0102, 0x0304]),
        ("little", "big", [0x0304, 0x0102]),
        ("big", "little", [0x0201, 0x0403]),
        ("little", "little", [0x0403, 0x0201]),
    ],
)
def test_orders(words: Any, order: Any, registers: list[int]) -> None:
    layout = Layout(address=0, type="u32", words=words, bytes=order)
    assert encode(layout, 0x01020304) == (registers, False)


@pytest.mark.parametrize(
    ("name", "value", "held"),
    [("u16", -1, 0), ("u16", 70000, 65535), ("s16", 40000, 32767), ("s16", -40000, -32768)],
)
def test_what_does_not_fit_is_clamped_and_told(name: Any, value: int, held: int) -> None:
    layout = Layout(address=0, type=name)
    registers, clamped = encode(layout, value)
    assert (decode(layout, registers), clamped) == (held, True)


def test_scale_and_offset() -> None:
    layout = Layout(address=0, type="s16", scale=0.1, offset=-100)
    assert encode(layout, 18.1) == ([1181], False)


def test_nan_has_no_place() -> None:
    with pytest.raises(ValueError, match="NaN"):
        encode(Layout(address=0), math.nan)


def test_a_missing_float_is_nan() -> None:
    layout = Layout(address=0, type="f32", words="little")
    raw = decode(layout, raw_registers(layout, 0x7FC00000))
    assert math.isnan(raw)
    assert struct.pack(">f", raw) == bytes.fromhex("7FC00000")
