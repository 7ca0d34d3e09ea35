"""News for watchers: bounded, counted, and alarms as they stand."""

from __future__ import annotations

import asyncio
import logging

import pytest

from flowrt.errors import NodeFault
from flowrt.message import Event
from flowrt.watch import Watch


def alarm(state: str, source: str = "State", time: float = 0.0) -> Event:
    return Event(time, source, "soc_low", state, "warning", 19)


def test_an_alarm_stands_until_it_is_cleared() -> None:
    watch = Watch()
    watch.events("rack", [alarm("raised"), alarm("raised", "other")])
    assert [event.source for _, event in watch.standing()] == ["State", "other"]
    watch.events("rack", [alarm("cleared")])
    assert [event.source for _, event in watch.standing()] == ["other"]


def test_a_slow_watcher_loses_the_oldest_news_counted() -> None:
    async def scenario() -> tuple[list[object], int]:
        watch = Watch()
        slow = watch.subscribe(capacity=3)
        for number in range(5):
            watch.status("rack", "bus", str(number), ok=True)
        return [news.data["text"] for news in await slow.get()], slow.dropped

    assert asyncio.run(scenario()) == (["2", "3", "4"], 2)


def test_who_has_left_hears_nothing() -> None:
    watch = Watch()
    gone = watch.subscribe(capacity=1)
    watch.unsubscribe(gone)
    watch.flow("rack", "running")
    watch.flow("rack", "stopped")
    assert gone.dropped == 0


def test_a_node_that_keeps_failing_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch()
    for count in range(1, 100):
        watch.fault("rack", "decode", NodeFault("half a frame"), count)
    assert caplog.messages == ["half a frame"]
    assert len(watch.faults) == 99


def test_a_foreseen_fault_has_no_traceback_and_a_bug_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    watch = Watch()
    with caplog.at_level(logging.ERROR):
        watch.fault("rack", "a", NodeFault("foreseen"), 1)
        watch.fault("rack", "b", KeyError("bug"), 1)
    assert [bool(record.exc_info) for record in caplog.records] == [False, True]
