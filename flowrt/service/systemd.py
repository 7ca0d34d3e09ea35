"""Says to systemd how the service is, over the socket it names; does nothing without one."""

from __future__ import annotations

import logging
import os
import socket

__all__ = ["notify"]

_log = logging.getLogger("flowrt.systemd")


def notify(message: str) -> None:
    """Send a line such as READY=1 (see sd_notify(3)); never waits, and never fails."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # A leading @ stands for the NUL byte of Linux' abstract namespace.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    kind = socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
    try:
        with socket.socket(socket.AF_UNIX, kind) as channel:
            channel.connect(name)
            channel.sendall(message.encode())
    except OSError as error:
        _log.warning("systemd was not told %s: %s", message, error)
