"""Messages gathered for a store, and what happens while it fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.node import Message, NodeFault, Unavailable, node
from nodes.storage.buffered import BufferedSink
from tests.support.sinks import reading, until


class Shelf:
    """A store in memory that raises what it is told to."""

    def __init__(self) -> None:
        self.notes: list[NodeFault] = []
        self.kept: list[list[Any]] = []
        self.error: Exception | None = None
        self.closed = 0
        self.busy = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def write(self, messages: Sequence[Any]) -> None:
        self.busy.set()
        self.gate.wait(5)
        if self.error is not None:
            raise self.error
        self.kept.append(list(messages))

    def close(self) -> None:
        self.closed += 1


@node("test/shelved")
class Shelved(BufferedSink):
    """Writes to a shelf."""

    def __post_init__(self) -> None:
        self.shelf = Shelf()

    def open_store(self) -> Shelf:
        return self.shelf

    async def write(self, messages: Sequence[Message]) -> None:
        await super().write(messages)


@pytest.fixture
def sink() -> Shelved:
    return Shelved()


@pytest.fixture
def stand(sink: Shelved) -> Stand:
    return Stand(sink)


def test_is_opened_at_the_start(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        await sink.start()
        await until(lambda: sink.shelf.kept)

    asyncio.run(session())
    assert sink.shelf.kept == [[]]
    assert stand.step.state == ("writing", True)


def test_messages_are_kept_together_when_the_time_has_come(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        await sink.start()
        await until(lambda: sink.shelf.kept)
        for n in range(3):
            await sink.write([reading(n)])
        stand.run_to(0.99)
        await asyncio.sleep(0.02)
        assert len(sink.shelf.kept) == 1
        stand.run_to(1.0)
        await until(lambda: len(sink.shelf.kept) == 2)

    asyncio.run(session())
    assert sink.shelf.kept[1] == [reading(0), reading(1), reading(2)]


def test_a_stop_keeps_what_was_gathered(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        for _ in range(2):
            await sink.start()
            await sink.write([reading()])
            await sink.stop()

    asyncio.run(session())
    assert [batch for batch in sink.shelf.kept if batch] == [[reading()]] * 2
    assert sink.shelf.closed == 2


def test_what_fails_is_tried_again_in_the_same_order(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        sink.shelf.error = Unavailable("the disk is full")
        await sink.start()
        await until(lambda: len(stand.faults) == 1)
        await sink.write([reading(1)])
        stand.run_to(1.0)
        await until(lambda: len(stand.faults) == 2)
        assert stand.step.state == ("the disk is full", False)
        sink.shelf.error = None
        await sink.write([reading(2)])
        stand.run_to(3.0)
        await until(lambda: stand.step.state == ("writing", True))

    asyncio.run(session())
    assert sink.shelf.kept == [[reading(1), reading(2)]]
    assert stand.step.counters.drops == {}


def test_what_comes_during_an_attempt_stays_behind_what_failed(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        await sink.start()
        await until(lambda: sink.shelf.kept)
        sink.shelf.error = Unavailable("the disk is full")
        sink.shelf.busy.clear()
        sink.shelf.gate.clear()
        await sink.write([reading(1)])
        stand.run_to(1.0)
        await until(sink.shelf.busy.is_set)
        await sink.write([reading(2)])
        sink.shelf.gate.set()
        await until(lambda: stand.faults)
        sink.shelf.error = None
        await sink.stop()

    asyncio.run(session())
    assert sink.shelf.kept == [[], [reading(1), reading(2)]]


def test_a_store_that_does_not_keep_up_makes_the_inbox_wait(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        sink.shelf.error = Unavailable("the disk is full")
        await sink.start()
        await until(lambda: stand.faults)
        writing = asyncio.create_task(sink.write([reading()] * 10_000))
        await asyncio.sleep(0.02)
        assert not writing.done()
        sink.shelf.error = None
        stand.run_to(1.0)
        await asyncio.wait_for(writing, 5)

    asyncio.run(session())
    assert sum(map(len, sink.shelf.kept)) == 10_000


def test_what_still_fails_at_the_stop_is_counted(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        await sink.start()
        sink.shelf.error = Unavailable("the disk is full")
        await sink.write([reading()] * 3)
        await sink.stop()

    asyncio.run(session())
    assert stand.step.counters.drops == {"not written before the stop": 3}


def test_what_can_never_be_written_does_not_block_the_rest(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        await sink.start()
        await until(lambda: sink.shelf.kept)
        sink.shelf.error = ValueError("nonsense")
        await sink.write([reading(1)] * 2)
        stand.run_to(1.0)
        await until(lambda: stand.faults)
        sink.shelf.error = None
        await sink.write([reading(2)])
        await sink.stop()

    asyncio.run(session())
    assert sink.shelf.kept == [[], [reading(2)]]
    assert stand.step.counters.drops == {"cannot be written": 2}


def test_what_can_never_be_written_makes_room(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        sink.shelf.error = ValueError("nonsense")
        await sink.start()
        await until(lambda: stand.faults)
        await asyncio.wait_for(sink.write([reading()] * 10_000), 5)
        await sink.stop()

    asyncio.run(session())
    assert stand.step.counters.drops == {"cannot be written": 10_000}


def test_what_a_store_overcame_is_reported(sink: Shelved, stand: Stand) -> None:
    async def session() -> None:
        sink.shelf.notes.append(note)
        await sink.start()
        await until(lambda: stand.faults)

    note = NodeFault("the file was damaged")
    asyncio.run(session())
    assert stand.faults == [note]
    assert sink.shelf.notes == []


def test_takes_every_kind_unless_it_says_otherwise() -> None:
    assert Shelved.inputs[0].kinds == {"signals", "frame", "event"}
