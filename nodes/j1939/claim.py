"""An address of one's own on a J1939 bus."""

from __future__ import annotations

from typing import Final

from flowrt.node import (
    Event,
    Example,
    Frame,
    Hex,
    Output,
    Result,
    Sent,
    Severity,
    Transform,
    node,
    setting,
    state,
)
from nodes.j1939.packets import EVERYONE, pgn_of

_CLAIMED, _REQUEST = 0xEE00, 0xEA00
_PRIORITY: Final = 6
_NOWHERE: Final = 0xFE
"""Address of those that could not claim one."""


@node("j1939/claim", icon="home")
class Claim(Transform):
    """Claim an address, defend it against weaker claims, and tell when a stronger one takes it.

    Wire the bus to it, and it to can/send; give the same address to j1939/transport and to what
    is sent. The lower NAME (SAE J1939-81) is the stronger. When the address is lost, an alarm says
    so, and what the flow goes on sending from it disturbs the bus: stop that by the alarm.
    """

    own_address: Hex = setting("Address to claim.", maximum=0xFD)
    identity: int = setting("Identity number.", minimum=0, maximum=(1 << 21) - 1)
    manufacturer: int = setting("Manufacturer code.", default=0, minimum=0, maximum=2047)
    function: int = setting("Function.", default=255, minimum=0, maximum=255)
    industry: int = setting(
        "Industry group: 0 global, 5 industrial.", default=0, minimum=0, maximum=7
    )
    severity: Severity = setting("How bad a lost address is.", default="alarm")

    out = Output("Claims, for can/send.", carries="frame")
    alarm = Output("The address lost, and claimed again.", carries="event")

    _lost: bool = state(False)

    examples = (
        Example(
            "Who is there? And a weaker claim of the same address",
            settings={"own_address": "0xF9", "identity": 5},
            given=[
                Frame(0.0, "can0", 0x18EAFF20, bytes.fromhex("00EE00"), extended=True),
                Frame(1.0, "can0", 0x18EEFFF9, bytes.fromhex("0600000000FF0000"), extended=True),
            ],
            expect=[
                Frame(0.0, "can0", 0x18EEFFF9, bytes.fromhex("0500000000FF0000"), extended=True),
                Frame(1.0, "can0", 0x18EEFFF9, bytes.fromhex("0500000000FF0000"), extended=True),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._name = (
            self.identity | self.manufacturer << 21 | self.function << 40 | self.industry << 60
        )

    def summary(self) -> str:
        """`address 0xf9`."""
        return f"address {self.own_address:#04x}"

    async def start(self) -> None:
        """Claim."""
        self.context.send(self._claim(self.own_address))
        if self._lost:
            self._lost = False
            self.context.send(self._told(self.clock.now(), "cleared", "is claimed again"))

    def on_message(self, message: Frame) -> Result:
        """Answer who asks, and settle with who claims the same address."""
        if not message.extended or message.error or message.remote:
            return None
        pgn = pgn_of(message.id)
        if pgn == _REQUEST:
            return self._asked(message)
        if pgn == _CLAIMED and message.id & 0xFF == self.own_address and len(message.data) == 8:
            return self._rival(message)
        return None

    def _asked(self, message: Frame) -> Frame | None:
        target = message.id >> 8 & 0xFF
        wanted = int.from_bytes(message.data[:3], "little")
        if wanted != _CLAIMED or target not in (EVERYONE, self.own_address):
            return None
        return self._claim(_NOWHERE if self._lost else self.own_address, message.channel)

    def _rival(self, message: Frame) -> list[Frame | Sent] | None:
        rival = int.from_bytes(message.data, "little")
        if self._lost or rival == self._name:
            return None
        if self._name < rival:
            return [self._claim(self.own_address, message.channel)]
        self._lost = True
        text = f"is taken by a stronger NAME, 0x{rival:016X}. Give one of the two another address"
        claim = self._claim(_NOWHERE, message.channel)
        return [claim, self._told(message.time, "raised", text)]

    def _claim(self, source: int, channel: str = "") -> Frame:
        id = _PRIORITY << 26 | _CLAIMED << 8 | EVERYONE << 8 | source
        data = self._name.to_bytes(8, "little")
        return Frame(self.clock.now(), channel, id, data, extended=True)

    def _told(self, time: float, state: str, text: str) -> Sent:
        source = f"j1939/{self.own_address:02X}"
        whole = f"address 0x{self.own_address:02X} {text}"
        return self.alarm(Event(time, source, "claim", state, self.severity, None, whole))
