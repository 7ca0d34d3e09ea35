"""What happens to alarms is written in batches off the loop, and read back as it is now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flowrt.events import log
from flowrt.events.log import EventLog
from flowrt.events.table import EventTable, Wanted
from flowrt.message import Event
from flowrt.watch.watch import Watch


def raised(watch: Watch, number: int) -> None:
    watch.events("rack", [Event(float(number), "State", f"a{number}", "raised", "alarm")], "low")


def keep(folder: Path, scenario: Callable[[Watch, EventLog], Awaitable[None]]) -> EventLog:
    async def run() -> EventLog:
        watch = Watch()
        events = EventLog(watch, folder)
        task = asyncio.create_task(events.run())
        await asyncio.sleep(0)
        await scenario(watch, events)
        task.cancel()
        await asyncio.wait([task])
        return events

    return asyncio.run(run())


def test_a_page_has_what_has_just_happened(tmp_path: Path) -> None:
    async def scenario(watch: Watch, events: EventLog) -> None:
        raised(watch, 1)
        watch.acknowledge("rack", "State", "a1", "anna")
        rows = await events.page(Wanted(10))
        assert [(row["state"], row["number"]) for row in rows] == [
            ("acknowledged", 2),
            ("raised", 1),
        ]

    assert keep(tmp_path, scenario).recorded == 2


def test_what_is_left_at_the_end_is_written(tmp_path: Path) -> None:
    async def scenario(watch: Watch, events: EventLog) -> None:
        raised(watch, 1)

    keep(tmp_path, scenario)
    assert [row["name"] for row in EventTable(tmp_path / "events.db").read(Wanted(9))] == ["a1"]


def test_faults_and_statuses_push_no_alarm_out(tmp_path: Path) -> None:
    async def scenario(watch: Watch, events: EventLog) -> None:
        raised(watch, 1)
        for number in range(20_000):
            watch.status("rack", "x", str(number), ok=True)
        assert len(await events.page(Wanted(10))) == 1

    assert keep(tmp_path, scenario).lost == 0


def test_a_chattering_node_is_cut_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    async def scenario(watch: Watch, events: EventLog) -> None:
        for number in range(6000):
            raised(watch, number)
        await events.flush()
        assert (events.lost, events.recorded, events.waiting) == (1000, 500, 4500)

    keep(tmp_path, scenario)


def test_a_disk_that_refuses_is_tried_again_and_nothing_is_lost(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "_PAUSE", 0.01)
    folder = tmp_path / "data"
    folder.write_text("in the way")

    async def scenario(watch: Watch, events: EventLog) -> None:
        for number in range(3):
            raised(watch, number)
            await events.flush()
        assert (events.waiting, events.recorded) == (3, 0)
        folder.unlink()
        await events.flush()
        assert (events.waiting, events.recorded) == (0, 3)

    keep(folder, scenario)
    assert [record.levelname for record in caplog.records if "events wait" in record.message] == [
        "ERROR"
    ]
