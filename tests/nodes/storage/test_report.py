"""storage/report: a page a day, under a virtual clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from flowrt.example import Stand
from flowrt.node import Event, Signals
from nodes.storage.report import Report

BERLIN = ZoneInfo("Europe/Berlin")
ZONE: dict[str, Any] = {"timezone": "Europe/Berlin"}


def at(text: str) -> float:
    """A moment in Berlin, `2026-03-01 12:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).timestamp()


class Run:
    """A report node between start and stop; the clock goes on with the messages."""

    def __init__(self, node: Report, begin: float, saved: dict[str, Any] | None = None) -> None:
        self.stand = Stand(node, begin)
        self.node = node
        if saved is not None:
            node.restore(json.loads(json.dumps(saved)))

    async def give(self, *messages: Signals | Event) -> None:
        for message in messages:
            await self.until(message.time)
            await self.node.write([message])

    async def until(self, time: float) -> None:
        """Let the clock go on; a page that is being written is written."""
        while (due := self.stand.clock.next_due()) is not None and due <= time:
            self.stand.clock.advance(due)
            await self.written()
        self.stand.clock.advance(time)

    async def written(self) -> None:
        if self.node._writing is not None:
            await self.node._writing


def ran(
    node: Report, begin: float, messages: Iterable[Signals | Event], end: float, saved: Any = None
) -> tuple[Run, dict[str, Any]]:
    """Run from `begin` to `end`; the state that a checkpoint would hold."""
    run = Run(node, begin, saved)

    async def session() -> None:
        await node.start()
        await run.give(*messages)
        await run.until(end)
        await node.stop()

    asyncio.run(session())
    assert run.stand.faults == []
    return run, node.snapshot()


def soc(time: float, value: float | None, source: str = "rack1") -> Signals:
    return Signals(time, source, {"SOC": value})


def text_of(path: Path) -> str:
    """The words of a page, each element's apart."""
    html = path.read_text(encoding="utf-8")
    body = html[html.index("<main>") : html.index("</body>")].replace("<p class=quiet>", "<p>")
    words = (text.strip() for text in ET.fromstring(body).itertext())
    return "|".join(word for word in words if word).replace("\u202f", " ")


def test_a_page_is_written_after_midnight_of_the_zone(tmp_path: Path) -> None:
    noon = at("2026-03-01 12:00")
    messages = [soc(noon + 600 * n, 50 + n) for n in range(3)]
    run, saved = ran(Report(folder=tmp_path, **ZONE), noon, messages, at("2026-03-02 00:02"))
    assert [path.name for path in tmp_path.iterdir()] == ["report-2026-03-01.html"]
    text = text_of(tmp_path / "report-2026-03-01.html")
    assert "Sunday, 1 March 2026|Times of Europe/Berlin, gathered from 12:00:00." in text
    assert "State of charge|50 \u2013 52 %" in text
    assert list(saved["days"]) == ["2026-03-02"]
    assert run.stand.step.counters.drops == {}


def test_what_is_late_goes_to_the_day_it_is_stamped_for(tmp_path: Path) -> None:
    midnight = at("2026-03-02 00:00")
    node = Report(folder=tmp_path, **ZONE)
    run = Run(node, midnight - 60)

    async def session() -> None:
        await node.start()
        await run.until(midnight + 30)
        await node.write(
            [soc(midnight - 1, 10), soc(midnight + 1, 20), soc(midnight - 200_000, 99)]
        )
        await run.until(midnight + 120)
        await node.stop()

    asyncio.run(session())
    assert "State of charge|10 %" in text_of(tmp_path / "report-2026-03-01.html")
    assert list(node.snapshot()["days"]) == ["2026-03-02"]
    assert run.stand.step.counters.drops == {"not stamped today": 1}


def test_energy_is_what_counters_grow_by(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    counted = [1000.0, 1002.5, 3.0, 4.5]  # the counter begins anew, once
    messages = [
        Signals(begin + n, "rack1", {"SOC": 50, "EnergyCharged": value})
        for n, value in enumerate(counted)
    ]
    ran(Report(folder=tmp_path, **ZONE), begin, messages, at("2026-03-02 00:02"))
    assert "Energy in|4 kWh|charged" in text_of(tmp_path / "report-2026-03-01.html")


def test_a_silent_or_lost_battery_is_absent(tmp_path: Path) -> None:
    begin = at("2026-03-01 00:00")
    end = begin + 86_400
    present = [soc(begin + 20 * n, 50) for n in range(int(86_400 / 20 / 4))]
    lost = [soc(begin + 43_200 + 20 * n, None) for n in range(100)]
    node = Report(folder=tmp_path, **ZONE)
    ran(node, begin, [*present, *lost], end + 120)
    assert "rack1|24.98 %" in text_of(tmp_path / "report-2026-03-01.html")


def test_alarms_have_first_last_count_and_duration(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    messages = [
        Event(begin, "rack1", "high", "raised", "warning", None, "3.61 V"),
        Event(begin + 65, "rack1", "high", "cleared", "warning"),
        Event(begin + 600, "rack1", "high", "raised", "trip", None, "3.66 V"),
        Event(begin + 601, "rack1", "high", "raised", "trip", None, "3.67 V"),
    ]
    ran(Report(folder=tmp_path, **ZONE), begin, messages, at("2026-03-03 00:02"))
    first, second = (text_of(tmp_path / f"report-2026-03-0{n}.html") for n in (1, 2))
    assert "of rack1|3.67 V|trip|10:00:00|10:10:00|2|13 h 51 min, stands" in first
    assert "of rack1|3.67 V|trip|\u2013|\u2013|0|24 h 00 min, stands" in second


def test_a_restart_goes_on_with_the_day_and_tells_the_gap(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    _, saved = ran(Report(folder=tmp_path, **ZONE), begin, [soc(begin, 40)], begin + 10)
    later = begin + 3600
    ran(Report(folder=tmp_path, **ZONE), later, [soc(later, 60)], at("2026-03-02 00:02"), saved)
    text = text_of(tmp_path / "report-2026-03-01.html")
    assert "State of charge|40 \u2013 60 %" in text
    assert "Nothing was gathered: 10:00:10 to 11:00:00." in text


def test_a_day_that_ended_while_it_stood_is_written_at_start(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    _, saved = ran(Report(folder=tmp_path, **ZONE), begin, [soc(begin, 40)], begin + 10)
    later = at("2026-03-04 10:00")
    ran(Report(folder=tmp_path, **ZONE), later, [], later + 1, saved)
    assert [path.name for path in tmp_path.iterdir()] == ["report-2026-03-01.html"]


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_daylight_saving_days_are_drawn_whole(tmp_path: Path, date: str, hours: int) -> None:
    begin = at(f"{date} 00:00")
    messages = [soc(begin + 3600 * n + 1, n) for n in range(hours)]
    ran(Report(folder=tmp_path, **ZONE), begin, messages, begin + hours * 3600 + 120)
    text = text_of(tmp_path / f"report-{date}.html")
    assert f"a day of {hours} hours" in text
    assert f"State of charge|0 \u2013 {hours - 1} %" in text
    assert "00:00|03:00|06:00|09:00|12:00|15:00|18:00|21:00|24:00" in text


def test_the_button_writes_the_day_so_far(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    node = Report(folder=tmp_path, **ZONE)
    run = Run(node, begin)

    async def session() -> None:
        await node.start()
        for n in range(2):
            await run.give(soc(begin + n, 40 + n))
            node.on_button()
            await run.written()
        await node.stop()

    asyncio.run(session())
    assert [path.name for path in tmp_path.iterdir()] == ["report-2026-03-01.html"]
    text = text_of(tmp_path / "report-2026-03-01.html")
    assert "until 10:00:01, the day so far" in text
    assert "40 \u2013 41 %" in text


def test_a_page_of_another_run_is_left_alone_and_old_ones_go(tmp_path: Path) -> None:
    for day in ("2026-02-27", "2026-02-28", "2026-03-01"):
        (tmp_path / f"report-{day}.html").write_text(day)
    begin = at("2026-03-01 10:00")
    node = Report(folder=tmp_path, keep=2, **ZONE)
    ran(node, begin, [soc(begin, 40)], at("2026-03-02 00:02"))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "report-2026-02-28.html",
        "report-2026-03-01-2.html",
        "report-2026-03-01.html",
    ]
    assert (tmp_path / "report-2026-03-01.html").read_text() == "2026-03-01"


def test_a_disk_that_refuses_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.write_text("in the way")
    begin = at("2026-03-01 23:59")
    node = Report(folder=folder, **ZONE)
    run = Run(node, begin)

    async def session() -> None:
        await node.start()
        await run.give(soc(begin, 40))
        await run.until(begin + 180)
        folder.unlink()
        await run.until(begin + 300)
        await node.stop()

    asyncio.run(session())
    assert "cannot be written to" in str(run.stand.faults[0])
    assert "tried again each minute" in str(run.stand.faults[0])
    assert [path.name for path in folder.iterdir()] == ["report-2026-03-01.html"]


def test_memory_is_bounded_and_what_is_left_out_counted(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    messages: list[Signals | Event] = [soc(begin, 1.0, f"rack{n}") for n in range(1000)]
    messages += [Event(begin, f"rack{n}", "high", "raised") for n in range(1000)]
    run, saved = ran(Report(folder=tmp_path, **ZONE), begin, messages, begin + 1)
    assert run.stand.step.counters.drops == {
        "more signals than the page has lines": 940,
        "more batteries than the page has rows": 900,
        "more alarms than the page has rows": 500,
    }
    assert len(json.dumps(saved)) < 200_000


def test_what_comes_from_outside_is_text_and_no_html(tmp_path: Path) -> None:
    begin = at("2026-03-01 10:00")
    evil = "<script>alert(1)</script>"
    messages: list[Signals | Event] = [
        soc(begin, 1.0, evil),
        Event(begin, evil, evil, "raised", "trip", None, evil),
    ]
    ran(Report(folder=tmp_path, title=evil, **ZONE), begin, messages, at("2026-03-02 00:02"))
    html = (tmp_path / "report-2026-03-01.html").read_text(encoding="utf-8")
    assert "<script" not in html
    assert html.count("&lt;script&gt;") > 5
