"""Decoding equals cantools, for every public database and a real log."""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path

import pytest

from flowrt.example import Stand
from flowrt.flow.file import read_flow
from flowrt.message import Frame, Signals
from flowrt.replay import Replay, read_log
from nodes.can.database import load_database
from nodes.can.decode import Decode
from nodes.can.plan import text_signal
from tests.support.can import DATABASES, SHARED, needs_shared
from tests.support.decoding import expected, payloads, same

TESLA = SHARED / "opendbc" / "tesla_powertrain.dbc"
CANDUMP = SHARED / "savvycan" / "candump.log"
FRAMES_A_MESSAGE = 40


def differences(path: Path) -> list[str]:
    database = load_database(path)
    stand = Stand(Decode(database=path))
    numbers = random.Random(str(path.name))
    wrong = []
    for message in database.messages:
        for data in payloads(message, numbers, FRAMES_A_MESSAGE):
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
