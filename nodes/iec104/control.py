"""Commands of a control centre, as signals of a flow."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from flowrt.node import (
    Catalogue,
    Commands,
    Duration,
    Emit,
    Example,
    Output,
    SignalInfo,
    Source,
    is_allowed,
    node,
    row_problems,
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
        yield from row_problems("commands", self.commands)

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
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
        self._taken = Commands(
            self, self._source, self.commands, self.stale_after, lapsed=self.lapsed
        )
        self.station.add_commands(self)

    async def stop(self) -> None:
        """Take no more."""
        self.station.remove_commands(self)
        self._taken.stop()

    async def run(self, emit: Emit) -> None:
        """Send the fail-safes, then what is commanded."""
        await self._taken.run(emit)

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
        if not is_allowed(row, value):
            self.context.drop("refused", 1)
            return False
        if not select:
            self._taken.take({row.name: value})
        return True
