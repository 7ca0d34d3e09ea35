"""Reading a SocketCAN socket in batches, with the kernel's time stamps and drop count."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Final

from flowrt.node import Frame, NodeFault
from nodes.can.datagrams import AT_ONCE, FD_SIZE, Datagrams

__all__ = ["SocketReader", "raise_receive_buffer"]

_SO_TIMESTAMPNS: Final = 35
_SO_RCVBUFFORCE: Final = 33
_SO_RXQ_OVFL: Final = 40
_EXTENDED: Final = 0x8000_0000
_REMOTE: Final = 0x4000_0000
_ERROR: Final = 0x2000_0000
_LEAST_MARKED: Final = _ERROR
"""An id with any of the three flags set is at least this; an extended one always has its flag."""
_BUS_OFF: Final = 0x40
_RESTARTED: Final = 0x100
_CONTROLLER: Final = 0x04
_PASSIVE: Final = 0x30
_ACTIVE: Final = 0x40
_BITRATE_SWITCH: Final = 0x01
_MOST_AT_ONCE: Final = 256
"""Frames read at one wake-up, so that other tasks get their turn."""


def raise_receive_buffer(sock: socket.socket, size: int) -> int:
    """Ask for a receive buffer of `size` bytes; says how many the kernel gave."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, size)
    except PermissionError:  # without CAP_NET_ADMIN net.core.rmem_max is the limit
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
    # The kernel doubles what is asked for, to have room for its own bookkeeping.
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2


class SocketReader:
    """Reads a raw CAN socket for as long as `run` is awaited."""

    def __init__(
        self,
        sock: socket.socket,
        channel: str,
        deliver: Callable[[list[Frame]], None],
        dropped: Callable[[int], None],
        trouble: Callable[[str, bool], None],
    ) -> None:
        self._trouble = trouble
        self._socket = sock
        self._datagrams = Datagrams(sock)
        self._channel = channel
        self._deliver = deliver
        self._dropped = dropped
        self._kernel_drops = 0
        sock.setsockopt(socket.SOL_SOCKET, _SO_RXQ_OVFL, 1)
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)

    async def run(self) -> None:
        """Deliver batches until the interface fails; raises NodeFault then."""
        loop = asyncio.get_running_loop()
        failed: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self._socket.fileno(), self._read, failed)
        try:
            await failed
        finally:
            loop.remove_reader(self._socket.fileno())

    def _read(self, failed: asyncio.Future[None]) -> None:
        frames: list[Frame] = []
        try:
            while len(frames) < _MOST_AT_ONCE:
                some = self._datagrams.receive()
                frames += [self._frame(*one) for one in some]
                if len(some) < AT_ONCE:
                    break
        except BlockingIOError:
            pass  # everything there was has been read
        except OSError as error:
            if not failed.done():
                name = errno.errorcode.get(error.errno or 0, "?")
                failed.set_exception(
                    NodeFault(f"{self._channel}: {error.strerror} ({name}); opening it again")
                )
        if frames:
            self._deliver(frames)

    def _frame(
        self, word: int, flags: int, data: bytes, size: int, time: float, drops: int
    ) -> Frame:
        """A frame; nearly every one is of the plain kind that is told first."""
        if drops and drops != self._kernel_drops:
            self._count(drops)
        if word < _LEAST_MARKED and size < FD_SIZE:
            return Frame(time, self._channel, word, data)
        if word & _ERROR:
            self._judge(word, data)
        fd = size == FD_SIZE
        return Frame(
            time,
            self._channel,
            word & 0x1FFF_FFFF,
            data,
            extended=bool(word & _EXTENDED),
            fd=fd,
            bitrate_switch=fd and bool(flags & _BITRATE_SWITCH),
            remote=bool(word & _REMOTE),
            error=bool(word & _ERROR),
        )

    def _judge(self, word: int, details: bytes) -> None:
        """What an error frame says of the controller (linux/can/error.h)."""
        if word & _BUS_OFF:
            self._trouble("bus off: is the bus terminated, and the bit rate right?", False)
        elif word & _RESTARTED:
            self._trouble("connected", True)
        elif word & _CONTROLLER and details[1] & _PASSIVE:
            self._trouble("error passive: other nodes do not acknowledge", False)
        elif word & _CONTROLLER and details[1] & _ACTIVE:
            self._trouble("connected", True)

    def _count(self, total: int) -> None:
        """The kernel counts since the socket was made, modulo 2**32."""
        new = (total - self._kernel_drops) & 0xFFFF_FFFF
        self._kernel_drops = total
        if new:
            self._dropped(new)
