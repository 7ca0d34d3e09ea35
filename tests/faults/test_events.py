"""The history of alarms outlives kills, and a full disk stops no flow."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowrt.events.log import EventLog
from flowrt.events.table import EventTable, Wanted
from flowrt.message import Event
from flowrt.watch.watch import Watch
from tests.support.rounds import rounds
from tests.support.running_gateway import RunningGateway

FLOW = {
    "flowrt": 1,
    "name": "restless",
    "nodes": {
        "up": {"type": "core/inject", "values": {"SOC": 10}, "source": "S", "every": "100 ms"},
        "down": {
            "type": "core/inject",
            "values": {"SOC": 50},
            "source": "S",
            "every": "100 ms",
            "delay": "50 ms",
        },
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [
        {"from": "up", "to": "low"},
        {"from": "down", "to": "low"},
        {"from": "low", "to": "show"},
    ],
}


def history(gateway: RunningGateway) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = gateway.ask("api/alarms/history?limit=1000")[0]
    return rows


def numbers(gateway: RunningGateway) -> set[int]:
    return {row["number"] for row in history(gateway) if "number" in row}


def more_than(known: set[int], gateway: RunningGateway) -> set[int]:
    """What the history shows as soon as it has something new."""
    deadline = time.monotonic() + 20
    while not (shown := numbers(gateway)) - known:
        assert time.monotonic() < deadline, "nothing new in the history"
        time.sleep(0.05)
    return shown


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    made = RunningGateway(tmp_path)
    yield made
    made.stop()


@pytest.mark.timeout(180)
def test_what_the_history_has_shown_outlives_kills(gateway: RunningGateway) -> None:
    chance = random.Random(seed := random.randrange(10**6))
    print("seed", seed)
    gateway.put(FLOW)
    shown: set[int] = set()
    for _ in range(rounds(3)):
        gateway.start()
        found = numbers(gateway)
        oldest = min(found, default=0)
        assert {number for number in shown if number >= oldest} <= found
        time.sleep(0.5 + chance.random())
        shown = more_than(shown, gateway)
        assert isinstance(gateway.process, subprocess.Popen)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.process.wait()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of half a megabyte."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.fail("a small disk cannot be mounted: run the tests as root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_events_wait_while_the_disk_is_full_and_none_is_lost(small_disk: Path) -> None:
    async def scenario() -> EventLog:
        watch = Watch()
        events = EventLog(watch, small_disk)
        await events.flush()
        _raise(watch, 0)
        await events.flush()
        filler = small_disk / "filler"
        _fill(filler)
        for number in range(1, 200):
            _raise(watch, number)
            if number % 20 == 0:
                await events.flush()
        waiting = events.waiting
        filler.unlink()
        await events.flush()
        assert waiting > 0
        events.close()
        return events

    events = asyncio.run(scenario())
    assert (events.recorded, events.lost, events.waiting) == (200, 0, 0)
    table = EventTable(small_disk / "events.db")
    rows = table.read(Wanted(1000))
    table.close()
    assert [row["name"] for row in reversed(rows)] == [f"a{number}" for number in range(200)]
    with sqlite3.connect(small_disk / "events.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def _raise(watch: Watch, number: int) -> None:
    event = Event(1.8e9 + number, "State", f"a{number}", "happened", "info", text="x" * 500)
    watch.events("rack", [event], "low")


def _fill(file: Path) -> None:
    """Write until not a byte more goes onto the disk."""
    with file.open("wb", buffering=0) as handle:
        for size in (4096, 1):
            try:
                while True:
                    handle.write(b"\0" * size)
            except OSError:
                continue
