"""The engine's heartbeat: it beats while the event loop turns and every flow goes on.

systemd's watchdog is fed by each beat and by nothing else, so a wedged loop, or a flow that is
stuck, starves it; systemd then ends the process by SIGABRT, which leaves a trace of where it was
(see boots.py), and starts it again.
"""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Final

from flowrt.logs import tell_suppressed
from flowrt.service.progress import Progress
from flowrt.service.systemd import notify

if TYPE_CHECKING:
    from flowrt.running.engine import Engine
    from flowrt.service.boots import Boots

__all__ = ["Heartbeat", "watchdog_seconds"]

_log = logging.getLogger("flowrt.service")
_LONGEST: Final = 2.0
_BEATS: Final = 4
"""Beats within the watchdog's time: one that comes late is not the end."""


def watchdog_seconds() -> float | None:
    """How long systemd waits for a sign of life; None where it does not. See sd_watchdog(3)."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 1e6 if microseconds.isdigit() and for_us else None


class Heartbeat:
    """Beats until cancelled; also takes note of a start that has proved itself."""

    def __init__(self, engine: Engine, boots: Boots, progress: Progress | None = None) -> None:
        self._engine = engine
        self._boots = boots
        self._progress = progress or Progress(engine)
        self._watchdog = watchdog_seconds()
        self._told = ""

    @property
    def pause(self) -> float:
        """Seconds between beats."""
        return min(_LONGEST, self._watchdog / _BEATS) if self._watchdog else _LONGEST

    async def run(self) -> None:
        """Beat."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + self.pause
            self.beat()
            await asyncio.sleep(self.pause)
            self._engine.condition.loop_lag = max(0.0, loop.time() - due)

    def beat(self) -> None:
        """Look at the flows, and feed the watchdog where they go on."""
        condition = self._engine.condition
        stuck = self._progress.stuck()
        for name in stuck.keys() - condition.stuck.keys():
            _log.error("stuck: %s", stuck[name], extra={"flow": name})
        condition.stuck = stuck
        if self._watchdog and not stuck:
            notify("WATCHDOG=1")
        self._tell_status()
        if condition.safe_mode:
            self._boots.restarted()
        else:
            self._boots.alive()
        tell_suppressed()

    def _tell_status(self) -> None:
        """Say in a line what `systemctl status` shows, where it is another than before."""
        engine = self._engine
        text = f"{len(engine.flows)} flows run, {len(engine.failed)} failed"
        if engine.condition.safe_mode:
            text = f"safe mode: {engine.condition.safe_mode}"
        elif engine.condition.stuck:
            text = f"stuck: {', '.join(engine.condition.stuck)}"
        if text != self._told:
            self._told = text
            notify(f"STATUS={text}")
