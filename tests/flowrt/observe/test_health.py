"""The gateway's health: the process, the disk, the flows' losses."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from flowrt.observe.health import Health
from flowrt.running.engine import Engine


def test_a_busy_process_is_seen(tmp_path: Path) -> None:
    async def scenario() -> tuple[float, float]:
        health = Health(Engine(tmp_path))
        at_once = (await health.report())["cpu_percent"]
        until = time.monotonic() + 1.05
        while time.monotonic() < until:
            pass
        return at_once, (await health.report())["cpu_percent"]

    at_once, busy = asyncio.run(scenario())
    assert at_once == 0
    assert 20 < busy < 150


def test_journals_are_measured_and_the_disk_where_data_will_be(tmp_path: Path) -> None:
    async def scenario(data: Path) -> tuple[int, bool]:
        report = await Health(Engine(data)).report()
        return report["journal_bytes"], report["disk_free_bytes"] > 0

    (tmp_path / "journal" / "rack").mkdir(parents=True)
    (tmp_path / "journal" / "rack" / "a.seg").write_bytes(bytes(1000))
    (tmp_path / "journal" / "rack" / "b.seg").write_bytes(bytes(24))
    assert asyncio.run(scenario(tmp_path)) == (1024, True)
    assert asyncio.run(scenario(tmp_path / "not" / "there")) == (0, True)


def test_the_report_has_what_the_editor_shows(tmp_path: Path) -> None:
    async def scenario() -> set[str]:
        return set(await Health(Engine(tmp_path)).report())

    assert asyncio.run(scenario()) == {
        *("host", "version", "uptime_seconds", "cpu_percent", "memory_bytes"),
        *("system_memory_percent", "load", "disk_free_bytes", "buses", "journal_bytes"),
        *("dropped", "running", "failed", "safe_mode", "loop_lag_seconds"),
    }
