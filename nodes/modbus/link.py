"""A Modbus link that several nodes share: TCP, or RTU over a serial line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from flowrt.node import Duration, Example, NodeFault, Resource, Unavailable, node, setting

if TYPE_CHECKING:
    from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

    Client: TypeAlias = AsyncModbusTcpClient | AsyncModbusSerialClient

__all__ = ["Link"]

_LONGEST_REST: Final = 60.0
"""Seconds a unit that does not answer is left alone at most."""


@node("modbus/link", icon="plug")
class Link(Resource):
    """A line to Modbus devices; one request at a time, and a silent unit is asked less often."""

    transport: Literal["tcp", "rtu"] = setting("How devices are reached.", default="tcp")
    host: str = setting("Host name or address (TCP).", default="")
    port: int = setting("TCP port.", default=502, minimum=1, maximum=65535)
    device: str = setting("Serial port such as /dev/ttyS1 (RTU).", default="")
    baudrate: int = setting("Bit rate (RTU).", default=9600, minimum=300, unit="bit/s")
    parity: Literal["N", "E", "O"] = setting("Parity: none, even, odd (RTU).", default="N")
    stop_bits: Literal[1, 2] = setting("Stop bits (RTU).", default=1, advanced=True)
    timeout: Duration = setting("How long an answer may take.", default=1.0, exclusiveMinimum=0)

    examples = (
        Example("An inverter on the network", settings={"host": "192.168.1.20"}),
        Example(
            "A meter on RS485",
            settings={"transport": "rtu", "device": "/dev/ttyS1", "baudrate": 19200, "parity": "E"},
        ),
    )

    def __post_init__(self) -> None:
        self._client: Client | None = None
        self._turn = asyncio.Lock()
        self._rest: dict[int, tuple[float, float]] = {}
        """Unit -> (when it may be asked again, how long it rested last)."""
        self._requests = self._unanswered = 0

    def problems(self) -> Any:
        """Each transport has settings it cannot do without."""
        needed = "host" if self.transport == "tcp" else "device"
        if not getattr(self, needed):
            yield needed, f'is needed with "transport": "{self.transport}".'

    def summary(self) -> str:
        """Where it leads."""
        return f"{self.host}:{self.port}" if self.transport == "tcp" else self.device

    def figures(self) -> dict[str, float]:
        """Requests since it was made, and how many of them nobody answered."""
        return {"requests": float(self._requests), "unanswered": float(self._unanswered)}

    def _make_client(self) -> Client:
        from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient

        # The link reconnects by itself at the next request, so pymodbus need not.
        common: dict[str, Any] = {"timeout": self.timeout, "retries": 0, "reconnect_delay": 0}
        if self.transport == "tcp":
            return AsyncModbusTcpClient(self.host, port=self.port, **common)
        return AsyncModbusSerialClient(
            self.device,
            baudrate=self.baudrate,
            parity=self.parity,
            stopbits=self.stop_bits,
            **common,
        )

    async def stop(self) -> None:
        """Hang up."""
        self._hang_up()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    async def request(self, unit: int, ask: Callable[[Client], Awaitable[Any]]) -> Any:
        """Ask a unit; raises NodeFault for an exception, Unavailable where it does not answer."""
        async with self._turn:
            self._check_rest(unit)
            client = await self._connected()
            self._requests += 1
            try:
                async with asyncio.timeout(self.timeout * 2):
                    answer = await ask(client)
            except Exception as error:  # pymodbus raises its own kinds, the socket others
                self._unanswered += 1
                self._hang_up()
                self._let_rest(unit)
                reason = str(error) or type(error).__name__
                raise Unavailable(
                    f"unit {unit} at {self.summary()} does not answer: {reason}"
                ) from error
        self._rest.pop(unit, None)
        self.context.status("connected", True)
        if answer.isError():
            raise NodeFault(f"unit {unit} at {self.summary()} refuses: {answer}")
        return answer

    async def _connected(self) -> Client:
        client = self._client or self._make_client()
        self._client = client
        if not client.connected and not await client.connect():
            self._hang_up()
            self.context.status(f"no connection to {self.summary()}", False)
            raise Unavailable(
                f"no connection to {self.summary()}. Is the device on, and the address right?"
            )
        return client

    def _check_rest(self, unit: int) -> None:
        until, _ = self._rest.get(unit, (0.0, 0.0))
        if self.clock.now() < until <= self.clock.now() + _LONGEST_REST:
            raise Unavailable(f"unit {unit} at {self.summary()} is left alone for a while")

    def _let_rest(self, unit: int) -> None:
        _, last = self._rest.get(unit, (0.0, 0.0))
        rest = min(max(self.timeout, last * 2), _LONGEST_REST)
        self._rest[unit] = (self.clock.now() + rest, rest)
        self.context.status(f"unit {unit} is silent", False)
