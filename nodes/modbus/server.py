"""A Modbus TCP server whose register map is a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowrt.node import (
    Duration,
    Event,
    Example,
    Hex,
    NodeFault,
    Signals,
    Sink,
    node,
    setting,
    split_signal,
)
from nodes.modbus.listener import Listener
from nodes.modbus.map_problems import overlaps
from nodes.modbus.port import Port
from nodes.modbus.registers import MISSING, Layout, Number, counted, encode, raw_registers, words_of
from nodes.modbus.unit import ILLEGAL_ADDRESS


@dataclass(frozen=True, kw_only=True)
class ServedRegister(Layout):
    """A row of the map: what is served where."""

    signal: str = setting("Signal to serve.", default="", signal=True)
    alarm: str = setting(
        "Or the name of an alarm: 1 while it is raised, else 0; the name is the node's id.",
        default="",
    )
    missing: Hex | None = setting(
        "Raw code for no value, or a stale one; the type's own, such as 0x8000, if left out.",
        default=None,
    )


@node("modbus/server", icon="server")
class Server(Sink):
    """Serve readings and alarms as registers, so that an EMS can poll this gateway.

    Holding and input registers show the same map. A register that no row names reads as 0; a value
    that never came, is not available or is stale reads as its missing code.
    """

    overflow = "latest"

    listener: Listener | None = setting(
        "Listener to answer at, with other nodes; left out, it listens by itself.", default=None
    )
    host: str = setting("Address to listen at; 0.0.0.0 for every interface.", default="127.0.0.1")
    port: int = setting("TCP port.", default=502, minimum=1, maximum=65535)
    unit: int = setting("Unit that answers; 0 for any.", default=0, minimum=0, maximum=255)
    registers: list[ServedRegister] = setting("The map.", minItems=1)
    stale_after: Duration | None = setting(
        "Serve the missing code for what has not come for so long; never, if left out.",
        default=None,
    )

    examples = (
        Example(
            "State of charge and an alarm",
            settings={
                "port": 5020,
                "registers": [
                    {"signal": "SOC", "address": 0},
                    {"signal": "PackCurrent", "address": 1, "type": "s16", "scale": 0.1},
                    {"alarm": "soc_low", "address": 10},
                ],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._first = min(row.address for row in self.registers) if self.registers else 0
        ends = [row.address + words_of(row.type) for row in self.registers]
        self._image = [0] * (max(ends, default=1) - self._first)
        self._owned = frozenset(
            row.address + word for row in self.registers for word in range(words_of(row.type))
        )
        self._rows: dict[str, list[tuple[str | None, ServedRegister]]] = {}
        self._alarms: dict[str, list[ServedRegister]] = {}
        self._came: dict[int, float] = {}
        self._raised: dict[str, set[str]] = {}
        for row in self.registers:
            if row.signal:
                source, name = split_signal(row.signal)
                self._rows.setdefault(name, []).append((source, row))
            else:
                self._alarms.setdefault(row.alarm, []).append(row)
        self._port = Port((self.host, self.port))
        self._attached = False

    def figures(self) -> dict[str, float]:
        """Connected clients, and requests since it was made."""
        if self.listener is not None:
            return {}
        return {"clients": float(self._port.clients), "requests": float(self._port.requests)}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rows that name nothing, or overlap."""
        for index, row in enumerate(self.registers):
            if bool(row.signal) == bool(row.alarm):
                yield f"registers[{index}]", 'needs either "signal" or "alarm".'
        yield from overlaps(self.registers)
        if self.listener is not None and self.listener.transport == "rtu" and not self.unit:
            yield "unit", "0 would answer for other devices on the line. Give a number of its own."

    def summary(self) -> str:
        """Where it listens and how much it shows."""
        where = self.listener.summary() if self.listener is not None else str(self._port)
        return f"{where}, {counted(self.registers)}"

    @property
    def address(self) -> str:
        """Where an EMS polls it, while it listens."""
        return f"modbus://{self._port}" if self._port.listening else ""

    async def start(self) -> None:
        """Listen, or answer at a shared listener."""
        self._clear()
        if self.listener is not None:
            self.listener.attach(self.unit, self)
        else:
            self._port.attach(self.unit, self)
            try:
                await self._port.open()
            except NodeFault:
                self._port.detach(self.unit, self)
                raise
        self._attached = True
        self.context.status("listening", True)

    async def stop(self) -> None:
        """Close the connections."""
        if self._attached:
            (self.listener or self._port).detach(self.unit, self)
            self._attached = False
        await self._port.close()

    def _clear(self) -> None:
        for row in self.registers:
            if row.signal:
                self._put(row, raw_registers(row, _missing_code(row)))

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Show the newest readings and alarms."""
        now = self.clock.steady()
        for message in messages:
            if isinstance(message, Event):
                self._show_alarm(message)
            else:
                self._show(message, now)

    def _show(self, message: Signals, now: float) -> None:
        for name, value in message.values.items():
            for source, row in self._rows.get(name, ()):
                if source in (None, message.source):
                    self._put(row, self._registers(row, value, message))
                    self._came[row.address] = now

    def _registers(self, row: ServedRegister, value: object, message: Signals) -> list[int]:
        """A reading's registers; the missing code for what is no number."""
        if isinstance(value, int | float) and value == value:  # not NaN
            number: Number = value
            registers, clamped = encode(row, number)
            if clamped:
                self.context.drop("clamped to the register's range", 1)
            return registers
        if isinstance(value, str):
            name = f"{message.source}.{row.signal}"
            self.context.fault(NodeFault(f'{name} is "{value}", a text'), message)
        return raw_registers(row, _missing_code(row))

    def _show_alarm(self, event: Event) -> None:
        """An alarm that several sources raise stands until all have cleared it."""
        rows = self._alarms.get(event.name, ())
        sources = self._raised.setdefault(event.name, set()) if rows else set()
        if event.state == "raised":
            sources.add(event.source)
        elif event.state == "cleared":
            sources.discard(event.source)
        for row in rows:
            self._put(row, encode(row, int(bool(sources)))[0])

    def _put(self, row: ServedRegister, registers: list[int]) -> None:
        begin = row.address - self._first
        self._image[begin : begin + len(registers)] = registers

    @property
    def span(self) -> range:
        """From the first register of the map to its last."""
        return range(self._first, self._first + len(self._image))

    @property
    def owned(self) -> frozenset[int]:
        """The addresses of the rows."""
        return self._owned

    def read_registers(self) -> Sequence[int]:
        """The registers, stale ones as missing; all in one step, so no long value is torn."""
        self._forget_stale()
        return self._image

    def write_registers(self, address: int, registers: Sequence[int]) -> int | None:
        """Nobody may write them."""
        return ILLEGAL_ADDRESS

    def _forget_stale(self) -> None:
        if self.stale_after is None:
            return
        oldest = self.clock.steady() - self.stale_after
        for row in self.registers:
            if row.signal and self._came.get(row.address, oldest) < oldest:
                self._put(row, raw_registers(row, _missing_code(row)))
                del self._came[row.address]


def _missing_code(row: ServedRegister) -> int:
    return row.missing if row.missing is not None else MISSING[row.type]
