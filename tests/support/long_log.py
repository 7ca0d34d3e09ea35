"""A long log, and what a replay of it needs in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

__all__ = ["peak_of_replay", "write_long_log"]

FLOW = Path(__file__).parents[2] / "examples" / "rack-to-cloud.json"


def write_long_log(file: Path, frames: int) -> None:
    """A candump log of a rack at 1,000 frames/s whose readings wander."""
    second = "".join(
        f"(SECOND.{index:03d}000) can0 356#{(5000 + index) % 256:02X}13F1FF370000AA\n"
        for index in range(1000)
    )
    with file.open("w") as out:
        for first in range(0, frames, 1000):
            out.write(second.replace("SECOND", str(1_700_000_000 + first // 1000)))


MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""
"""A process counts the memory of the one that made it, so a small one stands between."""


def peak_of_replay(log: Path, frames: int) -> int:
    """Bytes of memory at most, of a replay in a process of its own."""
    replay = [sys.executable, "-m", "flowrt", "replay", str(FLOW), str(log), "--json"]
    measured = [sys.executable, "-c", MEASURED, *replay]
    done = subprocess.run(measured, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert (facts["frames"], facts["by"]) == (frames, "columns")
    return int(done.stderr.split()[-1]) * 1024
