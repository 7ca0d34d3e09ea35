"""Readings to frames, by a CAN database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrt.node import (
    Catalogue,
    Example,
    Frame,
    NodeFault,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.can.database import load_database
from nodes.can.plan import text_signal

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal


@node("can/encode", icon="binary-tree-2")
class Encode(Transform):
    """Encode readings by a DBC, KCD, SYM or ARXML database: one frame a message of readings.

    A signal that does not come keeps its last value; one that never came has the database's
    initial value, else 0.
    """

    database: Path = setting("Database that describes the frames.", file=".dbc .kcd .sym .arxml")
    message: str = setting(
        "Message to encode; empty for the one that the readings' source is named like.", default=""
    )
    channel: str = setting("Channel that is written on the frames.", default="", advanced=True)
    clamp: bool = setting(
        "Send the nearest value in range instead of refusing one out of range.", default=False
    )

    _last: dict[str, dict[str, Value]] = state(factory=dict)

    examples = (
        Example(
            "The state of a Pylontech stack",
            settings={"database": "dbc/pylontech-lv.dbc"},
            given=[Signals(0.0, "State", {"SOC": 90, "SOH": 100, "SOC_hires": 90.0})],
            expect=[Frame(0.0, "", 0x355, bytes.fromhex("5A00640028230000"))],
        ),
    )

    def __post_init__(self) -> None:
        self._messages: dict[str, Message] = {}

    def problems(self) -> Iterator[tuple[str, str]]:
        """A database that is missing or broken; a message that it does not have."""
        try:
            names = [message.name for message in load_database(self.database).messages]
        except NodeFault as error:
            yield "database", str(error)
            return
        if self.message and self.message not in names:
            yield "message", f'"{self.message}" is not in {self.database.name}.'

    def catalogue(self, incoming: Catalogue) -> Catalogue:  # noqa: ARG002
        """No signal leaves."""
        return Catalogue()

    def set_points(self, name: str) -> dict[str, bool]:
        """As they are, in a frame."""
        return {name: True}

    def summary(self) -> str:
        """The message or the database."""
        return self.message or self.database.name

    def on_message(self, message: Signals) -> Frame:
        """Encode one message."""
        described = self._described(self.message or message.source.rpartition("/")[2])
        values = self._values(described, message)
        try:
            data = described.encode(values, strict=True, padding=False)
        except Exception as error:  # cantools raises many kinds
            raise NodeFault(f"{described.name} cannot be encoded: {error}") from error
        return Frame(
            message.time,
            self.channel,
            described.frame_id,
            data,
            extended=described.is_extended_frame,
            fd=described.is_fd or len(data) > 8,
        )

    def _described(self, name: str) -> Message:
        if name not in self._messages:
            found = {message.name: message for message in load_database(self.database).messages}
            if name not in found:
                raise NodeFault(f'{self.database.name} has no message "{name}"')
            self._messages[name] = found[name]
        return self._messages[name]

    def _values(self, described: Message, message: Signals) -> dict[str, Any]:
        """A value for every signal: as it came, as it was, or as it begins."""
        last = self._last.setdefault(described.name, {})
        for signal in described.signals:
            value = message.values.get(signal.name)
            if isinstance(value, str) and text_signal(signal):
                last[signal.name] = _as_number(value, signal)
            elif value is not None:
                last[signal.name] = self._clamped(signal, value) if self.clamp else value
            elif signal.name not in last:
                last[signal.name] = _initial(signal)
        return dict(last)

    def _clamped(self, signal: Signal, value: Value) -> Value:
        if isinstance(value, str) or value is None:
            return value
        low = value if signal.minimum is None else max(value, signal.minimum)
        return low if signal.maximum is None else min(low, signal.maximum)


def _as_number(text: str, signal: Signal) -> int:
    """ASCII text as the number that holds it, first character first, padded with spaces."""
    size = signal.length // 8
    padded = text.encode("ascii", "replace")[:size].ljust(size)
    return int.from_bytes(padded, "little" if signal.byte_order == "little_endian" else "big")


def _initial(signal: Signal) -> Value:
    if isinstance(signal.initial, int | float):
        return signal.initial
    low, high = signal.minimum, signal.maximum
    return 0 if (low is None or low <= 0) and (high is None or high >= 0) else low
