"""Kills a worker in the middle of its work."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil

__all__ = ["kill_a_worker"]


def kill_a_worker(pid: int, folder: Path, checkpoints: str) -> bool:
    """SIGKILL a descendant that has a record open beside a checkpoint, once there is one."""
    for _ in range(4000):
        for checkpoint in folder.glob(checkpoints):
            record = checkpoint.with_suffix(".jsonl").resolve()
            for child in psutil.Process(pid).children(recursive=True):
                if _holds(child, record):
                    os.kill(child.pid, signal.SIGKILL)
                    return True
        time.sleep(0.01)
    return False


def _holds(process: psutil.Process, file: Path) -> bool:
    try:
        return any(Path(opened.path) == file for opened in process.open_files())
    except psutil.Error:
        return False
