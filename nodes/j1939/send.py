"""J1939 messages of more than eight bytes, sent in packets."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from flowrt.node import (
    Duration,
    Example,
    Frame,
    Hex,
    Input,
    NodeFault,
    Timer,
    Transform,
    node,
    setting,
)
from nodes.j1939 import packets
from nodes.j1939.packets import pgn_of

_T3: Final = 1.25
"""Seconds that the receiver may take to allow packets, or to acknowledge the last."""
_T4: Final = 1.05
"""Seconds that it may take to go on after it has held the sender back."""
_TIMEOUT, _TOO_MANY = 3, 5
_MOST_TIMES: Final = 4
"""How often, on the whole, a message's packets are sent when they are asked for again."""
_MOST_WAITING: Final = 100


@dataclass
class _Session:
    """A message under way; `ends` are its sender and its receiver."""

    message: Frame
    pgn: int
    ends: tuple[int, int]
    sent: int = 0
    timer: Timer | None = field(default=None, repr=False)

    @property
    def packets(self) -> int:
        return packets.packets_of(len(self.message.data))


@node("j1939/send", icon="send")
class Send(Transform):
    """Send frames of up to 1785 bytes as J1939 does: in packets that can/send takes.

    A broadcast is announced (BAM), and its packets follow `gap` apart; to an address, a connection
    is opened (RTS), which sends what the receiver allows (CTS): wire the bus to `heard`. Frames of
    up to 8 bytes pass unchanged. One message at a time goes from an address to another, 100 more
    may wait. A message that its receiver does not take is a fault, and counted.
    """

    gap: Duration = setting(
        "Time between the packets of a broadcast.", default=0.05, minimum=0.01, maximum=0.2
    )
    destination: Hex | None = setting(
        "Address to which broadcast groups go by a connection; to everyone where left out.",
        default=None,
        maximum=0xFD,
    )

    heard = Input("Frames of the bus: what receivers answer.", carries="frame")

    examples = (
        Example(
            "A broadcast of ten bytes from address 0xF3",
            given=[
                Frame(0.0, "", 0x18FECAF3, bytes.fromhex("04FF0102030405060708"), True, fd=True),
            ],
            expect=[
                Frame(0.0, "", 0x1CECFFF3, bytes.fromhex("200A0002FFCAFE00"), extended=True),
                Frame(0.05, "", 0x1CEBFFF3, bytes.fromhex("0104FF0102030405"), extended=True),
                Frame(0.1, "", 0x1CEBFFF3, bytes.fromhex("02060708FFFFFFFF"), extended=True),
            ],
            until=1.0,
        ),
    )

    def __post_init__(self) -> None:
        self._waiting: deque[_Session] = deque()
        self._open: dict[tuple[int, int], _Session] = {}

    def summary(self) -> str:
        """`to 0x20`."""
        return "to everyone" if self.destination is None else f"to {self.destination:#04x}"

    def figures(self) -> dict[str, float]:
        """Messages under way and waiting."""
        return {"under_way": float(len(self._open)), "waiting": float(len(self._waiting))}

    # --- what is to be sent

    def on_message(self, message: Frame) -> Frame | None:
        """Pass on, or begin to send, or let it wait."""
        if not message.extended or message.error or message.remote:
            self.context.drop("no J1939 frame", 1)
            return None
        if len(message.data) <= 8:
            return message
        if len(message.data) > packets.LONGEST:
            raise NodeFault(
                f"0x{message.id:08X} has {len(message.data)} bytes, J1939 carries "
                f"{packets.LONGEST} at most. Split it"
            )
        if len(self._waiting) >= _MOST_WAITING:
            self.context.drop("too many waiting", 1)
            return None
        pgn = pgn_of(message.id)
        self._waiting.append(_Session(message, pgn, (message.id & 0xFF, self._target(message))))
        self._begin()
        return None

    def _target(self, message: Frame) -> int:
        target = message.id >> 8 & 0xFF
        if message.id >> 16 & 0xFF < 0xF0 and target != packets.EVERYONE:
            return target
        return packets.EVERYONE if self.destination is None else self.destination

    def _begin(self) -> None:
        """Open what waits and whose ends are free."""
        for session in list(self._waiting):
            if session.ends not in self._open:
                self._waiting.remove(session)
                self._open[session.ends] = session
                self._announce(session)

    def _announce(self, session: _Session) -> None:
        broadcast = session.ends[1] == packets.EVERYONE
        kind = packets.BAM if broadcast else packets.RTS
        self._control(session, packets.announcement(kind, len(session.message.data)))
        if broadcast:
            self._after(session, self.gap)
        else:
            self._after(session, _T3)

    def _control(self, session: _Session, head: bytes) -> None:
        channel, now = session.message.channel, self.clock.now()
        self.context.send(packets.control(now, channel, session.ends, head, session.pgn))

    def _packet(self, session: _Session, number: int) -> Frame:
        message = session.message
        session.sent += 1
        return packets.packet(self.clock.now(), message.channel, session.ends, number, message.data)

    # --- time

    def _after(self, session: _Session, seconds: float) -> None:
        self._calm(session)
        session.timer = self.clock.after(seconds, lambda: self._elapsed(session))

    @staticmethod
    def _calm(session: _Session) -> None:
        if session.timer is not None:
            session.timer.cancel()
            session.timer = None

    def _elapsed(self, session: _Session) -> None:
        """The next packet of a broadcast is due, or a receiver is late."""
        if session.ends[1] != packets.EVERYONE:
            self._abort(session, _TIMEOUT)
            self._fail(session, "did not answer in time. Is it there, and does it take this group?")
            return
        self.context.send(self._packet(session, session.sent + 1))
        if session.sent < session.packets:
            self._after(session, self.gap)
        else:
            self._close(session)

    # --- what receivers answer

    def on_heard(self, message: Frame) -> list[Frame] | None:
        """Go on as the receiver says."""
        if not message.extended or message.error or message.remote or len(message.data) < 8:
            return None
        if message.id >> 16 & 0xFF != packets.CONTROL:
            return None
        session = self._open.get((message.id >> 8 & 0xFF, message.id & 0xFF))
        if session is None or int.from_bytes(message.data[5:8], "little") != session.pgn:
            return None
        kind = message.data[0]
        if kind == packets.CTS:
            return self._allowed(session, message.data[1], message.data[2])
        if kind == packets.END:
            self._close(session)
        elif kind == packets.ABORT:
            reason = packets.ABORTS.get(message.data[1], f"reason {message.data[1]}")
            self._fail(session, f"aborted: {reason}")
        return None

    def _allowed(self, session: _Session, count: int, first: int) -> list[Frame] | None:
        """So many packets, from that one on; none holds the sender back."""
        if count == 0:
            self._after(session, _T4)
            return None
        numbers = range(max(first, 1), min(first + count, session.packets + 1))
        if session.sent + len(numbers) > _MOST_TIMES * session.packets or not numbers:
            self._abort(session, _TOO_MANY)
            self._fail(session, "asked for packets again and again, or for none there is")
            return None
        self._after(session, _T3)
        return [self._packet(session, number) for number in numbers]

    def _abort(self, session: _Session, reason: int) -> None:
        self._control(session, bytes((packets.ABORT, reason)))

    def _fail(self, session: _Session, why: str) -> None:
        self.context.drop("not taken", 1)
        message, (_, target) = session.message, session.ends
        fault = NodeFault(f"0x{message.id:08X}: address 0x{target:02X} {why}")
        self.context.fault(fault, message)
        self._close(session)

    def _close(self, session: _Session) -> None:
        self._calm(session)
        del self._open[session.ends]
        self._begin()

    async def stop(self) -> None:
        """Give up what is under way and what waits."""
        for session in self._open.values():
            self._calm(session)
        if lost := len(self._open) + len(self._waiting):
            self.context.drop("stopped before it was sent", lost)
        self._open.clear()
        self._waiting.clear()
