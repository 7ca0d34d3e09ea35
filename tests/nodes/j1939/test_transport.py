"""Long messages against can-j1939, which sends them over python-can's virtual bus."""

from __future__ import annotations

import time

import can
import j1939  # type: ignore[import-untyped]
import pytest

from flowrt.example import Stand
from flowrt.message import Event, Frame
from nodes.j1939.dm1 import Dm1, codes_of
from nodes.j1939.transport import Transport


def sent_by_library(data: list[int], channel: str) -> list[Frame]:
    """The frames of a broadcast of PGN 0xFECA by can-j1939 from address 0xF3."""
    ecu = j1939.ElectronicControlUnit()
    with can.Bus(interface="virtual", channel=channel) as listener:
        ecu.connect(interface="virtual", channel=channel)
        try:
            ecu.send_pgn(0, 0xFE, 0xCA, 6, 0xF3, data)
            frames: list[Frame] = []
            end = time.monotonic() + 5
            wanted = 1 if len(data) <= 8 else 1 + -(-len(data) // 7)
            while len(frames) < wanted and time.monotonic() < end:
                if got := listener.recv(0.2):
                    frames.append(
                        Frame(got.timestamp, "v", got.arbitration_id, bytes(got.data), True)
                    )
        finally:
            ecu.disconnect()
            ecu.stop()
    return frames


@pytest.mark.parametrize("size", [8, 9, 14, 15, 100])
def test_what_the_library_sends_comes_out_whole(size: int) -> None:
    data = [index % 251 for index in range(size)]
    out = assembled(sent_by_library(data, f"j1939-{size}"))
    assert [(frame.id, list(frame.data)) for frame in out] == [(0x18FECAF3, data)]


def assembled(frames: list[Frame]) -> list[Frame]:
    stand = Stand(Transport(), frames[0].time)
    stand.give(*frames)
    assert stand.faults == []
    return [frame for _, frame in stand.out if isinstance(frame, Frame)]


def test_a_missing_packet_gives_nothing_and_the_next_message_is_whole() -> None:
    frames = sent_by_library(list(range(30)), "j1939-missing")
    assert assembled([*frames[:2], *frames[3:]]) == []
    again = assembled([*frames[:2], *frames[3:], *frames])
    assert [list(frame.data) for frame in again] == [list(range(30))]


def test_a_connection_of_two_others_is_overheard() -> None:
    packets = [
        (0x1CEC2010, "100A0002FF00EF00"),
        (0x1CEC1020, "110201FFFF00EF00"),
        (0x1CEB2010, "0101020304050607"),
        (0x1CEB2010, "0208090AFFFFFFFF"),
        (0x1CEC1020, "130A0002FF00EF00"),
    ]
    frames = [Frame(0.1 * n, "v", id, bytes.fromhex(d), True) for n, (id, d) in enumerate(packets)]
    (whole,) = assembled(frames)
    assert (whole.id, list(whole.data)) == (0x18EF2010, list(range(1, 11)))


def test_trouble_codes_made_by_the_library_are_alarms() -> None:
    codes = [(110, 3, 1), (520192, 31, 126)]
    packed = [4, 255]
    for spn, mode, count in codes:
        packed += j1939.DTC(spn=spn, fmi=mode, oc=count).dtc.to_bytes(4, "little")
    assert list(codes_of(bytes(packed))) == codes
    frames = sent_by_library(packed, "j1939-dm1")
    stand = Stand(Dm1())
    stand.give(*assembled(frames))
    found = [(m.source, m.name, m.state, m.value) for _, m in stand.out if isinstance(m, Event)]
    assert found == [
        ("j1939/F3.SPN110", "FMI3", "raised", 1),
        ("j1939/F3.SPN520192", "FMI31", "raised", 126),
    ]
