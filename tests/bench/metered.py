"""What a command and all processes below it took: seconds, processor time, memory."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

__all__ = ["Metered", "metered"]

_EVERY = 0.02
"""Seconds between samples; a process that ends loses as much of its time."""


@dataclass
class Metered:
    """`seconds` that it ran, `cpu` seconds and most `memory` in bytes of all its processes."""

    seconds: float = 0.0
    memory: int = 0
    spent: dict[int, float] = field(default_factory=dict)
    stdout: bytes = b""

    @property
    def cpu(self) -> float:
        """Processor time of all processes."""
        return sum(self.spent.values())

    def sample(self, process: psutil.Process) -> None:
        """Look at a process and all below it until it ends."""
        while _lives(process):
            memory = 0
            for one in (process, *_below(process)):
                try:
                    times = one.cpu_times()
                    self.spent[one.pid] = times.user + times.system
                    memory += one.memory_info().rss
                except psutil.Error:
                    continue
            self.memory = max(self.memory, memory)
            time.sleep(_EVERY)


def metered(
    command: Sequence[str],
    stdin: Path | None = None,
    meanwhile: Callable[[subprocess.Popen[bytes]], None] = lambda _running: None,
) -> Metered:
    """Run a command, a file as its input, until it ends; raises RuntimeError where it fails."""
    found, begun = Metered(), time.perf_counter()
    source = stdin.open("rb") if stdin else None
    pipe = subprocess.PIPE
    try:
        with subprocess.Popen(command, stdin=source, stdout=pipe, stderr=pipe) as running:
            sampling = threading.Thread(target=found.sample, args=(psutil.Process(running.pid),))
            sampling.start()
            meanwhile(running)
            found.stdout, stderr = running.communicate()
    finally:
        if source:
            source.close()
    found.seconds = time.perf_counter() - begun
    sampling.join()
    if running.returncode:
        raise RuntimeError(stderr.decode())
    return found


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []
