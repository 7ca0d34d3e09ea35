"""core/debug."""

from __future__ import annotations

import asyncio

import pytest

from flowrt.example import Stand
from flowrt.node import Signals
from nodes.core.debug import Debug

LOGGER = "flowrt.stand"


def readings(count: int) -> list[Signals]:
    return [Signals(float(n), "s", {"n": n}) for n in range(count)]


def test_keeps_the_last_ones_and_numbers_them() -> None:
    stand = Stand(debug := Debug(keep=2, to="none"))
    asyncio.run(debug.write(readings(5)))
    assert debug.recent() == [(4, "3.000 s n=3"), (5, "4.000 s n=4")]
    assert stand.faults == []


def test_gives_only_what_is_new() -> None:
    Stand(debug := Debug(keep=3, to="none"))
    asyncio.run(debug.write(readings(5)))
    assert [number for number, _ in debug.recent(after=4)] == [5]
    assert debug.recent(after=5) == debug.recent(after=99) == []


def test_logs_a_line_for_each_message(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", LOGGER)
    Stand(debug := Debug())
    asyncio.run(debug.write(readings(2)))
    assert caplog.messages == ["0.000 s n=0", "1.000 s n=1"]


def test_logs_no_more_than_it_may_and_says_how_much_it_left_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", LOGGER)
    stand = Stand(debug := Debug(lines_per_second=1))
    asyncio.run(debug.write(readings(3)))
    asyncio.run(debug.write(readings(2)))
    stand.run_to(1.0)
    asyncio.run(debug.write(readings(1)))
    assert caplog.messages == ["0.000 s n=0", "4 more messages, not shown", "0.000 s n=0"]
    assert debug.suppressed == 4


def test_tells_what_it_left_out_when_stopped(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", LOGGER)
    Stand(debug := Debug(lines_per_second=1))
    asyncio.run(debug.write(readings(3)))
    asyncio.run(debug.stop())
    asyncio.run(debug.stop())
    assert caplog.messages[1:] == ["2 more messages, not shown"]


def test_logs_nothing_when_told_so(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", LOGGER)
    Stand(debug := Debug(to="none"))
    asyncio.run(debug.write(readings(2)))
    assert caplog.messages == []
