"""Frames that a thread reads reach the loop in order, however long that was busy."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time

import can

from flowrt.message import Frame
from nodes.can.polled import PolledReader

CHANNEL = "polled"


async def heard(count: int, pause: float) -> tuple[list[Frame], int]:
    """What is delivered and what is lost of so many frames, sent while the loop is busy."""
    frames: list[Frame] = []
    lost: list[int] = []
    with (
        can.Bus(interface="virtual", channel=CHANNEL) as bus,
        can.Bus(interface="virtual", channel=CHANNEL) as sender,
    ):
        reading = asyncio.create_task(PolledReader(bus, CHANNEL, frames.extend, lost.append).run())
        await asyncio.sleep(0.05)
        sending = threading.Thread(target=_send, args=(sender, count, pause))
        sending.start()
        sending.join()  # the loop is busy all the time
        async with asyncio.timeout(10):
            while len(frames) + sum(lost) < count:
                await asyncio.sleep(0.01)
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await reading
    return frames, sum(lost)


def _send(bus: can.BusABC, count: int, pause: float) -> None:
    """With a pause the reader takes them one by one."""
    for number in range(count):
        bus.send(can.Message(arbitration_id=1, data=number.to_bytes(4, "big")))
        if pause:
            time.sleep(pause)


def test_a_busy_loop_loses_no_frame() -> None:
    frames, lost = asyncio.run(heard(2000, 1e-4))
    assert lost == 0
    assert [int.from_bytes(frame.data, "big") for frame in frames] == list(range(2000))


def test_what_is_too_much_is_lost_and_counted() -> None:
    frames, lost = asyncio.run(heard(20_000, 0))
    assert lost > 0
    assert len(frames) + lost == 20_000
