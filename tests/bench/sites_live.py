"""What live sites cost: frames by a pipe and by MQTT, in one process and as actors of Ray."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from flowrt.message import to_record
from tests.bench.metered import metered
from tests.support.mosquitto import Mosquitto, program, running_mosquitto
from tests.support.sites import await_that, frames

__all__ = ["by_message", "live"]

SITES: Final = 4
CREWS: Final = (
    ("one process", ()),
    ("ray, 1 worker", ("--executor", "ray", "--workers", "1")),
    ("ray, 2 workers", ("--executor", "ray", "--workers", "2")),
)
SIZES: Final = (1, 25, 250)


def live(flow: Path, count: int) -> list[dict[str, Any]]:
    """Frames of four sites by a pipe, start not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        few, many = folder / "few.jsonl", folder / "many.jsonl"
        _write_lines(few, SITES)
        _write_lines(many, count)
        return [_by_pipe(flow, folder, few, many, by, crew, count) for by, crew in CREWS]


def _by_pipe(
    flow: Path, folder: Path, few: Path, many: Path, by: str, options: Sequence[str], count: int
) -> dict[str, Any]:
    def run(lines: Path) -> Any:
        data = folder / f"{by}-{lines.stem}"
        command = [sys.executable, "-m", "flowrt", "sites", str(flow), "--data", str(data)]
        return metered([*command, *options], lines)

    small, big = run(few), run(many)
    return {
        "by": by,
        "frames_per_second": count / (big.seconds - small.seconds),
        "cpu_a_million": (big.cpu - small.cpu) / count * 1e6,
        "memory": big.memory,
    }


def _write_lines(file: Path, count: int) -> None:
    some = [to_record(frame) for frame in frames(0, max(1, count // SITES // 2))]
    with file.open("wb") as out:
        for record in some:
            for site in range(SITES):
                out.write(orjson.dumps({"site": f"s{site}", **record}) + b"\n")


# --- MQTT


def by_message(flow: Path, count: int) -> list[dict[str, Any]]:
    """Frames by MQTT, so many a message."""
    return [_by_mqtt(flow, size, count) for size in SIZES]


def _by_mqtt(flow: Path, size: int, count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = ("allow_anonymous true", "max_queued_messages 0", "log_type subscribe")
        with running_mosquitto(folder, *settings) as broker:
            file = _write_sites(folder, flow, broker)
            command = [sys.executable, "-m", "flowrt", "sites", str(file)]
            log = folder / f"mosquitto-{broker.port}.log"

            def until_subscribed(running: subprocess.Popen[bytes]) -> None:
                await_that(lambda: b"frames" in log.read_bytes(), 120)
                time.sleep(0.5)
                running.send_signal(signal.SIGTERM)

            start = metered(command, None, until_subscribed)  # makes the session
            _publish(broker, size, count)

            def until_safe(running: subprocess.Popen[bytes]) -> None:
                await_that(lambda: _last_save(folder) > 0, 120)
                last = -1
                while last != (last := _last_save(folder)):
                    time.sleep(2.5)
                running.send_signal(signal.SIGTERM)

            run = metered(command, None, until_safe)
    taken = json.loads(run.stdout)["sites"]["s0"]["frames"]
    return {"frames_a_message": size, "cpu_a_million": (run.cpu - start.cpu) / taken * 1e6}


def _last_save(folder: Path) -> int:
    """Changes as long as there is something to make safe."""
    return sum(file.stat().st_mtime_ns for file in (folder / "sites").glob("*.checkpoint"))


def _write_sites(folder: Path, flow: Path, broker: Mosquitto) -> Path:
    file = folder / "sites.json"
    mqtt = {"host": "127.0.0.1", "port": broker.port, "client_id": "bench"}
    file.write_text(json.dumps({"flowrt_sites": 1, "flow": str(flow), "input": {"mqtt": mqtt}}))
    return file


def _publish(broker: Mosquitto, size: int, count: int) -> None:
    some = [to_record(frame) for frame in frames(0, count // 2)]
    messages = [orjson.dumps(some[at : at + size]) for at in range(0, len(some), size)]
    at = ("-h", "127.0.0.1", "-p", str(broker.port), "-V", "5", "-q", "1")
    command = [program("mosquitto_pub"), *at, "-t", "sites/s0/frames", "-l"]
    subprocess.run(command, input=b"\n".join(messages), check=True)
