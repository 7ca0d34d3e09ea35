"""A kernel socket in place of can0: datagrams of struct can_frame over loopback.

Where the kernel has no SocketCAN, this is as near as one comes: the same reader, the same system
calls, the kernel's stamps and its drop count. Only what is below the socket differs.
"""

from __future__ import annotations

import socket
import time
from struct import Struct
from typing import Any, Final

from nodes.can.bus import Bus
from nodes.can.socketcan import SocketReader, raise_receive_buffer

__all__ = ["CAN_FRAME", "STAMP_ID", "install", "micros"]

CAN_FRAME: Final = Struct("=IB3x8s")
STAMP_ID: Final = 0x700
"""Frames of this id hold the moment they were sent, in microseconds modulo 2**32."""
_WRAP: Final = 1 << 32


def micros() -> int:
    """Now, in microseconds modulo 2**32."""
    return time.time_ns() // 1000 % _WRAP


class _Out:
    """What python-can's bus is to can/send: one system call a frame; notes how old stamps are."""

    def __init__(self, ages: list[int]) -> None:
        self._socket, self._peer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ages = ages

    def send(self, message: Any, timeout: float) -> None:
        """Hand a frame to the kernel, and take it out again on the far side."""
        data = bytes(message.data)
        self._socket.send(CAN_FRAME.pack(message.arbitration_id, len(data), data.ljust(8, b"\0")))
        if message.arbitration_id == STAMP_ID:
            self._ages.append((micros() - int.from_bytes(data[:4], "little")) % _WRAP)
        self._peer.recv(64)


def install(ages: list[int]) -> None:
    """Make every can/bus read the loopback port that is its channel; `ages` gets microseconds."""

    async def run(self: Any) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", int(self.channel)))
        raise_receive_buffer(sock, self.receive_buffer)
        self._bus = _Out(ages)
        self._is_open.set()
        self.context.status("connected", True)
        reader = SocketReader(sock, self.channel, self._deliver, self._dropped, self.context.status)
        try:
            await reader.run()
        finally:
            self._bus = None
            self._is_open.clear()
            sock.close()

    Bus.run = run  # type: ignore[method-assign]
    Bus.subscribe = lambda self, mailbox: self._mailboxes.append(mailbox)  # type: ignore[method-assign]
