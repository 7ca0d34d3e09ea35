"""Looks at CAN: the kernel, its interfaces, buffers, and adapters at serial ports."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from flowrt.doctor.finding import Finding

__all__ = ["examine_can", "interface_finding"]

_WANTED_BUFFER: Final = 8 * 1024 * 1024
_ARPHRD_CAN: Final = "280"
"""See linux/if_arp.h."""


def examine_can() -> Iterator[Finding]:
    """Everything between the flows and a bus."""
    for look in (_can_kernel, _can_interfaces, _receive_buffer, _serial_ports):
        yield from look()


def _can_kernel() -> Iterator[Finding]:
    try:
        with socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW):
            yield Finding("SocketCAN", "ok", "the kernel has it")
    except (OSError, AttributeError):
        remedy = "On a gateway: modprobe can-raw. Without it: interface virtual, slcan, ..."
        yield Finding("SocketCAN", "warn", "the kernel does not have it", remedy)


def _can_interfaces() -> Iterator[Finding]:
    """Of each CAN interface whether it is up, its bit rate and state, its queue."""
    links = _links()
    for folder in sorted(Path("/sys/class/net").glob("*")):
        if _text(folder / "type") == _ARPHRD_CAN:
            is_up = bool(int(_text(folder / "flags") or "0", 16) & 1)
            yield interface_finding(folder.name, is_up, links.get(folder.name, {}))


def interface_finding(name: str, is_up: bool, link: Mapping[str, Any]) -> Finding:
    """What `ip -json -details link show` says of an interface, judged."""
    info = link.get("linkinfo", {})
    data = info.get("info_data", {})
    rate = data.get("bittiming", {}).get("bitrate")
    found = ", ".join(
        word
        for word in (
            "up" if is_up else "down",
            f"{rate} bit/s" if rate else "",
            str(data.get("state", "")),
            f"sends from a queue of {link['txqlen']}" if "txqlen" in link else "",
        )
        if word
    )
    if not is_up:
        setting = f"up type can bitrate {rate or 500_000}"
        setting = "up" if info.get("info_kind") == "vcan" else setting
        return Finding(name, "warn", found, f"ip link set {name} {setting}")
    if data.get("state") == "BUS-OFF":
        remedy = f"Check wiring, termination and bit rate; ip link set {name} type can restart"
        return Finding(name, "warn", found, remedy)
    if data and not data.get("restart_ms"):
        remedy = f"It stays off after a bus-off: ip link set {name} type can restart-ms 100"
        return Finding(name, "ok", found, remedy)
    return Finding(name, "ok", found)


def _links() -> dict[str, dict[str, Any]]:
    """What the program `ip` knows of each interface; nothing where it is not there."""
    program = shutil.which("ip", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program is None:
        return {}
    command = [program, "-json", "-details", "link", "show"]
    done = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603
    try:
        return {link["ifname"]: link for link in json.loads(done.stdout)}
    except (ValueError, KeyError, TypeError):
        return {}


def _receive_buffer() -> Iterator[Finding]:
    largest = int(_text(Path("/proc/sys/net/core/rmem_max")) or "0")
    if os.geteuid() == 0 or largest >= _WANTED_BUFFER:
        yield Finding("receive buffer", "ok", "8 MB can be had")
    else:
        remedy = f"sysctl -w net.core.rmem_max={_WANTED_BUFFER}, or give CAP_NET_ADMIN"
        yield Finding("receive buffer", "warn", f"{largest} bytes at most", remedy)


def _serial_ports() -> Iterator[Finding]:
    for pattern in ("ttyUSB*", "ttyACM*", "ttyAMA*", "ttymxc*"):
        for port in sorted(Path("/dev").glob(pattern)):
            usable = os.access(port, os.R_OK | os.W_OK)
            remedy = "" if usable else "Add the user to the group dialout"
            found = "usable" if usable else "no permission"
            yield Finding(str(port), "ok" if usable else "warn", found, remedy)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
