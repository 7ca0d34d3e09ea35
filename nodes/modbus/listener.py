"""Where Modbus clients find this gateway, shared by the nodes that answer them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from flowrt.node import Example, Resource, node, setting
from nodes.modbus.port import Port, SerialLine
from nodes.modbus.unit import RegisterMap

__all__ = ["Listener"]


@node("modbus/listener", icon="plug")
class Listener(Resource):
    """Listen for Modbus clients at a TCP port, or on a serial line (RTU).

    Nodes that name it answer side by side: several maps, several units, readings and set-points.
    """

    transport: Literal["tcp", "rtu"] = setting("How clients reach it.", default="tcp")
    host: str = setting(
        "Address to listen at; 0.0.0.0 for every interface (TCP).", default="127.0.0.1"
    )
    port: int = setting("TCP port.", default=502, minimum=1, maximum=65535)
    device: str = setting("Serial port such as /dev/ttyS1 (RTU).", default="")
    baudrate: int = setting("Bit rate (RTU).", default=9600, minimum=300, unit="bit/s")
    parity: Literal["N", "E", "O"] = setting("Parity: none, even, odd (RTU).", default="N")
    stop_bits: Literal[1, 2] = setting("Stop bits (RTU).", default=1, advanced=True)

    examples = (
        Example("For an EMS on the network", settings={"host": "0.0.0.0"}),  # noqa: S104  an example
        Example(
            "For a PCS on RS485",
            settings={"transport": "rtu", "device": "/dev/ttyS1", "baudrate": 19200},
        ),
    )

    def __post_init__(self) -> None:
        serial = SerialLine(self.device, self.baudrate, self.parity, self.stop_bits)
        self._port = Port(serial if self.transport == "rtu" else (self.host, self.port))

    def problems(self) -> Iterator[tuple[str, str]]:
        """A serial line needs a device."""
        if self.transport == "rtu" and not self.device:
            yield "device", 'is needed with "transport": "rtu".'

    def summary(self) -> str:
        """Where it listens."""
        return str(self._port)

    @property
    def address(self) -> str:
        """Where clients reach it, while it listens."""
        return f"modbus://{self._port}" if self._port.listening else ""

    def figures(self) -> dict[str, float]:
        """Connected clients, requests since it was made, and how many of them were refused."""
        return {
            "clients": float(self._port.clients),
            "requests": float(self._port.requests),
            "refused": float(self._port.refused),
        }

    async def start(self) -> None:
        """Listen."""
        await self._port.open()
        self.context.status("listening", True)

    async def stop(self) -> None:
        """End all connections."""
        await self._port.close()

    def attach(self, unit: int, map: RegisterMap) -> None:
        """Answer with it, too."""
        self._port.attach(unit, map)

    def detach(self, unit: int, map: RegisterMap) -> None:
        """Answer with it no more."""
        self._port.detach(unit, map)
