"""Frames of sites, and the `flowrt sites` that takes them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flowrt.message import Frame, to_record

__all__ = [
    "FLOW",
    "SEEDS",
    "await_that",
    "frames",
    "lines",
    "records",
    "run_here",
    "sites_command",
    "size_of",
    "stopped",
]

SEEDS = {"north": 0, "south": 3}
"""What `lines` makes of each site's frames."""
FLOW = Path(__file__).parents[2] / "examples" / "rack-to-cloud.json"


def frames(seed: int, count: int) -> Iterator[Frame]:
    """A rack whose charge crosses the limit often; two frames for each of `count`."""
    for index in range(count):
        soc = 21 + round(6 * ((index // 20 + seed) % 7 - 3) / 3)
        yield Frame(index * 0.1, "can0", 0x355, bytes((soc, 0, 100, 0)))
        yield Frame(index * 0.1 + 0.05, "can0", 0x356, bytes((index % 256, 19, 1, 0, 1, 0)))


def lines(count: int) -> bytes:
    """Frames of two sites in turn, as `flowrt sites` takes them."""
    pairs = zip(*(frames(seed, count) for seed in SEEDS.values()), strict=True)
    return b"".join(
        json.dumps({"site": site, **to_record(frame)}).encode() + b"\n"
        for pair in pairs
        for site, frame in zip(SEEDS, pair, strict=True)
    )


def sites_command(file: Path, *options: str) -> list[str]:
    """The command line that runs a flow or a file of sites."""
    return [sys.executable, "-m", "flowrt", "sites", str(file), *options]


def run_here(folder: Path, given: bytes, flow: Path = FLOW) -> dict[str, Any]:
    """Take lines in one process; gives the facts it prints."""
    command = sites_command(flow, "--data", str(folder))
    done = subprocess.run(command, input=given, capture_output=True, check=True)
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def records(folder: Path) -> dict[str, bytes]:
    """The records of a folder by the names of their files."""
    return {file.name: file.read_bytes() for file in folder.glob("*.jsonl")}


def size_of(folder: Path) -> int:
    """The bytes of all records of a folder."""
    return sum(file.stat().st_size for file in folder.glob("*.jsonl"))


def stopped(running: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Tell a centre to stop; gives the facts it prints."""
    running.send_signal(signal.SIGTERM)
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 0, stderr.decode()
    facts: dict[str, Any] = json.loads(stdout)
    return facts


def await_that(true: Callable[[], bool], seconds: float = 40.0) -> None:
    """Return when something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
