"""Decoding equals cantools, for every public database and a real log."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cantools.database.can import Message, Signal

from flowrt.example import Stand
from flowrt.flow import read_flow
from flowrt.message import Frame, Signals
from flowrt.replay import Replay, read_log
from nodes.can.database import load_database
from nodes.can.decode import Decode
from nodes.can.plan import absent_codes, text_signal
from tests.support.can import DATABASES, SHARED, needs_shared

TESLA = SHARED / "opendbc" / "tesla_powertrain.dbc"
CANDUMP = SHARED / "savvycan" / "candump.log"
FRAMES_A_MESSAGE = 40


def payloads(message: Message, numbers: random.Random) -> Iterator[bytes]:
    """Random data that is valid for a message: each with multiplexers that the database knows."""
    tried = 0
    yielded = 0
    while yielded < FRAMES_A_MESSAGE and tried < 200 * FRAMES_A_MESSAGE:
        tried += 1
        data = bytearray(numbers.randbytes(message.length))
        _set_multiplexers(message, message.signal_tree, data, numbers)
        yield bytes(data)
        yielded += 1


def _set_multiplexers(message: Message, tree: Any, data: bytearray, numbers: random.Random) -> None:
    for item in tree:
        if not isinstance(item, str):
            for name, branches in item.items():
                chosen = numbers.choice(list(branches))
                _put(message.get_signal_by_name(name), data, chosen)
                _set_multiplexers(message, branches[chosen], data, numbers)


def _put(signal: Signal, data: bytearray, raw: int) -> None:
    """Write a raw value bit by bit, the way a DBC counts bits."""
    bit = signal.start
    for index in range(signal.length):
        if signal.byte_order == "little_endian":
            place, value = signal.start + index, raw >> index & 1
        else:
            place, value = bit, raw >> (signal.length - 1 - index) & 1
            bit = bit - 1 if bit % 8 else bit + 15
        data[place // 8] = data[place // 8] & ~(1 << place % 8) | value << place % 8


def expected(message: Message, data: bytes) -> dict[str, Any]:
    """What cantools says, with the database's codes for "not available" as None."""
    options = {"decode_choices": False, "allow_truncated": True}
    decoded = message.decode(data, **options)
    raw = message.decode(data, scaling=False, **options)
    assert isinstance(decoded, dict)
    assert isinstance(raw, dict)
    absent = {signal.name: absent_codes(signal) for signal in message.signals}
    return {
        name: None if raw[name] in absent[name] else value
        for name, value in decoded.items()
        if not text_signal(message.get_signal_by_name(name))
    }


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Value for value and type for type; NaN is NaN."""
    return ours.keys() == theirs.keys() and all(
        type(ours[name]) is type(theirs[name]) and repr(ours[name]) == repr(theirs[name])
        for name in theirs
    )


def differences(path: Path) -> list[str]:
    database = load_database(path)
    stand = Stand(Decode(database=path))
    numbers = random.Random(str(path.name))
    wrong = []
    for message in database.messages:
        for data in payloads(message, numbers):
            frame = Frame(0.0, "", message.frame_id, data, message.is_extended_frame)
            before = len(stand.out)
            stand.give(frame)
            (port, decoded) = stand.out[before]
            assert isinstance(decoded, Signals), (port, stand.faults)
            ours = {
                name: value
                for name, value in decoded.values.items()
                if not text_signal(message.get_signal_by_name(name))
            }
            theirs = expected(message, data)
            if not same(ours, theirs):
                wrong.append(f"{message.name} {data.hex()}: {ours} != {theirs}")
    return wrong


@needs_shared
@pytest.mark.parametrize("path", DATABASES, ids=lambda path: path.stem)
def test_generated_frames_decode_equal_to_cantools(path: Path) -> None:
    assert differences(path) == []


@needs_shared
def test_a_real_log_decodes_equal_to_cantools(tmp_path: Path) -> None:
    flow = {
        "flowrt": 1,
        "name": "tesla",
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "x"}},
        "nodes": {
            "frames": {"type": "can/receive", "bus": "bus"},
            "decode": {"type": "can/decode", "database": str(TESLA)},
            "keep": {"type": "core/debug"},
        },
        "wires": [{"from": "frames", "to": "decode"}, {"from": "decode", "to": "keep"}],
    }
    (tmp_path / "tesla.json").write_text(json.dumps(flow))
    lines: list[bytes] = []
    replay = Replay(read_flow(tmp_path / "tesla.json"), lines.append)
    summary = asyncio.run(replay.run(read_log(CANDUMP)))
    assert summary.frames == 12_974
    assert len(lines) == 2_423

    database = load_database(TESLA)
    known = {message.frame_id: message for message in database.messages}
    wanted = [
        {"source": known[frame.id].name, "values": expected(known[frame.id], frame.data)}
        for frame in read_log(CANDUMP)
        if frame.id in known
    ]
    got = [json.loads(line) for line in lines]
    assert [{"source": one["source"], "values": one["values"]} for one in got] == wanted
