"""A CAN bus that several nodes share."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import Example, Frame, NodeFault, Resource, node, setting
from nodes.can.frames import message_of
from nodes.can.library import import_can
from nodes.can.load import Counted, Load, interface_traffic
from nodes.can.mailbox import Mailbox
from nodes.can.polled import PolledReader
from nodes.can.socketcan import SocketReader, raise_receive_buffer

if TYPE_CHECKING:
    import can

_SEND_PATIENCE: Final = 1.0
"""Seconds a frame may wait for room in the transmit queue."""
_RECEIVE_CAPACITY: Final = 50_000
"""Frames a receiver may lag: six seconds of a saturated 1 Mbit/s bus."""


@node("can/bus", icon="topology-bus")
class Bus(Resource):
    """A CAN bus, by any interface that python-can has; opened again with back-off when it fails."""

    interface: str = setting(
        "python-can's name of the interface: socketcan, virtual, slcan, udp_multicast, ...",
        default="socketcan",
    )
    channel: str = setting("The bus: can0, or a device such as /dev/ttyUSB0.", minLength=1)
    bitrate: int | None = setting(
        "Bit rate, where the interface sets it; SocketCAN's is set by `ip link`. The load is told "
        "against it, or against 500 kbit/s where it is left out.",
        default=None,
        minimum=1,
        unit="bit/s",
    )
    fd: bool = setting("Also send and receive CAN FD frames.", default=False)
    receive_buffer: int = setting(
        "Room for frames in the kernel; its default loses most of a burst.",
        default=8 * 1024 * 1024,
        minimum=4096,
        unit="byte",
        advanced=True,
    )
    receive_own: bool = setting(
        "Also receive the frames that this gateway sends on this bus.", default=False, advanced=True
    )
    options: dict[str, int | float | bool | str] = setting(
        "Further arguments for python-can's bus.", default=dict, advanced=True
    )

    examples = (
        Example("The first CAN port", settings={"channel": "can0"}),
        Example("A bus inside this process", settings={"interface": "virtual", "channel": "rack"}),
    )

    def __post_init__(self) -> None:
        self._bus: can.BusABC | None = None
        self._is_open = asyncio.Event()
        self._mailboxes: list[Mailbox] = []
        self._counted = Counted()
        self._load: Load | None = None
        self._kernel_drops = 0

    def summary(self) -> str:
        """Where it is."""
        return f"{self.interface} {self.channel}"

    def figures(self) -> dict[str, float]:
        """Load and rate while it is open, and what the kernel dropped.

        `load_percent` is an estimate from below: stuff bits are not counted.
        """
        drops = {"kernel_drops": float(self._kernel_drops)}
        try:
            return drops | (self._load.figures() if self._load else {})
        except OSError:  # the interface has just gone; the reader tells it
            return drops

    # --- receiving

    def subscribe(self, mailbox: Mailbox) -> None:
        """Deliver to a mailbox from now on; filters follow when the bus is (re)opened."""
        self._mailboxes.append(mailbox)
        self.refilter()

    def refilter(self) -> None:
        """Let the bus pass what the mailboxes want now."""
        if self._bus is not None:
            self._bus.set_filters(self._filters())

    def unsubscribe(self, mailbox: Mailbox) -> None:
        """Deliver no more."""
        self._mailboxes.remove(mailbox)

    def mailbox(self, wanted: frozenset[int] | None, drop: Any) -> Mailbox:
        """A new mailbox for `subscribe`."""
        return Mailbox(wanted, drop, _RECEIVE_CAPACITY)

    def _filters(self) -> list[Any] | None:
        """What the kernel lets through: what anybody wants."""
        wanted = [mailbox.wanted for mailbox in self._mailboxes]
        if not wanted or None in wanted:
            return None
        ids = frozenset[int]().union(*(some for some in wanted if some is not None))
        return [
            {
                "can_id": id & 0x1FFF_FFFF,
                "can_mask": 0x1FFF_FFFF if id & 0x8000_0000 else 0x7FF,
                "extended": bool(id & 0x8000_0000),
            }
            for id in sorted(ids)
        ]

    def _count_and_deliver(self, batch: list[Frame]) -> None:
        self._counted.add(batch)
        self._deliver(batch)

    def _deliver(self, batch: list[Frame]) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(batch)

    def _dropped(self, count: int) -> None:
        self._kernel_drops += count
        self.context.drop("lost in the kernel", count)

    def _overrun(self, count: int) -> None:
        self.context.drop("read faster than taken", count)

    # --- the bus itself

    async def run(self) -> None:
        """Open, read until it fails, close; the engine starts it again after a while."""
        bus = await asyncio.to_thread(self._open)
        self._bus = bus
        self._load = self._measure()
        self._is_open.set()
        self.context.status("connected", True)
        try:
            await self._reader(bus).run()
        finally:
            self._bus = self._load = None
            self._is_open.clear()
            await asyncio.to_thread(bus.shutdown)

    def _open(self) -> can.BusABC:
        import_can()
        import can

        arguments: dict[str, Any] = dict(self.options)
        if self.bitrate is not None:
            arguments["bitrate"] = self.bitrate
        if self.fd:
            arguments["fd"] = True
        if self.interface != "virtual":
            arguments["can_filters"] = self._filters()
        try:
            if self.interface == "socketcan":
                socket.if_nametoindex(self.channel)  # python-can leaks a socket on an absent one
            return can.Bus(
                interface=self.interface,
                channel=self.channel,
                receive_own_messages=self.receive_own,
                **arguments,
            )
        except (can.CanError, OSError, ValueError, ImportError) as error:
            raise NodeFault(f"{self.channel} cannot be opened: {error}.{self._remedy()}") from error

    def _remedy(self) -> str:
        if self.interface != "socketcan":
            return ""
        rate = self.bitrate or 500_000
        return f" Is it there and up? ip link set {self.channel} up type can bitrate {rate}"

    def _measure(self) -> Load | None:
        """A SocketCAN interface counts for itself; the frames of others are counted here."""
        if self.interface != "socketcan":
            return Load(self._counted, self.bitrate)
        try:
            return Load(partial(interface_traffic, self.channel), self.bitrate)
        except OSError as error:
            self.log.warning("the load of %s cannot be told: %s", self.channel, error)
            return None

    def _reader(self, bus: can.BusABC) -> SocketReader | PolledReader:
        sock = getattr(bus, "socket", None) if self.interface == "socketcan" else None
        if sock is None:
            return PolledReader(bus, self.channel, self._count_and_deliver, self._overrun)
        granted = raise_receive_buffer(sock, self.receive_buffer)
        if granted < self.receive_buffer:
            self.log.warning(
                "receive buffer of %d bytes, %d wanted: give CAP_NET_ADMIN, or raise "
                "net.core.rmem_max",
                granted,
                self.receive_buffer,
            )
        return SocketReader(sock, self.channel, self._deliver, self._dropped, self.context.status)

    # --- sending

    async def send(self, frames: Sequence[Frame]) -> None:
        """Send frames in order; raises NodeFault where one cannot be sent."""
        bus = self._bus or await self._opened()
        for frame in frames:
            await self._send(bus, frame)

    async def _opened(self) -> can.BusABC:
        """The bus, when it opens within a second: flows send before it is open at their start."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SEND_PATIENCE):
                await self._is_open.wait()
        if self._bus is None:
            raise NodeFault(f"{self.channel} is not open; the frame is not sent")
        return self._bus

    async def _send(self, bus: can.BusABC, frame: Frame) -> None:
        import can

        if frame.fd and not self.fd:
            raise NodeFault(
                f"0x{frame.id:X} is a CAN FD frame, but {self.channel} is not opened for FD. "
                'Set "fd": true at the bus'
            )
        message = message_of(frame)
        waited = 0.0
        while True:
            try:
                bus.send(message, timeout=0)
            except can.CanOperationError as error:
                if error.error_code != errno.ENOBUFS or waited >= _SEND_PATIENCE:
                    raise NodeFault(f"0x{frame.id:X} cannot be sent: {error}") from error
            else:
                self._counted.add((frame,))
                return
            await self.clock.sleep(0.001)
            waited += 0.001
