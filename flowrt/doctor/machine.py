"""Looks at what the runtime stands on: Python, libraries, limits, the clock, ports."""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flowrt import registry
from flowrt.doctor.finding import Finding

__all__ = ["examine_machine"]

_LIBRARIES: Final = ("aiohttp", "cantools", "paho-mqtt", "pymodbus", "python-can")
_WANTED_FILES: Final = 1024
_PORTS: Final = {8420: "the editor", 5020: "the demo's Modbus server", 18830: "the demo's broker"}


def examine_machine() -> Iterator[Finding]:
    """Everything about the machine but its CAN interfaces and its disk."""
    for look in (
        _python,
        _libraries,
        _node_types,
        _event_loop,
        _open_files,
        _clock,
        _ports,
        _pages,
    ):
        yield from look()


def _python() -> Iterator[Finding]:
    number = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", "ok", f"{number} on {os.uname().machine}")


def _libraries() -> Iterator[Finding]:
    yield Finding("libraries", "ok", ", ".join(map(_with_version, _LIBRARIES)))


def _with_version(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name} is missing"


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


def _open_files() -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = soft == resource.RLIM_INFINITY or soft >= _WANTED_FILES
    remedy = "" if enough else f"ulimit -n {_WANTED_FILES}, or LimitNOFILE= in the unit"
    yield Finding("open files", "ok" if enough else "warn", f"{soft} at most", remedy)


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
    built = (Path(__file__).parents[1] / "web" / "static" / "index.html").is_file()
    if built:
        yield Finding("editor", "ok", "its pages are there")
    else:
        yield Finding(
            "editor", "warn", "its pages are not built in", "Install a wheel, or make setup"
        )
