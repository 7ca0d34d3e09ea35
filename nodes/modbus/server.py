"""A Modbus TCP server whose register map is a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

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
from nodes.modbus.registers import Layout, Number, counted, encode, raw_registers, words_of

if TYPE_CHECKING:
    from pymodbus.server import ModbusTcpServer


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


_MISSING: Final = {
    "u16": 0xFFFF,
    "s16": 0x8000,
    "u32": 0xFFFF_FFFF,
    "s32": 0x8000_0000,
    "u64": (1 << 64) - 1,
    "s64": 1 << 63,
    "f32": 0x7FC0_0000,
    "f64": 0x7FF8 << 48,
}
"""SunSpec's codes for what is not implemented, and the quiet NaN."""


@node("modbus/server", icon="server")
class Server(Sink):
    """Serve readings and alarms as registers, so that an EMS can poll this gateway.

    Holding and input registers show the same map. A register that no row names reads as 0; a value
    that never came, is not available or is stale reads as its missing code.
    """

    overflow = "latest"

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
        self._server: ModbusTcpServer | None = None
        self._requests = 0

    def figures(self) -> dict[str, float]:
        """Connected clients, and requests since it was made."""
        clients = len(self._server.active_connections) if self._server else 0
        return {"clients": float(clients), "requests": float(self._requests)}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rows that name nothing, or overlap."""
        taken: dict[int, int] = {}
        for index, row in enumerate(self.registers):
            place = f"registers[{index}]"
            if bool(row.signal) == bool(row.alarm):
                yield place, 'needs either "signal" or "alarm".'
            for address in range(row.address, row.address + words_of(row.type)):
                if address > 0xFFFF:
                    yield f"{place}.address", f"{row.type} at {row.address} ends beyond 65535."
                    break
                if address in taken:
                    yield f"{place}.address", f"register {address} is row {taken[address]}'s."
                    break
                taken[address] = index

    def summary(self) -> str:
        """Where it listens and how much it shows."""
        return f"{self.host}:{self.port}, {counted(self.registers)}"

    @property
    def address(self) -> str:
        """Where an EMS polls it, while it listens."""
        return f"modbus://{self.host}:{self.port}" if self._server else ""

    async def start(self) -> None:
        """Listen."""
        from pymodbus.server import ModbusTcpServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        self._clear()
        block = SimData(self._first, values=[0] * len(self._image), datatype=DataType.REGISTERS)
        device = SimDevice(self.unit, simdata=[block], action=self._answer)
        server = ModbusTcpServer(device, address=(self.host, self.port))
        if not await server.listen():
            raise NodeFault(
                f"{self.host}:{self.port} cannot be listened at. Is the port taken, or below 1024 "
                "without the right to it? Choose another port"
            )
        self._server = server
        self.context.status("listening", True)

    async def stop(self) -> None:
        """Close the connections."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    def _clear(self) -> None:
        for row in self.registers:
            if row.signal:
                self._put(row, raw_registers(row, _missing_code(row)))

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Show the newest readings and alarms."""
        now = self.clock.now()
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

    async def _answer(
        self,
        _function: int,
        _start: int,
        _address: int,
        _count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> Any:
        """Bring the server's registers up to date; nobody may write them.

        All in one step of the event loop, so that a long value is never torn.
        """
        from pymodbus.constants import ExcCodes

        self._requests += 1
        if written is not None:
            return ExcCodes.ILLEGAL_ADDRESS
        self._forget_stale()
        registers[:] = self._image
        return None

    def _forget_stale(self) -> None:
        if self.stale_after is None:
            return
        oldest = self.clock.now() - self.stale_after
        for row in self.registers:
            if row.signal and self._came.get(row.address, oldest) < oldest:
                self._put(row, raw_registers(row, _missing_code(row)))
                del self._came[row.address]


def _missing_code(row: ServedRegister) -> int:
    return row.missing if row.missing is not None else _MISSING[row.type]
