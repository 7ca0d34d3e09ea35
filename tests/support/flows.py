"""Small nodes and flows made by hand, for tests of the runtime itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from flowrt.errors import NodeFault
from flowrt.flow.build import Prepared
from flowrt.flow.file import Flow
from flowrt.flow.graph import Edge, Graph
from flowrt.flow.mark import mark_of
from flowrt.node import (
    Catalogue,
    Emit,
    Event,
    Node,
    Output,
    Result,
    SignalInfo,
    Signals,
    Sink,
    Source,
    Transform,
    node,
    setting,
    state,
)


@node("test/count")
class Count(Source):
    """Sends readings n = 0, 1, 2 ... in batches."""

    out = Output("Readings.", carries="signals")

    total: int = setting("How many.", default=10)
    batch: int = setting("How many at once.", default=1)
    fail_at: int = setting("Fails once before this one; -1 for never.", default=-1)
    pace: float = setting("Seconds between two batches.", default=0.0)
    epoch: float = setting("Time of the first.", default=0.0)

    resumes = True
    next: int = state(0)

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        return Catalogue([SignalInfo("n", "count")])

    async def run(self, emit: Emit) -> None:
        while self.next < self.total:
            if self.next == self.fail_at:
                self.fail_at = -1
                raise NodeFault("the source stumbled")
            batch = range(self.next, min(self.total, self.next + self.batch))
            self.next = batch.stop
            await emit([Signals(self.epoch + n, "count", {"n": n}) for n in batch])
            if self.pace:
                await self.clock.sleep(self.pace)


@node("test/drip")
class Drip(Source):
    """Sends readings n = 0, 1, 2 ... for ever, one a millisecond."""

    out = Output("Readings.", carries="signals")

    pause: float = setting("Seconds between two.", default=0.001)
    trips: bool = setting("Cannot start.", default=False)
    rests_first: bool = setting("Pauses before the first.", default=False)

    next: int = state(0)

    async def start(self) -> None:
        if self.trips:
            raise NodeFault("the door is locked")

    async def run(self, emit: Emit) -> None:
        if self.rests_first:
            await self.clock.sleep(self.pause)
        while True:
            self.next += 1
            await emit(Signals(float(self.next - 1), "drip", {"n": self.next - 1}))
            await self.clock.sleep(self.pause)


@node("test/slow-start")
class SlowStart(Transform):
    """Takes its time to start."""

    pause: float = setting("Seconds.", default=0.05)

    seen: int = state(0)

    async def start(self) -> None:
        await self.clock.sleep(self.pause)

    def on_message(self, message: Signals) -> Signals:
        self.seen += 1
        return message


@node("test/deaf")
class Deaf(Source):
    """Does not hear the first cancellation."""

    out = Output("Nothing.", carries="signals")

    async def run(self, emit: Emit) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)


@node("test/double")
class Double(Transform):
    """Doubles n; chokes on multiples of `choke`."""

    choke: int = setting("Raises on multiples of this; 0 for never.", default=0)

    def on_message(self, message: Signals) -> Signals:
        n = message.values["n"]
        assert isinstance(n, int)
        if self.choke and n % self.choke == 0:
            raise NodeFault(f"{n} is a multiple of {self.choke}")
        return Signals(message.time, message.source, {"n": 2 * n})


@node("test/sort")
class Sort(Transform):
    """Sends even and odd n out of different outputs."""

    even = Output("Even ones.", carries="signals")
    odd = Output("Odd ones.", carries="signals")

    def on_message(self, message: Signals) -> Result:
        n = message.values["n"]
        assert isinstance(n, int)
        return self.odd(message) if n % 2 else self.even(message)


@node("test/pairs")
class Pairs(Transform):
    """Remembers the order in which messages arrive."""

    seen: list[float] = state(factory=list)

    def on_message(self, message: Signals) -> Signals:
        self.seen.append(message.time)
        return message


@node("test/catch")
class Catch(Source):
    """Passes on errors of the flow."""

    external = False
    catches_errors = True

    out = Output("Errors.", carries="event")

    async def run(self, emit: Emit) -> None:
        """Nothing: errors come by `on_error`."""

    def on_error(self, event: Event) -> None:
        self.context.send(event)


@node("test/late")
class Late(Sink):
    """Starts at the third attempt only."""

    attempts: int = state(0)

    async def start(self) -> None:
        self.attempts += 1
        if self.attempts < 3:
            raise NodeFault("the port is taken")

    async def write(self, messages: Sequence[Signals]) -> None:
        """Nothing."""


@node("test/keep")
class Keep(Sink):
    """Keeps what comes; can be slow, and can fail once."""

    fail_once: bool = setting("Fails at the first write.", default=False)
    pause: float = setting("Seconds a write takes.", default=0.0)
    stumble_at: int = setting("Fails from that many messages on; 0 for never.", default=0)

    def __post_init__(self) -> None:
        self.got: list[object] = []

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        if self.pause:
            await self.clock.sleep(self.pause)
        if self.fail_once:
            self.fail_once = False
            raise NodeFault("the sink stumbled")
        if 0 < self.stumble_at <= len(self.got):
            raise NodeFault("the sink stumbled")
        self.got.extend(messages)

    def numbers(self) -> list[object]:
        """The n of every reading kept."""
        return [m.values["n"] for m in self.got if isinstance(m, Signals)]


def prepared(nodes: Mapping[str, Node], *wires: str | Edge) -> Prepared:
    """A flow of nodes joined by wires such as "count double" or "sort.odd keep"."""
    for id, one in nodes.items():
        one.id = id
    edges = [wire if isinstance(wire, Edge) else _edge(nodes, wire) for wire in wires]
    flow = Flow("made-by-hand", Path("made-by-hand.json"))
    marks = {f"nodes.{id}": mark_of(one, {}) for id, one in nodes.items()}
    return Prepared(flow, nodes=dict(nodes), graph=Graph(nodes, edges), marks=marks)


def _edge(nodes: Mapping[str, Node], wire: str) -> Edge:
    source, target = wire.split(" ")
    id, _, name = source.partition(".")
    names = [output.name for output in nodes[id].outputs]
    return Edge(id, names.index(name) if name else 0, target, 0)
