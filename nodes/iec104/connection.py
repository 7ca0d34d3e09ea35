"""One client of a controlled station: sequence numbers, windows, and the three timers."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nodes.iec104.apci import (
    MODULUS,
    START,
    BadFrame,
    Control,
    Data,
    data_frame,
    frame_of,
    supervision_frame,
    unnumbered_frame,
)
from nodes.iec104.asdu import Asdu, asdu_of

__all__ = ["Connection", "Limits"]

_START_ACT, _START_CON = 0x04, 0x08
_STOP_ACT, _STOP_CON = 0x10, 0x20
_TEST_ACT, _TEST_CON = 0x40, 0x80
_MOST_WAITING: Final = 10_000
"""Units that may wait for the client's acknowledgements."""


@dataclass(frozen=True, slots=True)
class Limits:
    """k and w in frames, t1 to t3 in seconds, as IEC 60870-5-104 names them."""

    k: int = 12
    w: int = 8
    t1: float = 15.0
    t2: float = 10.0
    t3: float = 20.0


class Connection:
    """Talks to a client until one of them ends it; data flows only between START and STOP."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        limits: Limits,
        on_started: Callable[[Connection], None],
        on_asdu: Callable[[Connection, Asdu], None],
        on_lost: Callable[[int], None],
    ) -> None:
        self.started = False
        self._reader = reader
        self._writer = writer
        self._limits = limits
        self._on_started = on_started
        self._on_asdu = on_asdu
        self._on_lost = on_lost
        self._waiting: deque[Asdu] = deque()
        self._now = asyncio.get_running_loop().time
        self._sent = self._acknowledged = 0
        self._received = self._confirmed = 0
        self._sent_at: deque[float] = deque()
        self._received_at = 0.0
        self._heard_at = self._now()
        self._tested_at: float | None = None

    async def run(self) -> str:
        """Serve the client; says why it ended."""
        tending = asyncio.create_task(self._tend())
        try:
            while True:
                self._take(await self._next())
        except (BadFrame, OSError) as error:
            return str(error)
        except asyncio.IncompleteReadError:
            return "closed by the client"
        finally:
            tending.cancel()
            self.started = False
            self._writer.close()

    async def _next(self) -> bytes:
        head = await self._reader.readexactly(2)
        if head[0] != START or not 4 <= head[1] <= 253:
            raise BadFrame("what came is no frame of IEC 60870-5-104")
        return await self._reader.readexactly(head[1])

    def close(self) -> None:
        """End it."""
        self._writer.close()

    # --- data out

    def offer(self, asdu: Asdu) -> None:
        """Send a unit in its turn; where too many wait, the oldest is lost."""
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            self._on_lost(1)
        self._waiting.append(asdu)
        self._pump()

    def _pump(self) -> None:
        while self.started and self._waiting and len(self._sent_at) < self._limits.k:
            asdu = self._waiting.popleft().as_bytes()
            self._write(data_frame(self._sent, self._received, asdu))
            self._confirmed = self._received
            self._sent = (self._sent + 1) % MODULUS
            self._sent_at.append(self._now())

    def _write(self, frame: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(frame)

    # --- frames in

    def _take(self, body: bytes) -> None:
        frame = frame_of(body)
        self._heard_at = self._now()
        if isinstance(frame, Control):
            self._obey(frame.function)
            return
        self._note_acknowledged(frame.received)
        if isinstance(frame, Data):
            self._take_data(frame)
        self._pump()

    def _take_data(self, frame: Data) -> None:
        if frame.sent != self._received:
            raise BadFrame(f"frame {frame.sent} came where {self._received} was due")
        if not self.started:
            raise BadFrame("data came before it was started")
        if self._received == self._confirmed:
            self._received_at = self._now()
        self._received = (self._received + 1) % MODULUS
        self._on_asdu(self, asdu_of(frame.asdu))
        if (self._received - self._confirmed) % MODULUS >= self._limits.w:
            self._confirm()

    def _confirm(self) -> None:
        self._confirmed = self._received
        self._write(supervision_frame(self._received))

    def _note_acknowledged(self, received: int) -> None:
        count = (received - self._acknowledged) % MODULUS
        if count > len(self._sent_at):
            raise BadFrame(f"it acknowledges {received}, which was never sent")
        self._acknowledged = received
        for _ in range(count):
            self._sent_at.popleft()

    def _obey(self, function: int) -> None:
        if function == _START_ACT:
            self.started = True
            self._write(unnumbered_frame(_START_CON))
            self._on_started(self)
            self._pump()
        elif function == _STOP_ACT:
            self.started = False
            if self._received != self._confirmed:
                self._confirm()
            self._write(unnumbered_frame(_STOP_CON))
        elif function == _TEST_ACT:
            self._write(unnumbered_frame(_TEST_CON))
        elif function == _TEST_CON:
            self._tested_at = None
        else:
            raise BadFrame(f"no such control function: {function:#x}")

    # --- timers

    async def _tend(self) -> None:
        limits = self._limits
        beat = min(limits.t1, limits.t2, limits.t3) / 10
        while True:
            await asyncio.sleep(beat)
            now = self._now()
            oldest = min((*self._sent_at, self._tested_at or now), default=now)
            if now - oldest > limits.t1:
                self._writer.close()
            if self._received != self._confirmed and now - self._received_at > limits.t2:
                self._confirm()
            if self._tested_at is None and now - self._heard_at > limits.t3:
                self._tested_at = now
                self._write(unnumbered_frame(_TEST_ACT))
