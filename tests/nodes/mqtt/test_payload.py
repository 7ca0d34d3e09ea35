"""Payloads out and in."""

from __future__ import annotations

import json

import pytest

from flowrt.node import Event, Frame, Message, Signals, Value
from nodes.mqtt.payload import (
    Malformed,
    TimeFormat,
    as_json,
    as_value,
    from_json,
    message_of,
    plain_value,
    readings,
)

MESSAGES: tuple[Message, ...] = (
    Signals(1700000000.125, "rack2/State", {"SOC": 55.5, "n": 3, "ok": True, "t": "x", "no": None}),
    Event(1700000000.125, "Cell1", "high", "raised", "alarm", 3.65, "Cell1 > 3.6 V"),
    Frame(1700000000.125, "can0", 0x355, b"\x5a\x00", extended=True),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("time_format", ["unix", "unix-ms", "iso"])
def test_own_json_comes_back_as_the_same_message(message: Message, time_format: TimeFormat) -> None:
    assert message_of(from_json(as_json(message, time_format))) == message


def test_readings_are_one_object() -> None:
    assert json.loads(as_json(Signals(1.5, "State", {"SOC": 55}), "unix")) == {
        "kind": "signals",
        "time": 1.5,
        "source": "State",
        "values": {"SOC": 55},
    }


@pytest.mark.parametrize(
    ("time_format", "written"),
    [("unix", 1.5), ("unix-ms", 1500), ("iso", "1970-01-01T00:00:01.500000Z")],
)
def test_time_is_written_as_asked(time_format: TimeFormat, written: object) -> None:
    payload = as_json(Event(1.5, "a", "b"), time_format)
    assert json.loads(payload)["time"] == written


def test_what_json_has_no_number_for_becomes_null() -> None:
    assert b'"a":null' in as_json(Signals(1.0, "s", {"a": float("nan")}), "unix")


@pytest.mark.parametrize(
    ("value", "payload"),
    [(55.5, b"55.5"), (3, b"3"), (True, b"true"), (None, b"null"), ("charging", b"charging")],
)
def test_a_plain_value_comes_back_as_it_was(value: Value, payload: bytes) -> None:
    assert as_value(value) == payload
    assert plain_value(payload) == value


def test_nested_json_is_flattened() -> None:
    assert readings({"soc": 55, "cells": [3.3, 3.4], "bms": {"state": "run"}}) == {
        "soc": 55,
        "cells/0": 3.3,
        "cells/1": 3.4,
        "bms/state": "run",
    }


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 9 + b"]" * 9, "nested deeper than 8 levels"),
        (b"[" * 5000, "not JSON"),
        (b" " * 1_000_001, "longer than 1000000 bytes"),
    ],
)
def test_json_that_cannot_be_used_is_malformed(payload: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        readings(from_json(payload))


@pytest.mark.parametrize(
    "content",
    [
        3,
        {"kind": "signals"},
        {"kind": ["signals"], "time": 1},
        {"kind": "signals", "time": "noon", "source": "s", "values": {}},
        {"kind": "signals", "time": {}, "source": "s", "values": {}},
        {"kind": "signals", "time": 1, "source": "s", "values": {"a": []}},
        {"kind": "frame", "time": 1, "channel": "c", "id": 1, "data": "zz"},
        {"kind": "frame", "time": 1, "channel": "c", "id": 1, "data": 7},
        {"kind": "event", "time": 1},
    ],
)
def test_what_is_no_message_of_ours_is_malformed(content: object) -> None:
    with pytest.raises(Malformed, match="no flowrt message"):
        message_of(content)


@pytest.mark.parametrize(("payload", "reason"), [(b"{}", "no plain"), (b"\xff", "no UTF-8 text")])
def test_what_is_no_plain_value_is_malformed(payload: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        plain_value(payload)
