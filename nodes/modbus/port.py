"""A place where Modbus clients find this gateway: TCP, or RTU on a serial line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from flowrt.node import NodeFault
from nodes.modbus.unit import ILLEGAL_FUNCTION, RegisterMap, Unit

if TYPE_CHECKING:
    from pymodbus.server import ModbusSerialServer, ModbusTcpServer

    Listening: TypeAlias = ModbusTcpServer | ModbusSerialServer

__all__ = ["Port", "SerialLine"]

_REGISTERS = frozenset({3, 4, 6, 16, 22, 23})
"""The functions that read or write registers."""


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial device and how it is set."""

    device: str
    baudrate: int = 9600
    parity: str = "N"
    stop_bits: int = 1


class Port:
    """Listens, and answers with the maps that are attached, by unit."""

    def __init__(self, place: tuple[str, int] | SerialLine) -> None:
        self._place = place
        self._maps: list[tuple[int, RegisterMap]] = []
        self._units: dict[int, Unit] = {}
        self._server: Listening | None = None
        self.requests = 0
        self.refused = 0

    def __str__(self) -> str:
        if isinstance(self._place, SerialLine):
            return self._place.device
        return f"{self._place[0]}:{self._place[1]}"

    @property
    def listening(self) -> bool:
        """Whether clients can reach it."""
        return self._server is not None

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._server.active_connections) if self._server else 0

    def attach(self, unit: int, map: RegisterMap) -> None:
        """Answer with it, too; as unit 0 it answers for every unit."""
        self._maps.append((unit, map))
        self._units.clear()

    def detach(self, unit: int, map: RegisterMap) -> None:
        """Answer with it no more."""
        self._maps.remove((unit, map))
        self._units.clear()

    async def open(self) -> None:
        """Listen; raises NodeFault where that cannot be."""
        server = self._make_server()
        server.context = _Units(self)  # type: ignore[assignment]  # its own cannot change its units
        if not await server.listen():
            raise NodeFault(f"{self} cannot be listened at. {self._remedy()}")
        self._server = server

    def _remedy(self) -> str:
        if isinstance(self._place, SerialLine):
            return "Is the device there, and may flowrt use it? Nobody else must have it open"
        return (
            "Is the port taken, or below 1024 without the right to it? Choose another port, or "
            'let nodes share it by a resource of type "modbus/listener"'
        )

    def _make_server(self) -> Listening:
        from pymodbus.server import ModbusSerialServer, ModbusTcpServer
        from pymodbus.simulator import DataType, SimData, SimDevice

        unused = SimDevice(0, simdata=[SimData(0, values=[0], datatype=DataType.REGISTERS)])
        if not isinstance(self._place, SerialLine):
            return ModbusTcpServer(unused, address=self._place)
        return ModbusSerialServer(
            unused,
            port=self._place.device,
            baudrate=self._place.baudrate,
            parity=self._place.parity,
            stopbits=self._place.stop_bits,
            ignore_missing_devices=True,  # other units share the line and answer for themselves
        )

    async def close(self) -> None:
        """End all connections."""
        server, self._server = self._server, None
        if server is not None:
            await server.shutdown()  # type: ignore[no-untyped-call]

    def unit(self, id: int) -> Unit:
        """What answers for a unit; raises where nothing does."""
        from pymodbus.exceptions import NoSuchIdException

        found = self._units.get(id)
        if found is None:
            maps = [one for unit, one in self._maps if unit in (0, id)]
            if not maps:
                raise NoSuchIdException(f"unit {id}")
            found = self._units[id] = Unit(maps)
        return found


class _Units:
    """What pymodbus asks: its `context`, over the maps of a port."""

    def __init__(self, port: Port) -> None:
        self._port = port

    def device_ids(self) -> list[int]:
        """The units, for broadcasts, which are off."""
        return []

    async def async_getValues(  # noqa: N802  pymodbus' name
        self, unit: int, function: int, address: int, count: int = 1
    ) -> Any:
        """Registers to send, or an exception."""
        self._port.requests += 1
        if function not in _REGISTERS:
            return self._told(ILLEGAL_FUNCTION)
        return self._told(self._port.unit(unit).read(address, count))

    async def async_setValues(  # noqa: N802  pymodbus' name
        self, unit: int, function: int, address: int, values: Sequence[int]
    ) -> Any:
        """None, or an exception."""
        self._port.requests += 1
        if function not in _REGISTERS:
            return self._told(ILLEGAL_FUNCTION)
        return self._told(self._port.unit(unit).write(address, values))

    def _told(self, answer: list[int] | int | None) -> Any:
        from pymodbus.constants import ExcCodes

        if not isinstance(answer, int):
            return answer
        self._port.refused += 1
        return ExcCodes(answer)
