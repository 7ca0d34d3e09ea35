"""Frames come as a record, as a list of records, or as a record a line."""

from __future__ import annotations

import orjson
import pytest

from flowrt.message import Frame, to_record
from flowrt.sites.inputs.payload import frame_of_site, frames_in

FRAMES = [
    Frame(1.5, "can0", 0x355, b"\x13\x00"),
    Frame(2.0, "can1", 0x18FF50E5, bytes(12), extended=True, fd=True, bitrate_switch=True),
]
RECORDS = [to_record(frame) for frame in FRAMES]


@pytest.mark.parametrize(
    "payload", [orjson.dumps(RECORDS), b"\n".join(map(orjson.dumps, RECORDS)) + b"\n"]
)
def test_many_records_are_as_many_frames(payload: bytes) -> None:
    assert frames_in(payload) == FRAMES


def test_a_record_with_its_site() -> None:
    line = orjson.dumps({"site": "north", **RECORDS[0]})
    assert frame_of_site(line) == ("north", FRAMES[0])


@pytest.mark.parametrize(
    ("payload", "wrong"),
    [
        (b"", "it is empty"),
        (b"{", "truncated"),
        (b'{"kind": "signals"}', "signals"),
        (b'{"kind": "frame", "time": 1, "channel": "c", "id": 1}', "data"),
        (b'{"kind": "frame", "time": 1, "channel": "c", "id": 1, "data": "xy"}', "hex"),
        (b'[{"kind": "frame", "time": "1"}]', "time"),
    ],
)
def test_what_is_no_frame_is_told(payload: bytes, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        frames_in(payload)
