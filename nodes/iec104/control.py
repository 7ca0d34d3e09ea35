"""Commands of a control centre, as signals of a flow."""

from __future__ import annotations

import asyncio
import math
import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from flowrt.node import (
    Catalogue,
    Duration,
    Emit,
    Event,
    Example,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Source,
    Timer,
    Value,
    node,
    setting,
)
from nodes.iec104.asdu import TypeId
from nodes.iec104.station import Station

_MOST_WAITING: Final = 1000
"""Commands that may wait to be sent on."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A row: a command, its object address, and its limits."""

    name: str = setting("Name of the signal.", minLength=1)
    object: int = setting("Information object address.", minimum=1, maximum=0xFF_FFFF)
    kind: str = setting(
        "A set-point (float, type 50), or a single command (type 45).",
        default="float",
        enum=["float", "single"],
    )
    unit: str = setting("Unit of the set-point.", default="")
    minimum: float | None = setting("Least that is taken.", default=None)
    maximum: float | None = setting("Most that is taken.", default=None)
    fail_safe: float | None = setting(
        "Holds until the first command, and when none has come for `stale_after`; "
        "left out, the signal is then not available.",
        default=None,
    )

    @property
    def type(self) -> TypeId:
        """The type that commands it."""
        return TypeId.SINGLE_COMMAND if self.kind == "single" else TypeId.FLOAT_COMMAND


@node("iec104/control", icon="sliders")
class Control(Source):
    """Take set-points (C_SE_NC_1) and single commands (C_SC_NA_1) of a control centre.

    A value beyond the limits is refused. Select before execute is confirmed, and not asked for.
    """

    station: Station = setting("Station that centres reach.")
    commands: list[Command] = setting("What may be commanded.", minItems=1)
    stale_after: Duration | None = setting(
        "A command that has not come for so long lapses; never, if left out.", default=None
    )
    source: str = setting("Source of the signals; the node's id, if left out.", default="")

    out = Output("What was commanded, and fail-safes.", carries="signals")
    lapsed = Output("Raised when a command lapses, cleared by the next.", carries="event")

    examples = (
        Example(
            "Power from the control centre",
            {
                "station": "centre",
                "stale_after": "5 min",
                "commands": [
                    {
                        "name": "PowerRequest",
                        "object": 5001,
                        "unit": "kW",
                        "minimum": -100,
                        "maximum": 100,
                        "fail_safe": 0,
                    }
                ],
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rows that share an address or a name; fail-safes outside their limits."""
        for index, row in enumerate(self.commands):
            before = self.commands[:index]
            place = f"commands[{index}]"
            if row.object in [other.object for other in before]:
                yield f"{place}.object", f"{row.object} is there already. Give another."
            if row.name in [other.name for other in before]:
                yield f"{place}.name", f'"{row.name}" is there already. Rename one.'
            if row.fail_safe is not None and not _allowed(row, row.fail_safe):
                yield f"{place}.fail_safe", f"{row.fail_safe:g} is outside the row's own limits."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:  # noqa: ARG002
        """A signal for each row."""
        rows = (
            SignalInfo(row.name, self._source, row.unit, row.minimum, row.maximum)
            for row in self.commands
        )
        return {"out": Catalogue(rows)}

    @property
    def _source(self) -> str:
        return self.source or self.id

    def summary(self) -> str:
        """Where, and how much."""
        return f"{self.station.summary()}, {len(self.commands)} commands"

    # --- its life

    async def start(self) -> None:
        """Take commands from now on."""
        self._by_object = {row.object: row for row in self.commands}
        self._waiting: deque[Signals | Sent] = deque()
        self._bell = asyncio.Event()
        self._timers: dict[int, Timer] = {}
        self._lapsed: set[int] = set()
        for row in self.commands:
            self._watch(row)
        self.station.add_commands(self)

    async def stop(self) -> None:
        """Take no more."""
        self.station.remove_commands(self)
        for timer in self._timers.values():
            timer.cancel()

    async def run(self, emit: Emit) -> None:
        """Send the fail-safes, then what is commanded."""
        resting: dict[str, Value] = {row.name: row.fail_safe for row in self.commands}
        await emit(Signals(self.clock.now(), self._source, resting))
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting:
                await emit(self._waiting.popleft())

    # --- what the station asks

    def knows(self, address: int, type: int) -> bool:
        """Whether there is such a command."""
        row = self._by_object.get(address)
        return row is not None and row.type == type

    def command(self, address: int, element: bytes, *, select: bool) -> bool:
        """Take a command within its limits."""
        row = self._by_object[address]
        value: float = (
            element[0] & 1 if row.kind == "single" else struct.unpack("<f", element[:4])[0]
        )
        if not _allowed(row, value):
            self.context.drop("refused", 1)
            return False
        if not select:
            self._take(row, value)
        return True

    def _take(self, row: Command, value: float) -> None:
        self._watch(row)
        if row.object in self._lapsed:
            self._lapsed.discard(row.object)
            self._send(self._event(row, "cleared", value, "commanded again"))
        self._send(Signals(self.clock.now(), self._source, {row.name: value}))

    def _send(self, message: Signals | Sent) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            self.context.drop("commanded faster than taken, oldest dropped", 1)
        self._waiting.append(message)
        self._bell.set()

    # --- lapsing

    def _watch(self, row: Command) -> None:
        if timer := self._timers.pop(row.object, None):
            timer.cancel()
        if self.stale_after is not None:
            self._timers[row.object] = self.clock.after(self.stale_after, partial(self._lapse, row))

    def _lapse(self, row: Command) -> None:
        self._lapsed.add(row.object)
        self._send(Signals(self.clock.now(), self._source, {row.name: row.fail_safe}))
        text = f"not commanded for {self.stale_after:g} s"
        self._send(self._event(row, "raised", row.fail_safe, text))

    def _event(self, row: Command, state: str, value: Value, text: str) -> Sent:
        source = f"{self._source}.{row.name}"
        return self.lapsed(Event(self.clock.now(), source, self.id, state, "warning", value, text))


def _float_of(element: bytes) -> float:
    value: float = struct.unpack("<f", element[:4])[0]
    return value


def _allowed(row: Command, value: float) -> bool:
    return (
        math.isfinite(value)
        and (row.minimum is None or value >= row.minimum)
        and (row.maximum is None or value <= row.maximum)
    )
