"""How the gateway itself is: processor, memory, disk, buses, losses."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psutil

from flowrt import __version__

if TYPE_CHECKING:
    from flowrt.running.engine import Engine
    from flowrt.running.step import Step

__all__ = ["Health"]

_SHORTEST: Final = 1.0
"""Seconds; who asks sooner gets the processor's share of the last time."""


class Health:
    """Measures a gateway from when it is made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._process = psutil.Process()
        self._begun = self._asked = time.monotonic()
        self._busy = self._busy_seconds()
        self._percent = 0.0

    async def report(self) -> dict[str, Any]:
        """The health of this moment, JSON-able.

        `cpu_percent` is this process' share of one core since the last report; `dropped` counts
        from when each flow was started.
        """
        engine = self._engine
        free, spilled = await asyncio.to_thread(_disk, engine.data)
        return {
            "host": socket.gethostname(),
            "version": __version__,
            "uptime_seconds": round(time.monotonic() - self._begun, 3),
            "cpu_percent": self._cpu_percent(),
            "memory_bytes": self._process.memory_info().rss,
            "system_memory_percent": psutil.virtual_memory().percent,
            "load": list(os.getloadavg()),
            "disk_free_bytes": free,
            "buses": list(self._buses()),
            "journal_bytes": spilled,
            "dropped": sum(sum(step.counters.drops.values()) for step in self._steps()),
            "running": len(engine.flows),
            "failed": len(engine.failed),
            "safe_mode": engine.condition.safe_mode or None,
            "loop_lag_seconds": round(engine.condition.loop_lag, 4),
        }

    # --- the process

    def _busy_seconds(self) -> float:
        times = self._process.cpu_times()
        return times.user + times.system

    def _cpu_percent(self) -> float:
        passed = time.monotonic() - self._asked
        if passed >= _SHORTEST:
            before, self._busy = self._busy, self._busy_seconds()
            self._asked += passed
            self._percent = round(100 * (self._busy - before) / passed, 1)
        return self._percent

    # --- the flows

    def _steps(self) -> Iterator[Step]:
        for flow in self._engine.flows.values():
            yield from flow.circuit.resources.values()
            yield from flow.circuit.steps.values()

    def _buses(self) -> Iterator[dict[str, Any]]:
        """Every resource of every flow: buses, brokers, links."""
        for name, flow in self._engine.flows.items():
            for id, step in flow.circuit.resources.items():
                text, ok = step.state
                yield {
                    "flow": name,
                    "resource": id,
                    "type": step.node.type,
                    "ok": ok,
                    "status": text,
                    "figures": step.figures(),
                }


# --- the disk


def _disk(data: Path) -> tuple[int, int]:
    """Bytes free where the data folder is or will be, and bytes in the journals of wires."""
    there = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    return shutil.disk_usage(there).free, sum(_sizes(data / "journal"))


def _sizes(folder: Path) -> Iterator[int]:
    for file in folder.rglob("*"):
        try:
            yield file.stat().st_size if file.is_file() else 0
        except FileNotFoundError:  # emptied and removed since it was listed
            continue
