"""Long messages against can-isotp, which sends them over python-can's virtual bus."""

from __future__ import annotations

import time

import can
import isotp
import pytest

from flowrt.example import Stand
from flowrt.message import Frame
from nodes.isotp.transport import Transport


def sent_by_library(payload: bytes, channel: str) -> list[Frame]:
    """All frames of a message from 0x7E0 to 0x7E8, flow control among them."""
    here = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7E0, rxid=0x7E8)
    there = isotp.Address(isotp.AddressingMode.Normal_11bits, txid=0x7E8, rxid=0x7E0)
    with (
        can.Bus(interface="virtual", channel=channel) as one,
        can.Bus(interface="virtual", channel=channel) as two,
        can.Bus(interface="virtual", channel=channel) as listener,
    ):
        sender = isotp.CanStack(bus=one, address=here)
        receiver = isotp.CanStack(bus=two, address=there)
        sender.send(payload)
        end = time.monotonic() + 10
        while not receiver.available() and time.monotonic() < end:
            sender.process()
            receiver.process()
        assert bytes(receiver.recv() or b"") == payload
        frames = []
        while got := listener.recv(0.05):
            frames.append(Frame(got.timestamp, "v", got.arbitration_id, bytes(got.data)))
    return frames


def assembled(frames: list[Frame]) -> list[bytes]:
    stand = Stand(Transport(ids=[0x7E0, 0x7E8]), frames[0].time)
    stand.give(*frames)
    assert stand.faults == []
    return [frame.data for _, frame in stand.out if isinstance(frame, Frame)]


@pytest.mark.parametrize("size", [1, 7, 8, 62, 500])
def test_what_the_library_sends_comes_out_whole(size: int) -> None:
    payload = bytes(index % 251 for index in range(size))
    assert assembled(sent_by_library(payload, f"isotp-{size}")) == [payload]


def test_a_missing_frame_gives_nothing_and_the_next_message_is_whole() -> None:
    payload = bytes(range(40))
    frames = [f for f in sent_by_library(payload, "isotp-missing") if f.id == 0x7E0]
    broken = [*frames[:2], *frames[3:]]
    assert assembled(broken) == []
    assert assembled([*broken, *frames]) == [payload]


def test_a_message_longer_than_allowed_is_counted() -> None:
    stand = Stand(Transport(ids=[0x7E0], longest=8))
    stand.give(Frame(0.0, "v", 0x7E0, bytes.fromhex("100A620101020304")))
    assert stand.out == []
    assert stand.step.counters.drops == {"too long": 1}
