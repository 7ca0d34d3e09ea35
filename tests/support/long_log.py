"""A long log, and what a replay of it needs in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

__all__ = ["peak_of_replay", "write_long_log"]

FLOW = Path(__file__).parents[2] / "examples" / "rack-to-cloud.json"


def write_long_log(file: Path, frames: int) -> None:
    """A candump log of a rack at 1,000 frames/s whose readings wander."""
    with file.open("w") as out:
        for first in range(0, frames, 1000):
            second = 1_700_000_000 + first // 1000
            out.writelines(
                f"({second}.{index:03d}000) can0 356#{(5000 + index) % 256:02X}13F1FF370000AA\n"
                for index in range(1000)
            )


def peak_of_replay(log: Path, frames: int) -> int:
    """Bytes of memory at most, of a replay in a process of its own."""
    command = [sys.executable, "-m", "flowrt", "replay", str(FLOW), str(log), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        facts = json.loads(running.stdout.read())
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    assert (running.returncode, facts["frames"], facts["by"]) == (0, frames, "columns")
    return usage.ru_maxrss * 1024
