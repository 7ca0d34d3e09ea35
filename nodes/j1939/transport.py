"""J1939 messages of more than eight bytes in one piece."""

from __future__ import annotations

from typing import Any, Final

from flowrt.node import Example, Frame, Hex, Transform, node, setting, state

_CONTROL, _DATA = 0xEC, 0xEB
_RTS, _ABORT, _BAM = 16, 255, 32
_PATIENCE: Final = 1.25
"""Seconds between two packets at most: T2 of SAE J1939-21."""
_MOST: Final = 256
"""Messages that may be under way at a time."""
_PRIORITY: Final = 6


def pgn_of(id: int) -> int:
    """The parameter group number of a 29-bit id; that of an addressed one without the address."""
    pgn = id >> 8 & 0x3FFFF
    return pgn if pgn >> 8 & 0xFF >= 0xF0 else pgn & 0x3FF00


@node("j1939/transport", icon="package")
class Transport(Transform):
    """Put the packets of long messages together: one frame of up to 1785 bytes each.

    It listens to broadcasts (BAM) and to connections (RTS/CTS) of others and sends nothing itself.
    Other 29-bit frames pass unchanged; 11-bit ones are left out. A message of which a packet is
    missing, late or out of turn is dropped and counted.
    """

    pgns: list[Hex] = setting("Parameter groups that pass; all where empty.", default=list)

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

    def summary(self) -> str:
        """`PGN 0xFECA`."""
        return f"PGN {', '.join(f'{pgn:#X}' for pgn in self.pgns) or 'all'}".replace("0X", "0x")

    def on_message(self, message: Frame) -> Frame | None:
        """Pass on, or take up a packet."""
        if not message.extended or message.error or message.remote:
            return None
        kind = message.id >> 16 & 0xFF
        if kind == _CONTROL:
            self._control(message)
            return None
        if kind == _DATA:
            return self._packet(message)
        return message if self._passes(pgn_of(message.id)) else None

    def _passes(self, pgn: int) -> bool:
        return not self._passing or pgn in self._passing

    def _control(self, frame: Frame) -> None:
        """A message is announced or given up; the receiver's answers say nothing new."""
        data, key = frame.data, _key(frame)
        if len(data) < 8:
            self.context.drop("short control frame", 1)
        elif data[0] in (_BAM, _RTS):
            self._give_up(key, "begun anew")
            pgn = int.from_bytes(data[5:8], "little")
            size, packets = int.from_bytes(data[1:3], "little"), data[3]
            if not 8 < size <= packets * 7:
                self.context.drop("size and packets disagree", 1)
            elif self._passes(pgn):
                if len(self._open) >= _MOST:
                    self._give_up(next(iter(self._open)), "too many at a time")
                self._open[key] = [frame.time, pgn, size, packets, []]
        elif data[0] == _ABORT:  # either side may
            self._give_up(key, "aborted")
            self._give_up(_key(frame, turned=True), "aborted")

    def _packet(self, frame: Frame) -> Frame | None:
        key = _key(frame)
        session = self._open.get(key)
        if session is None or len(frame.data) != 8:
            return None
        heard, pgn, size, packets, data = session
        number = len(data) // 7 + 1
        if frame.data[0] == number - 1:
            return None  # sent again
        if frame.data[0] != number or frame.time - heard > _PATIENCE:
            late = frame.data[0] == number
            self._give_up(key, "packet late" if late else "packet missing")
            return None
        data += frame.data[1:]
        session[0] = frame.time
        if number < packets:
            return None
        del self._open[key]
        id = _PRIORITY << 26 | pgn << 8 | frame.id & 0xFF
        if pgn >> 8 & 0xFF < 0xF0:
            id |= frame.id & 0xFF00
        return Frame(frame.time, frame.channel, id, bytes(data[:size]), extended=True)

    def _give_up(self, key: str, reason: str) -> None:
        if self._open.pop(key, None) is not None:
            self.context.drop(reason, 1)


def _key(frame: Frame, *, turned: bool = False) -> str:
    """Who sends to whom; `turned`, the other way round."""
    ends = (frame.id & 0xFF, frame.id >> 8 & 0xFF)
    source, target = ends[::-1] if turned else ends
    return f"{frame.channel}/{source:02X}/{target:02X}"
