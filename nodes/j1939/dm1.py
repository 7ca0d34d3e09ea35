"""Active trouble codes of J1939 devices as alarms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from flowrt.node import Event, Example, Frame, Severity, Transform, node, setting, state
from nodes.j1939.packets import pgn_of

_PGN: Final = 0xFECA
_LAMPS: Final[tuple[tuple[int, Severity], ...]] = ((4, "trip"), (6, "alarm"), (2, "warning"))
"""Where the red stop, malfunction and amber lamps are in the first byte, the worst first."""


@node("j1939/dm1", icon="alert-triangle")
class Dm1(Transform):
    """Raise an alarm for each trouble code of a DM1 message, clear it when it is listed no more.

    Put j1939/transport before it: more than one code makes the message long. A red stop lamp makes
    a code a trip, the malfunction lamp an alarm, else it is a warning.
    """

    name: str = setting("Begins the source of the alarms.", default="j1939")

    _active: dict[str, dict[str, Severity]] = state(factory=dict)

    examples = (
        Example(
            "Address 0xF3 has a code with the amber lamp, then none",
            given=[
                Frame(0.0, "", 0x18FECAF3, bytes.fromhex("04FF6E000301FFFF"), extended=True),
                Frame(1.0, "", 0x18FECAF3, bytes.fromhex("00FF00000000FFFF"), extended=True),
            ],
            expect=[
                Event(
                    0.0,
                    "j1939/F3.SPN110",
                    "FMI3",
                    "raised",
                    "warning",
                    1,
                    "SPN 110, failure mode 3, occurred 1 times",
                ),
                Event(1.0, "j1939/F3.SPN110", "FMI3", "cleared", "warning"),
            ],
        ),
    )

    def summary(self) -> str:
        """`trouble codes as j1939/..`."""
        return f"trouble codes as {self.name}/.."

    def on_message(self, message: Frame) -> list[Event]:
        """Compare what a device lists with what it listed before."""
        if not message.extended or pgn_of(message.id) != _PGN or len(message.data) < 6:
            return []
        sender = f"{self.name}/{message.id & 0xFF:02X}"
        before = self._active.get(sender, {})
        severity = severity_of(message.data[0])
        events: list[Event] = []
        now: dict[str, Severity] = {}
        for spn, mode, count in codes_of(message.data):
            key = f"SPN{spn}.FMI{mode}"
            now[key] = severity
            if before.get(key) != severity:
                text = f"SPN {spn}, failure mode {mode}, occurred {count} times"
                events.append(_event(message.time, sender, key, "raised", severity, count, text))
        gone = [
            _event(message.time, sender, key, "cleared", was)
            for key, was in before.items()
            if key not in now
        ]
        self._active[sender] = now
        return events + gone


def codes_of(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Suspect parameter number, failure mode and count of each code (SAE J1939-73, method 4)."""
    for start in range(2, len(data) - 3, 4):
        code = int.from_bytes(data[start : start + 4], "little")
        spn, mode = code & 0xFFFF | code >> 5 & 0x70000, code >> 16 & 0x1F
        if spn and code != 0xFFFF_FFFF:
            yield spn, mode, code >> 24 & 0x7F


def severity_of(lamps: int) -> Severity:
    """The worst lamp that is on."""
    return next((severity for shift, severity in _LAMPS if lamps >> shift & 3 == 1), "warning")


def _event(
    time: float,
    sender: str,
    key: str,
    state: str,
    severity: Severity,
    count: int | None = None,
    text: str = "",
) -> Event:
    parameter, mode = key.split(".")
    return Event(time, f"{sender}.{parameter}", mode, state, severity, count, text)
