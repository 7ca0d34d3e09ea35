"""ISO-TP messages in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from flowrt.node import (
    Duration,
    Example,
    Frame,
    Hex,
    Output,
    Result,
    Sent,
    Transform,
    node,
    setting,
    state,
)
from nodes.isotp import frames

_PATIENCE: Final = 1.0
"""Seconds between two frames at most: N_Cr of ISO 15765-2."""
_MOST: Final = 256
"""Messages that may be under way at a time."""


@node("isotp/transport", icon="package")
class Transport(Transform):
    """Put the frames of ISO-TP messages together: one frame with the whole message each.

    It overhears those of the ids given, with normal addressing. With an id for flow control it
    lets a sender go on, by the output answer, for can/send; else another does. A message of which
    a frame is missing, late or out of turn is dropped and counted.
    """

    ids: list[Hex] = setting("Ids that carry ISO-TP.", minItems=1)
    longest: int = setting(
        "Longest message taken.", default=4095, minimum=8, maximum=65535, unit="bytes"
    )
    flow_control: Hex | None = setting(
        "Id by which the sender of long messages is let go on; it only listens where left out.",
        default=None,
        maximum=0x1FFF_FFFF,
    )
    block_size: int = setting(
        "Frames that may come before it is let go on again; 0 for all.",
        default=0,
        minimum=0,
        maximum=255,
    )
    separation: Duration = setting(
        "Least time between the sender's frames.", default=0.0, maximum=0.127
    )

    out = Output("Messages in one piece.", carries="frame")
    answer = Output("Flow control, for can/send.", carries="frame")

    _open: dict[str, list[Any]] = state(factory=dict)

    examples = (
        Example(
            "An answer of ten bytes in two frames",
            settings={"ids": ["0x7E8"]},
            given=[
                Frame(0.0, "can0", 0x7E8, bytes.fromhex("100A620101020304")),
                Frame(0.1, "can0", 0x7E8, bytes.fromhex("2105060708AAAAAA")),
            ],
            expect=[Frame(0.1, "can0", 0x7E8, bytes.fromhex("62010102030405060708"))],
        ),
    )

    def __post_init__(self) -> None:
        self._taken = frozenset(self.ids)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Flow control goes to one sender."""
        if self.flow_control is not None and len(self.ids) > 1:
            yield "flow_control", "answers one sender. List one id, and take a node for each other."

    def wants(self) -> frozenset[int]:
        """The ids, as 11-bit and as 29-bit ones."""
        return self._taken | {id | 0x8000_0000 for id in self._taken}

    def summary(self) -> str:
        """`0x7e8`."""
        return ", ".join(f"{id:#x}" for id in self.ids)

    def on_message(self, message: Frame) -> Result:
        """Take up a frame; give the message when it is whole."""
        data = message.data
        if message.id not in self._taken or message.error or message.remote or not data:
            return None
        kind = data[0] >> 4
        if kind == frames.SINGLE:
            return self._single(message)
        if kind == frames.FIRST:
            return self._first(message)
        if kind == frames.CONSECUTIVE:
            return self._consecutive(message)
        return None  # flow control is the receiver's

    def _single(self, frame: Frame) -> Frame | None:
        data, start = frame.data, 1
        size = data[0] & 15
        if size == 0 and len(data) > 8:  # CAN FD has the size in a byte of its own
            size, start = data[1], 2
        if not 0 < size <= len(data) - start:
            self.context.drop("size and data disagree", 1)
            return None
        return _whole(frame, data[start : start + size])

    def _first(self, frame: Frame) -> Sent | None:
        data, key = frame.data, _key(frame)
        self._give_up(key, "begun anew")
        if len(data) < 8:
            self.context.drop("short first frame", 1)
            return None
        size, start = (data[0] & 15) << 8 | data[1], 2
        if size == 0:
            size, start = int.from_bytes(data[2:6], "big"), 6
        if not len(data) - start < size <= self.longest:
            too_long = size > self.longest
            self.context.drop("too long" if too_long else "size and data disagree", 1)
            return self._answer(frame, frames.OVERFLOW) if too_long else None
        if len(self._open) >= _MOST:
            self._give_up(next(iter(self._open)), "too many at a time")
        self._open[key] = [frame.time, size, 1, list(data[start:])]
        return self._answer(frame, frames.CONTINUE)

    def _answer(self, frame: Frame, said: int) -> Sent | None:
        """What the sender is told."""
        id = self.flow_control
        if id is None:
            return None
        data = frames.flow(said, self.block_size, frames.separation_code(self.separation))
        now, far = self.clock.now(), id > 0x7FF
        return self.answer(
            Frame(now, frame.channel, id, frames.padded(data, 0xCC), extended=far, fd=frame.fd)
        )

    def _consecutive(self, frame: Frame) -> Frame | Sent | None:
        key = _key(frame)
        session = self._open.get(key)
        if session is None:
            return None
        heard, size, number, data = session
        if frame.data[0] & 15 != number & 15:
            self._give_up(key, "frame missing")
        elif frame.time - heard > _PATIENCE:
            self._give_up(key, "frame late")
        else:
            data += frame.data[1:]
            session[0], session[2] = frame.time, number + 1
            if len(data) >= size:
                del self._open[key]
                return _whole(frame, bytes(data[:size]))
            if self.block_size and number % self.block_size == 0:
                return self._answer(frame, frames.CONTINUE)
        return None

    def _give_up(self, key: str, reason: str) -> None:
        if self._open.pop(key, None) is not None:
            self.context.drop(reason, 1)


def _whole(frame: Frame, data: bytes) -> Frame:
    return Frame(frame.time, frame.channel, frame.id, data, extended=frame.extended)


def _key(frame: Frame) -> str:
    return f"{frame.channel}/{frame.id:X}/{int(frame.extended)}"
