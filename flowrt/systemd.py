"""Says to systemd how the service is, over the socket it names; does nothing without one."""

from __future__ import annotations

import os
import socket

__all__ = ["notify"]


def notify(message: str) -> None:
    """Send a line such as READY=1 (see sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A leading @ stands for the NUL byte of Linux' abstract namespace.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect(name)
        channel.sendall(message.encode())
