"""Registers read in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flowrt.node import (
    Catalogue,
    Duration,
    Emit,
    Example,
    Hex,
    NodeFault,
    Output,
    SignalInfo,
    Signals,
    Source,
    Value,
    node,
    setting,
)
from nodes.modbus.link import Link
from nodes.modbus.registers import Layout, counted, decode, scaled, words_of

_MOST_REGISTERS: Final = 125
"""Registers in one answer, as the protocol allows."""
_MOST_BITS: Final = 2000


@dataclass(frozen=True, kw_only=True)
class PolledRegister(Layout):
    """A row: a reading and where it lies."""

    name: str = setting("Name of the reading.", minLength=1)
    kind: Literal["holding", "input", "coil", "discrete"] = setting(
        "Table it lies in.", default="holding"
    )
    unit: str = setting("Unit of the reading.", default="")
    minimum: float | None = setting("Smallest sound reading.", default=None)
    maximum: float | None = setting("Largest sound reading.", default=None)
    invalid: list[Hex] = setting("Raw codes that mean: not available.", default=list)

    @property
    def is_bit(self) -> bool:
        """Whether it is a single bit."""
        return self.kind in ("coil", "discrete")

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + (1 if self.is_bit else words_of(self.type))


@node("modbus/poll", icon="refresh")
class Poll(Source):
    """Read a table of registers every so often; neighbours are read in one request."""

    link: Link = setting("Line to the device.")
    unit: int = setting("Unit of the device.", default=1, minimum=0, maximum=247)
    every: Duration = setting("How often.", default=1.0, exclusiveMinimum=0)
    registers: list[PolledRegister] = setting("What to read.", minItems=1)
    source: str = setting("Source of the readings; the node's id, if left out.", default="")
    gap: int = setting(
        "Unwanted registers to read along rather than to ask twice.",
        default=8,
        minimum=0,
        maximum=100,
        advanced=True,
    )

    out = Output("The readings of one poll.", carries="signals")

    examples = (
        Example(
            "Battery of a Huawei inverter",
            settings={
                "link": "inverter",
                "every": "5 s",
                "registers": [
                    {"name": "Power", "address": 37001, "type": "s32", "unit": "W"},
                    {"name": "SOC", "address": 37004, "scale": 0.1, "unit": "%"},
                ],
            },
        ),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Names that stand twice."""
        names = [row.name for row in self.registers]
        for index, name in enumerate(names):
            if name in names[:index]:
                yield f"registers[{index}].name", f'"{name}" is there already. Rename one.'

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """A signal for each row."""
        return Catalogue(
            SignalInfo(row.name, self._source, row.unit, row.minimum, row.maximum, cycle=self.every)
            for row in self.registers
        )

    @property
    def _source(self) -> str:
        return self.source or self.id

    def summary(self) -> str:
        """How much, how often."""
        return f"unit {self.unit}, {counted(self.registers)} every {self.every:g} s"

    async def run(self, emit: Emit) -> None:
        """Poll on the beat; a poll that takes too long skips beats."""
        blocks = blocks_of(self.registers, self.gap)
        due = self.clock.now()
        while True:
            values: dict[str, Value] = {}
            for block in blocks:
                values |= await self._read(block)
            if values:
                await emit(Signals(self.clock.now(), self._source, values))
            late = self.clock.now() - due
            due += self.every * max(1, int(late // self.every) + 1) if late >= 0 else self.every
            await self.clock.sleep(min(max(due - self.clock.now(), 0.0), self.every))

    async def _read(self, block: Sequence[PolledRegister]) -> dict[str, Value]:
        """The readings of a block; where it fails as a whole, those of its rows one by one."""
        try:
            return await self._ask(block)
        except NodeFault as error:
            if len(block) == 1 or "refuses" not in str(error):
                self.context.drop("not read", len(block))
                self.context.fault(NodeFault(f"{_names(block)}: {error}"), None)
                return {}
        values: dict[str, Value] = {}
        for row in block:
            values |= await self._read([row])
        return values

    async def _ask(self, block: Sequence[PolledRegister]) -> dict[str, Value]:
        first, kind = block[0].address, block[0].kind
        count = block[-1].end - first
        methods = {
            "holding": "read_holding_registers",
            "input": "read_input_registers",
            "coil": "read_coils",
            "discrete": "read_discrete_inputs",
        }
        answer = await self.link.request(
            self.unit,
            lambda client: getattr(client, methods[kind])(first, count=count, device_id=self.unit),
        )
        cells: list[int] = answer.bits if block[0].is_bit else answer.registers
        if len(cells) < count:
            raise NodeFault(f"{len(cells)} values came where {count} were asked for")
        return {
            row.name: _reading(row, cells[row.address - first : row.end - first]) for row in block
        }


def blocks_of(rows: Sequence[PolledRegister], gap: int) -> list[list[PolledRegister]]:
    """Rows that one request can read, by table and address."""
    blocks: list[list[PolledRegister]] = []
    for row in sorted(rows, key=lambda row: (row.kind, row.address)):
        block = blocks[-1] if blocks else None
        most = _MOST_BITS if row.is_bit else _MOST_REGISTERS
        if (
            block is not None
            and block[0].kind == row.kind
            and row.address - max(other.end for other in block) <= gap
            and row.end - block[0].address <= most
        ):
            block.append(row)
        else:
            blocks.append([row])
    return [sorted(block, key=lambda row: row.end) for block in blocks]


def _reading(row: PolledRegister, cells: Sequence[int]) -> Value:
    if row.is_bit:
        return int(bool(cells[0]))
    raw = decode(row, cells)
    code = int.from_bytes(b"".join(cell.to_bytes(2, "big") for cell in cells), "big")
    if raw != raw or code in row.invalid or raw in row.invalid:  # NaN, or a code for it
        return None
    return scaled(row, raw)


def _names(block: Sequence[PolledRegister]) -> str:
    names = [row.name for row in block]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
