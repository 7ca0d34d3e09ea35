"""News for watchers: bounded, counted, and alarms as they stand."""

from __future__ import annotations

import asyncio
import logging

import pytest

from flowrt.errors import NodeFault
from flowrt.message import Event
from flowrt.watch.watch import Watch


def alarm(state: str, source: str = "State", time: float = 0.0) -> Event:
    return Event(time, source, "soc_low", state, "warning", 19)


def test_events_are_news_of_the_node_that_sent_them() -> None:
    async def scenario() -> list[tuple[str, str, object]]:
        watch = Watch()
        subscription = watch.subscribe()
        watch.events("rack", [alarm("raised"), alarm("cleared")], "low")
        return [(news.kind, news.node, news.data["state"]) for news in await subscription.get()]

    assert asyncio.run(scenario()) == [("alarm", "low", "raised"), ("alarm", "low", "cleared")]


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
