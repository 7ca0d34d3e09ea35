"""J1939 messages of more than eight bytes in one piece."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from flowrt.node import Example, Frame, Hex, Output, Result, Timer, Transform, node, setting, state
from nodes.j1939 import packets
from nodes.j1939.packets import pgn_of

_PATIENCE: Final = 1.25
"""Seconds between two packets at most: T2 of SAE J1939-21, as the receiver has allowed them."""
_T1: Final = 0.75
"""Seconds between two packets of those that were allowed."""
_WINDOW: Final = 16
"""Packets that are allowed at a time."""
_TIMEOUT, _OUT_OF_TURN = 3, 7
_MOST: Final = 256
"""Messages that may be under way at a time."""
_PRIORITY: Final = 6


@node("j1939/transport", icon="package")
class Transport(Transform):
    """Put the packets of long messages together: one frame of up to 1785 bytes each.

    It listens to broadcasts (BAM) and to connections (RTS/CTS) of others. With an `own_address` it
    accepts connections to that, too, and answers them by the output answer, for can/send.
    Other 29-bit frames pass unchanged; 11-bit ones are left out. A message of which a packet is
    missing, late or out of turn is dropped and counted.
    """

    pgns: list[Hex] = setting("Parameter groups that pass; all where empty.", default=list)
    own_address: Hex | None = setting(
        "Own address, connections to which are accepted; it only listens where left out.",
        default=None,
        maximum=0xFD,
    )

    out = Output("Messages in one piece.", carries="frame")
    answer = Output("What the sender of a connection is told, for can/send.", carries="frame")

    _open: dict[str, list[Any]] = state(factory=dict)

    examples = (
        Example(
            "A broadcast of ten bytes from address 0xF3",
            settings={"pgns": ["0xFECA"]},
            given=[
                Frame(0.0, "can0", 0x1CECFFF3, bytes.fromhex("200A0002FFCAFE00"), extended=True),
                Frame(0.05, "can0", 0x1CEBFFF3, bytes.fromhex("0104FF0102030405"), extended=True),
                Frame(0.1, "can0", 0x1CEBFFF3, bytes.fromhex("02060708FFFFFFFF"), extended=True),
            ],
            expect=[
                Frame(
                    0.1, "can0", 0x18FECAF3, bytes.fromhex("04FF0102030405060708"), extended=True
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._passing = frozenset(self.pgns)
        self._timers: dict[str, Timer] = {}

    def summary(self) -> str:
        """`PGN 0xFECA`."""
        return f"PGN {', '.join(f'{pgn:#X}' for pgn in self.pgns) or 'all'}".replace("0X", "0x")

    def on_message(self, message: Frame) -> Result:
        """Pass on, or take up a packet."""
        if not message.extended or message.error or message.remote:
            return None
        kind = message.id >> 16 & 0xFF
        if kind == packets.CONTROL:
            self._control(message)
            return None
        if kind == packets.DATA:
            return self._packet(message)
        return message if self._passes(pgn_of(message.id)) else None

    def _passes(self, pgn: int) -> bool:
        return not self._passing or pgn in self._passing

    def _control(self, frame: Frame) -> None:
        """A message is announced or given up; the receiver's answers say nothing new."""
        data, key = frame.data, _key(frame)
        if len(data) < 8:
            self.context.drop("short control frame", 1)
        elif data[0] in (packets.BAM, packets.RTS):
            self._give_up(key, "begun anew")
            pgn = int.from_bytes(data[5:8], "little")
            size, count = int.from_bytes(data[1:3], "little"), data[3]
            if not 8 < size <= count * 7:
                self.context.drop("size and packets disagree", 1)
            elif self._passes(pgn):
                if len(self._open) >= _MOST:
                    self._give_up(next(iter(self._open)), "too many at a time")
                self._open[key] = [frame.time, pgn, size, count, []]
                if self._is_mine(frame):
                    self._allow(frame, key)
        elif data[0] == packets.ABORT:  # either side may
            self._give_up(key, "aborted")
            self._give_up(_key(frame, turned=True), "aborted")

    def _packet(self, frame: Frame) -> Frame | None:
        key = _key(frame)
        session = self._open.get(key)
        if session is None or len(frame.data) != 8:
            return None
        heard, pgn, size, count, data = session
        number = len(data) // 7 + 1
        if frame.data[0] == number - 1:
            return None  # sent again
        if frame.data[0] != number or frame.time - heard > _PATIENCE:
            late = frame.data[0] == number
            if self._is_mine(frame):
                self._answer(frame, pgn, bytes((packets.ABORT, _TIMEOUT if late else _OUT_OF_TURN)))
            self._give_up(key, "packet late" if late else "packet missing")
            return None
        data += frame.data[1:]
        session[0] = frame.time
        if self._is_mine(frame):
            self._go_on(frame, key)
        if number < count:
            return None
        self._forget(key)
        id = _PRIORITY << 26 | pgn << 8 | frame.id & 0xFF
        if pgn >> 8 & 0xFF < 0xF0:
            id |= frame.id & 0xFF00
        return Frame(frame.time, frame.channel, id, bytes(data[:size]), extended=True)

    def _give_up(self, key: str, reason: str) -> None:
        if self._forget(key):
            self.context.drop(reason, 1)

    def _forget(self, key: str) -> bool:
        if timer := self._timers.pop(key, None):
            timer.cancel()
        return self._open.pop(key, None) is not None

    # --- connections to its own address

    def _is_mine(self, frame: Frame) -> bool:
        return self.own_address is not None and frame.id >> 8 & 0xFF == self.own_address

    def _allow(self, frame: Frame, key: str) -> None:
        """Allow the next packets of a connection."""
        _, pgn, _, count, data = self._open[key]
        done = len(data) // 7
        self._answer(frame, pgn, bytes((packets.CTS, min(_WINDOW, count - done), done + 1)))
        self._await(frame, key, _PATIENCE)

    def _go_on(self, frame: Frame, key: str) -> None:
        """Acknowledge the whole message, or allow more, or await the rest of what is allowed."""
        _, pgn, size, count, data = self._open[key]
        done = len(data) // 7
        if done == count:
            head = bytes((packets.END, size & 0xFF, size >> 8, count))
            self._answer(frame, pgn, head)
        elif done % _WINDOW == 0:
            self._allow(frame, key)
        else:
            self._await(frame, key, _T1)

    def _answer(self, frame: Frame, pgn: int, head: bytes) -> None:
        ends = (frame.id >> 8 & 0xFF, frame.id & 0xFF)
        self.context.send(
            self.answer(packets.control(self.clock.now(), frame.channel, ends, head, pgn))
        )

    def _await(self, frame: Frame, key: str, seconds: float) -> None:
        if timer := self._timers.pop(key, None):
            timer.cancel()
        self._timers[key] = self.clock.after(seconds, partial(self._too_late, frame, key))

    def _too_late(self, frame: Frame, key: str) -> None:
        _, pgn, *_ = self._open[key]
        self._answer(frame, pgn, bytes((packets.ABORT, _TIMEOUT)))
        self._give_up(key, "packet late")

    async def stop(self) -> None:
        """Await no more packets."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()


def _key(frame: Frame, *, turned: bool = False) -> str:
    """Who sends to whom; `turned`, the other way round."""
    ends = (frame.id & 0xFF, frame.id >> 8 & 0xFF)
    source, target = ends[::-1] if turned else ends
    return f"{frame.channel}/{source:02X}/{target:02X}"
