"""Looks at the machine: what would keep flows from running well, each with its remedy."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, TypeAlias

from flowrt import registry

__all__ = ["Finding", "examine"]

Level: TypeAlias = Literal["ok", "warn", "fail"]
_WANTED_BUFFER: Final = 8 * 1024 * 1024
_WANTED_FILES: Final = 1024
_LEAST_DISK: Final = 256 * 1024 * 1024
_PORTS: Final = {8420: "the editor", 5020: "the demo's Modbus server", 18830: "the demo's broker"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it is, and what would help."""

    what: str
    level: Level
    found: str
    remedy: str = ""


def examine(data: Path) -> list[Finding]:
    """Everything that was looked at; `data` is where flows keep what must outlive a restart."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _node_types,
        _event_loop,
        _can_kernel,
        _can_interfaces,
        _receive_buffer,
        lambda: _disk(data),
        _open_files,
        _serial_ports,
        _clock,
        _ports,
        _pages,
    )
    return [finding for look in looks for finding in look()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok", f"{version} on {os.uname().machine}")


def _node_types() -> Iterator[Finding]:
    missing = [item for item in registry.available() if isinstance(item, registry.Missing)]
    total = len(registry.known_types())
    if not missing:
        yield Finding("node types", "ok", f"all {total} can be loaded")
    for item in missing:
        yield Finding("node types", "warn", item.type, item.reason)


def _event_loop() -> Iterator[Finding]:
    if find_spec("uvloop"):
        yield Finding("event loop", "ok", "uvloop")
    else:
        yield Finding("event loop", "warn", "asyncio's own", "For speed: pip install uvloop")


def _can_kernel() -> Iterator[Finding]:
    try:
        with socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW):
            yield Finding("SocketCAN", "ok", "the kernel has it")
    except (OSError, AttributeError):
        remedy = "On a gateway: modprobe can-raw. Without it: interface virtual, slcan, ..."
        yield Finding("SocketCAN", "warn", "the kernel does not have it", remedy)


def _can_interfaces() -> Iterator[Finding]:
    can_type = "280"  # ARPHRD_CAN, linux/if_arp.h
    for folder in sorted(Path("/sys/class/net").glob("*")):
        if _text(folder / "type") != can_type:
            continue
        if int(_text(folder / "flags") or "0", 16) & 1:
            yield Finding(folder.name, "ok", "up")
        else:
            remedy = f"ip link set {folder.name} up type can bitrate 500000"
            yield Finding(folder.name, "warn", "down", remedy)


def _receive_buffer() -> Iterator[Finding]:
    largest = int(_text(Path("/proc/sys/net/core/rmem_max")) or "0")
    if os.geteuid() == 0 or largest >= _WANTED_BUFFER:
        yield Finding("receive buffer", "ok", "8 MB can be had")
    else:
        remedy = f"sysctl -w net.core.rmem_max={_WANTED_BUFFER}, or give CAP_NET_ADMIN"
        yield Finding("receive buffer", "warn", f"{largest} bytes at most", remedy)


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / 1e9:.1f} GB free for {data}"
    if not _can_be_written(there):
        yield Finding("data folder", "fail", f"{there} cannot be written", "Choose --data DIR")
    elif free < _LEAST_DISK:
        yield Finding("data folder", "warn", found, "Make room: queues that spill need it")
    else:
        yield Finding("data folder", "ok", found)


def _can_be_written(folder: Path) -> bool:
    """Tried, because root may write anywhere but where the file system refuses."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _open_files() -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft == resource.RLIM_INFINITY or soft >= _WANTED_FILES
    remedy = "" if enough else f"ulimit -n {_WANTED_FILES}, or LimitNOFILE= in the unit"
    yield Finding("open files", "ok" if enough else "warn", f"{soft} at most", remedy)


def _serial_ports() -> Iterator[Finding]:
    for pattern in ("ttyUSB*", "ttyACM*", "ttyAMA*", "ttymxc*"):
        for port in sorted(Path("/dev").glob(pattern)):
            usable = os.access(port, os.R_OK | os.W_OK)
            remedy = "" if usable else "Add the user to the group dialout"
            found = "usable" if usable else "no permission"
            yield Finding(str(port), "ok" if usable else "warn", found, remedy)


def _clock() -> Iterator[Finding]:
    if Path("/run/systemd/timesync/synchronized").exists():
        yield Finding("clock", "ok", "synchronised")
    elif Path("/run/systemd/system").exists():
        yield Finding("clock", "warn", "not known to be synchronised", "timedatectl set-ntp true")


def _ports() -> Iterator[Finding]:
    for port, whose in _PORTS.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                remedy = "Does flowrt run already? Else choose another port"
                yield Finding(f"port {port}", "warn", f"taken; it is {whose}'s", remedy)
            else:
                yield Finding(f"port {port}", "ok", f"free for {whose}")


def _pages() -> Iterator[Finding]:
    built = (Path(__file__).parent / "web" / "static" / "index.html").is_file()
    if built:
        yield Finding("editor", "ok", "its pages are there")
    else:
        yield Finding(
            "editor", "warn", "its pages are not built in", "Install a wheel, or make setup"
        )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except OSError:
        return ""
