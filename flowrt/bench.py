"""How fast a flow runs: synthetic frames of its own DBC through the real engine.

Frames enter at the flow's CAN sources and sinks take what reaches them without passing it on, so
the figure is the engine's and the nodes', not a broker's. Throughput and latency are measured
apart: the first with all frames pushed as fast as they go, the second paced.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final, Protocol, runtime_checkable

from flowrt.errors import FlowrtError
from flowrt.flow.check import Prepared, rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame, Message
from flowrt.node import Emit, Node, Resource, Sink, Source
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch

__all__ = ["Result", "bench"]

_BATCH: Final = 256
"""Frames a push: what a busy SocketCAN socket gives at one wake-up."""
_DISTINCT: Final = 4096
"""Different frames made; they are sent over and over with new times."""
_LATENCY_RATE: Final = 8000.0
_LATENCY_SECONDS: Final = 4.0
_FEWEST_ARRIVALS: Final = 20
"""Messages at the sinks below which percentiles would say nothing."""


@runtime_checkable
class Synthetic(Protocol):
    """A node that can make sound input for itself, such as a decoder from its database."""

    def synthetic(self, count: int, seed: int) -> list[Frame]:
        """Frames that the node can use."""


@dataclass
class Result:
    """What was measured; times in seconds, memory in bytes, latency in milliseconds."""

    frames: int
    seconds: float
    processor_seconds: float
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    latency: dict[str, float] = field(default_factory=dict)
    dropped: dict[str, dict[str, int]] = field(default_factory=dict)
    errors: int = 0
    memory: int = 0

    @property
    def frames_per_second(self) -> float:
        """The headline."""
        return self.frames / self.seconds

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "frames": self.frames,
            "seconds": self.seconds,
            "processor_seconds": self.processor_seconds,
            "frames_per_second": self.frames_per_second,
            "nodes": self.nodes,
            "latency_ms": self.latency,
            "drops": self.dropped,
            "errors": self.errors,
            "memory_bytes": self.memory,
        }


def bench(
    path: Path,
    frames: int,
    progress: Callable[[int], None] = lambda _frames: None,
    *,
    latency: bool = True,
    watched: bool = False,
) -> Result:
    """Measure a flow; raises CheckFailed, or FlowrtError where nothing can make its frames.

    `watched` measures it as if somebody looked at every output, so that nothing is left out.
    """
    return asyncio.run(_Bench(path, progress, watched=watched).run(frames, latency=latency))


class _Bench:
    def __init__(self, path: Path, progress: Callable[[int], None], *, watched: bool) -> None:
        self._path = path
        self._progress = progress
        self._watched = watched

    async def run(self, frames: int, *, latency: bool) -> Result:
        with tempfile.TemporaryDirectory() as folder:
            result = await self._throughput(frames, Path(folder))
            if latency:
                result.latency = await self._latency(Path(folder))
        result.memory = _memory()
        return result

    def _flow(self, run: Callable[[Source, list[Frame]], Any], folder: Path) -> RunningFlow:
        """The flow with its sources replaced by `run`, its sinks and resources cut off."""
        prepared = rehearsable(read_flow(self._path))
        feeds = _frames_by_source(prepared)
        for node in (*prepared.nodes.values(), *prepared.resources.values()):
            _cut_off(node)
        for id, batch in feeds.items():
            source = prepared.nodes[id]
            assert isinstance(source, Source)
            _replace(source, "run", run(source, batch))
        flow = RunningFlow(prepared, Watch(), data=folder)
        if self._watched:
            for step in flow.circuit.steps.values():
                for outlet in step.outlets:
                    outlet.targets.append(_ignore)
        return flow

    async def _throughput(self, frames: int, folder: Path) -> Result:
        sent = 0

        def make(_source: Source, batch: list[Frame]) -> Any:
            async def push(emit: Emit) -> None:
                nonlocal sent
                while sent < frames:
                    part = batch[sent % _DISTINCT :][: min(_BATCH, frames - sent)]
                    sent += len(part)
                    await emit(part)
                    if not sent % (64 * _BATCH):
                        self._progress(sent)

            return push

        flow = self._flow(make, folder)
        begun, begun_processor = perf_counter(), process_time()
        await flow.start()
        await _ended(flow)
        await flow.stop(patience=60)
        seconds, processor = perf_counter() - begun, process_time() - begun_processor
        return _result(flow, sent, seconds, processor)

    async def _latency(self, folder: Path) -> dict[str, float]:
        """From a frame's entry to a message of its time at a sink, at 8,000 frames/s."""
        arrivals: list[float] = []

        def make(_source: Source, batch: list[Frame]) -> Any:
            return _paced(batch)

        flow = self._flow(make, folder)
        for step in flow.circuit.steps.values():
            if isinstance(step.node, Sink):
                _replace(step.node, "write", _stopwatch(arrivals))
        await flow.start()
        await _ended(flow)
        await flow.stop()
        return _percentiles(arrivals)


def _paced(batch: list[Frame]) -> Callable[[Emit], Any]:
    """Sends frames at 8,000/s, each stamped with the moment it was handed over."""

    async def push(emit: Emit) -> None:
        begun = perf_counter()
        sent = 0
        while (elapsed := perf_counter() - begun) < _LATENCY_SECONDS:
            due = int(elapsed * _LATENCY_RATE) - sent
            now = perf_counter()
            part = [_stamped(batch[(sent + n) % len(batch)], now) for n in range(due)]
            sent += due
            await emit(part)
            await asyncio.sleep(0.001)

    return push


def _stamped(frame: Frame, now: float) -> Frame:
    return Frame(now, frame.channel, frame.id, frame.data, frame.extended, frame.fd)


def _stopwatch(arrivals: list[float]) -> Callable[[Sequence[Message]], Any]:
    async def write(messages: Sequence[Message]) -> None:
        now = perf_counter()
        # A window's message bears the window's time, not that of the frame that closed it.
        arrivals.extend(now - m.time for m in messages if 0 <= now - m.time < 1)

    return write


def _percentiles(arrivals: list[float]) -> dict[str, float]:
    if len(arrivals) < _FEWEST_ARRIVALS:
        return {}
    cuts = statistics.quantiles(arrivals, n=1000, method="inclusive")
    named = {"p50": cuts[499], "p99": cuts[989], "p99.9": cuts[998], "max": max(arrivals)}
    return {name: round(value * 1000, 4) for name, value in named.items()}


def _frames_by_source(prepared: Prepared) -> dict[str, list[Frame]]:
    """Frames for each CAN source, made by the nodes right behind it."""
    feeds: dict[str, list[Frame]] = {}
    for id, node in prepared.nodes.items():
        if isinstance(node, Source) and any("frame" in o.kinds for o in node.outputs):
            behind = (prepared.nodes[edge.target] for edge in prepared.graph.outgoing(id))
            makers = [target for target in behind if isinstance(target, Synthetic)]
            if makers:
                feeds[id] = _mixed(makers)
    if not feeds:
        raise FlowrtError(
            f"{prepared.flow.file}: has no source of frames with a decoder behind it "
            "to make frames from. Wire a can/receive into a can/decode."
        )
    return feeds


def _mixed(makers: Sequence[Synthetic]) -> list[Frame]:
    share = -(-_DISTINCT // len(makers))
    batches = [maker.synthetic(share, seed) for seed, maker in enumerate(makers)]
    mixed = [frame for together in zip(*batches, strict=True) for frame in together]
    return mixed[:_DISTINCT]


def _cut_off(node: Node) -> None:
    """Keep a node that touches the world from doing so."""
    if not node.external:
        return
    for method in ("start", "stop"):
        _replace(node, method, _nothing)
    if isinstance(node, Sink):
        _replace(node, "write", _take)
    elif isinstance(node, Source | Resource):
        _replace(node, "run", _take_emit)


def _replace(node: Node, method: str, function: Callable[..., Any]) -> None:
    setattr(node, method, function)


def _ignore(_batch: Sequence[Message]) -> None:
    """Instead of a watcher."""


async def _nothing() -> None:
    """Instead of start and stop."""


async def _take(_messages: Sequence[Message]) -> None:
    """Instead of a sink's write."""


async def _take_emit(_emit: Emit | None = None) -> None:
    """Instead of a source's or resource's run."""


async def _ended(flow: RunningFlow) -> None:
    while not flow.sources_ended():  # noqa: ASYNC110  polled, so that nothing is added to the path
        await asyncio.sleep(0.001)


def _result(flow: RunningFlow, frames: int, seconds: float, processor: float) -> Result:
    result = Result(frames, seconds, processor)
    for id, step in flow.circuit.steps.items():
        counters = step.counters
        result.nodes[id] = {
            "type": step.node.type,
            "received": counters.received,
            "sent": counters.sent,
            "busy_seconds": round(counters.busy_ns / 1e9, 6),
            "share": round(counters.busy_ns / 1e9 / seconds, 4),
        }
        result.errors += counters.errors
        if counters.drops:
            result.dropped[id] = dict(counters.drops)
    return result


def _memory() -> int:
    """The largest resident size so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
