"""How soon `flowrt run` decodes its first frame, and what it then weighs."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any, Final

import psutil

from tests.bench.live.station import five_nodes_of
from tests.support.ports import free_port

__all__ = ["first_frame", "running", "start"]

_PATIENCE: Final = 20.0
_SETTLED: Final = 2.0
"""Seconds after the first frame at which memory is looked at."""


def start(*, editor: bool) -> dict[str, float]:
    """Seconds from the command to the first decoded frame in the log; bytes when it is idle."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with running(Path(folder), editor=editor) as process:
            first_frame(process)
            seconds = time.perf_counter() - begun
            time.sleep(_SETTLED)
            return {"seconds": seconds, "memory": psutil.Process(process.pid).memory_info().rss}


@contextmanager
def running(folder: Path, *, editor: bool) -> Iterator[subprocess.Popen[str]]:
    """A gateway with one flow, until the end of the block."""
    file = folder / "started.json"
    file.write_text(json.dumps(_flow()))
    access = ["--bind", f"127.0.0.1:{free_port()}"] if editor else ["--no-editor"]
    command = [sys.executable, "-m", "flowrt", "run", str(file), "--data", f"{folder}/data"]
    process = subprocess.Popen(
        [*command, *access], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def first_frame(process: subprocess.Popen[str]) -> None:
    """Wait until a decoded frame is in the log."""
    assert process.stdout is not None
    limit = Timer(_PATIENCE, process.kill)
    limit.start()
    try:
        if not any("SOC" in line for line in process.stdout):
            raise RuntimeError("no frame was decoded")
    finally:
        limit.cancel()


def _flow() -> dict[str, Any]:
    """Five nodes: a frame by the clock, decoded, judged, aggregated, and logged once."""
    flow = five_nodes_of("started", [])
    flow["nodes"]["tick"] = {
        "type": "core/inject",
        "frame": {"id": "0x355", "data": "5A00640028230000"},
        "every": 1.0,
    }
    flow["nodes"]["show"] = {"type": "core/debug"}
    flow["wires"] += [{"from": "tick", "to": "decode"}, {"from": "decode", "to": "show"}]
    return flow
