"""Messages longer than a frame, sent by ISO-TP."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from flowrt.node import Example, Frame, Hex, Input, NodeFault, Timer, Transform, node, setting
from nodes.isotp import frames

_PATIENCE: Final = 1.0
"""Seconds that flow control may take: N_Bs of ISO 15765-2."""
_MOST_WAITS: Final = 10
_MOST_WAITING: Final = 100


@dataclass
class _Sending:
    """A message under way: what of it is sent, and how many frames may go before flow control."""

    message: Frame
    at: int
    number: int = 1
    allowed: int = 0
    """Frames that the receiver takes before it says more; 0 for any number."""
    pause: float = 0.0
    waits: int = 0


@node("isotp/send", icon="send")
class Send(Transform):
    """Send frames of any length by ISO-TP: whole where they fit, else as the receiver lets it.

    A message's id is that of its frames. Wire the bus to `heard`: the receiver's flow control sets
    how many frames may follow and how far apart. One message at a time, 100 more may wait. A
    message that is not taken is a fault, and counted. Its answer is put together by
    isotp/transport.
    """

    answered_by: Hex = setting("Id of the receiver's flow control.", maximum=0x1FFF_FFFF)
    frame_size: Literal[8, 12, 16, 20, 24, 32, 48, 64] = setting(
        "Longest frame; more than 8 is CAN FD.", default=8, unit="bytes"
    )
    pad: bool = setting("Fill short frames up to 8 bytes.", default=True)
    padding: Hex = setting("Byte that fills frames.", default=0xCC, maximum=255)
    longest: int = setting(
        "Longest message.", default=4095, minimum=8, maximum=1_048_576, unit="bytes"
    )

    heard = Input("Frames of the bus: the receiver's flow control.", carries="frame")

    examples = (
        Example(
            "Read a data identifier (UDS)",
            settings={"answered_by": "0x7E8"},
            given=[Frame(0.0, "", 0x7E0, bytes.fromhex("22F190"))],
            expect=[Frame(0.0, "", 0x7E0, bytes.fromhex("0322F190CCCCCCCC"))],
        ),
        Example(
            "The first frame of a message of ten bytes",
            settings={"answered_by": "0x7E8", "pad": False},
            given=[Frame(0.0, "", 0x7E0, bytes(range(1, 11)), fd=True)],
            expect=[Frame(0.0, "", 0x7E0, bytes.fromhex("100A010203040506"))],
        ),
    )

    def __post_init__(self) -> None:
        self._waiting: deque[Frame] = deque()
        self._sending: _Sending | None = None
        self._timer: Timer | None = None

    def summary(self) -> str:
        """`answered by 0x7e8`."""
        return f"answered by {self.answered_by:#x}"

    def figures(self) -> dict[str, float]:
        """Messages that wait."""
        return {"waiting": float(len(self._waiting))}

    # --- what is to be sent

    def on_message(self, message: Frame) -> Frame | None:
        """Begin to send, or let it wait."""
        if message.error or message.remote or not message.data:
            self.context.drop("nothing to send", 1)
        elif len(message.data) > self.longest:
            raise NodeFault(
                f"0x{message.id:X} has {len(message.data)} bytes, more than longest = "
                f"{self.longest}. Split it, or raise that"
            )
        elif len(self._waiting) >= _MOST_WAITING:
            self.context.drop("too many waiting", 1)
        else:
            self._waiting.append(message)
            self._begin()
        return None

    def _begin(self) -> None:
        while self._waiting and self._sending is None:
            message = self._waiting.popleft()
            whole = frames.single(message.data, self.frame_size)
            if whole is not None:
                self.context.send(self._frame(message, whole))
                continue
            data, taken = frames.first(message.data, self.frame_size)
            self._sending = _Sending(message, taken)
            self._await_flow()
            self.context.send(self._frame(message, data))

    def _frame(self, message: Frame, data: bytes) -> Frame:
        data = frames.padded(data, self.padding, always=self.pad)
        return Frame(
            self.clock.now(),
            message.channel,
            message.id,
            data,
            extended=message.extended,
            fd=self.frame_size > 8,
            bitrate_switch=message.bitrate_switch,
        )

    # --- flow control

    def _await_flow(self) -> None:
        self._after(_PATIENCE, self._too_late)

    def _after(self, seconds: float, call: Callable[[], None]) -> None:
        self._calm()
        self._timer = self.clock.after(seconds, call)

    def _calm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_late(self) -> None:
        self._fail("no flow control came in time. Is the receiver there, is its id right?")

    def on_heard(self, message: Frame) -> None:
        """Go on as the receiver says."""
        sending, data = self._sending, message.data
        if sending is None or message.id != self.answered_by or len(data) < 3:
            return
        if message.extended != (self.answered_by > 0x7FF) or message.error or message.remote:
            return
        if data[0] >> 4 != frames.FLOW or sending.allowed:
            return  # not expected in the midst of a block
        said = data[0] & 15
        if said == frames.CONTINUE:
            sending.allowed = data[1] or -1
            sending.pause = frames.separation(data[2])
            sending.waits = 0
            self._go_on()
        elif said == frames.WAIT and sending.waits < _MOST_WAITS:
            sending.waits += 1
            self._await_flow()
        else:
            too_long = said == frames.OVERFLOW
            self._fail("is too long for the receiver" if too_long else "the receiver only waits")

    def _go_on(self) -> None:
        """Send what is allowed: all at once, or each `pause` after the other."""
        self._calm()
        sending = self._sending
        assert sending is not None
        out = [self._next(sending)]
        while not sending.pause and self._is_free(sending):
            out.append(self._next(sending))
        done = sending.at >= len(sending.message.data)
        if done:
            self._sending = None
        elif sending.allowed:
            self._after(sending.pause, self._go_on)
        else:
            self._await_flow()
        self.context.send(out)
        if done:
            self._begin()

    @staticmethod
    def _is_free(sending: _Sending) -> bool:
        return sending.allowed != 0 and sending.at < len(sending.message.data)

    def _next(self, sending: _Sending) -> Frame:
        room = self.frame_size - 1
        part = sending.message.data[sending.at : sending.at + room]
        frame = self._frame(sending.message, frames.consecutive(sending.number, part))
        sending.at += len(part)
        sending.number += 1
        sending.allowed -= sending.allowed > 0
        return frame

    def _fail(self, why: str) -> None:
        self._calm()
        sending, self._sending = self._sending, None
        assert sending is not None
        self.context.drop("not taken", 1)
        text = f"0x{sending.message.id:X}, {len(sending.message.data)} bytes: {why}"
        self.context.fault(NodeFault(text), sending.message)
        self._begin()

    async def stop(self) -> None:
        """Give up what is under way and what waits."""
        self._calm()
        if lost := len(self._waiting) + (self._sending is not None):
            self.context.drop("stopped before it was sent", lost)
        self._waiting.clear()
        self._sending = None
