"""Registers that an EMS writes, as signals of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final, Literal

from flowrt.node import (
    Catalogue,
    Commands,
    Duration,
    Emit,
    Example,
    NodeFault,
    Output,
    SignalInfo,
    Source,
    is_allowed,
    limited,
    node,
    row_problems,
    setting,
)
from nodes.modbus.listener import Listener
from nodes.modbus.map_problems import overlaps
from nodes.modbus.registers import (
    MISSING,
    Layout,
    Number,
    counted,
    decode,
    encode,
    raw_registers,
    scaled,
    words_of,
)
from nodes.modbus.unit import ILLEGAL_ADDRESS, ILLEGAL_VALUE

_MOST_WAITING: Final = 1000
"""Writes that may wait to be sent on."""


@dataclass(frozen=True, kw_only=True)
class SetpointRegister(Layout):
    """A row: a set-point, where it is written, and what it may be."""

    name: str = setting("Name of the signal.", minLength=1)
    unit: str = setting("Unit of the set-point.", default="")
    minimum: float | None = setting("Least that may be asked for.", default=None)
    maximum: float | None = setting("Most that may be asked for.", default=None)
    fail_safe: float | None = setting(
        "Holds until the first write, and again when none has come for `stale_after`; "
        "left out, the signal is then not available.",
        default=None,
    )

    @property
    def span(self) -> range:
        """Its addresses."""
        return range(self.address, self.address + words_of(self.type))


@node("modbus/setpoints", icon="sliders")
class Setpoints(Source):
    """Take set-points that an EMS writes into registers here.

    Each write is sent on, also of an unchanged value. A set-point lapses: when it has not been
    written for `stale_after`, its fail-safe is sent. A long value must be written in one request.
    """

    listener: Listener = setting("Listener that the EMS reaches.")
    unit: int = setting("Unit that answers.", default=1, minimum=1, maximum=255)
    registers: list[SetpointRegister] = setting("What may be written.", minItems=1)
    stale_after: Duration | None = setting(
        "A set-point that has not been written for so long lapses; never, if left out.",
        default=None,
    )
    outside: Literal["refuse", "clamp"] = setting(
        "What a value beyond the limits meets: an exception for the EMS, or the nearest limit.",
        default="refuse",
    )
    source: str = setting("Source of the signals; the node's id, if left out.", default="")

    out = Output("What was written, and fail-safes.", carries="signals")
    lapsed = Output("Raised when a set-point lapses, cleared by the next write.", carries="event")

    examples = (
        Example(
            "Power from the EMS, 0 kW when it falls silent",
            settings={
                "listener": "ems",
                "stale_after": "60 s",
                "registers": [
                    {
                        "name": "PowerRequest",
                        "address": 100,
                        "type": "s16",
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
        """Rows that overlap or share a name; fail-safes outside their limits."""
        yield from overlaps(self.registers)
        yield from row_problems("registers", self.registers)

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """A signal for each row."""
        rows = (
            SignalInfo(
                row.name, self._source, row.unit, row.minimum, row.maximum, cycle=self.stale_after
            )
            for row in self.registers
        )
        return {"out": Catalogue(rows)}

    @property
    def _source(self) -> str:
        return self.source or self.id

    def summary(self) -> str:
        """Where, and how much."""
        return f"{self.listener.summary()}, {counted(self.registers)}"

    # --- its life

    async def start(self) -> None:
        """Answer the EMS from now on; every set-point is at its fail-safe."""
        first = min(row.address for row in self.registers)
        self._span = range(first, max(row.span.stop for row in self.registers))
        self._owned = frozenset(at for row in self.registers for at in row.span)
        self._image = [0] * len(self._span)
        for row in self.registers:
            self._put(row, _resting(row))
        self._commands = Commands(
            *(self, self._source, self.registers, self.stale_after),
            lapsed=self.lapsed,
            on_lapse=lambda row: self._put(row, _resting(row)),
        )
        self.listener.attach(self.unit, self)

    async def stop(self) -> None:
        """Answer no more."""
        self.listener.detach(self.unit, self)
        self._commands.stop()

    async def run(self, emit: Emit) -> None:
        """Send the fail-safes, then what is written."""
        await self._commands.run(emit)

    # --- what the EMS sees

    @property
    def span(self) -> range:
        """From the first register of the table to its last."""
        return self._span

    @property
    def owned(self) -> frozenset[int]:
        """The addresses of the rows."""
        return self._owned

    def read_registers(self) -> Sequence[int]:
        """What holds now."""
        return self._image

    def write_registers(self, address: int, registers: Sequence[int]) -> int | None:
        """Take all of a request or nothing."""
        last = address + len(registers)
        rows = [row for row in self.registers if _meet(row.span, address, last)]
        covered = sum(len(row.span) for row in rows)
        if covered != len(registers) or any(
            row.address < address or row.span.stop > last for row in rows
        ):
            return self._refuse(ILLEGAL_ADDRESS, f"{address} to {last - 1} are no whole set-points")
        wanted: list[tuple[SetpointRegister, Number]] = []
        for row in rows:
            begin = row.address - address
            value = scaled(row, decode(row, registers[begin : begin + len(row.span)]))
            if not isfinite(value) or (self.outside == "refuse" and not is_allowed(row, value)):
                return self._refuse(ILLEGAL_VALUE, f"{row.name} = {value:g} is outside its limits")
            wanted.append((row, value))
        self._take(wanted)
        return None

    def _refuse(self, code: int, why: str) -> int:
        self.context.drop("refused", 1)
        self.context.fault(NodeFault(f"a write by Modbus was refused: {why}."), None)
        return code

    def _take(self, wanted: Sequence[tuple[SetpointRegister, Number]]) -> None:
        values: dict[str, float] = {}
        for row, value in wanted:
            allowed = limited(row, value)
            if allowed != value:
                self.context.drop("clamped to the limits", 1)
            values[row.name] = allowed
            self._put(row, encode(row, allowed)[0])
        self._commands.take(values)

    def _put(self, row: SetpointRegister, registers: Sequence[int]) -> None:
        begin = row.address - self._span.start
        self._image[begin : begin + len(registers)] = registers


def _resting(row: SetpointRegister) -> list[int]:
    if row.fail_safe is None:
        return raw_registers(row, MISSING[row.type])
    return encode(row, row.fail_safe)[0]


def _meet(span: range, begin: int, end: int) -> bool:
    return span.start < end and begin < span.stop
