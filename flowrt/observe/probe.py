"""Shows what passes an output to those who watch it: samples, twice a second.

A probe hangs in an outlet only while somebody watches, is shared by all who do, and follows its
output from one deployment of the flow to the next.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

import msgspec

from flowrt.message import Message, to_record
from flowrt.running.sampler import Sampler
from flowrt.watch.watch import Subscription

if TYPE_CHECKING:
    from flowrt.running.engine import Engine
    from flowrt.running.live import RunningFlow
    from flowrt.running.step import Outlet

__all__ = ["MOST_WATCHED", "Output", "Probes", "Values", "Watcher"]

MOST_WATCHED: Final = 64
"""Outputs that one client may watch at a time."""
_EVERY: Final = 0.5
_TAIL: Final = 20
_OUTPUT_TYPE: Final = "core/output"
Name = Annotated[str, msgspec.Meta(max_length=200)]

Values: TypeAlias = dict[str, Any]
"""What passed an output since the last time, JSON-able."""
Watcher: TypeAlias = Subscription[Values]
"""The bounded queue of a client."""


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An output of a node; an inner node of a subflow is called `guard/soc_low`."""

    flow: Name
    node: Name
    port: Name


class _Probe(Sampler):
    """The samples of one output, and who wants them."""

    def __init__(self) -> None:
        super().__init__()
        self.watchers: set[Watcher] = set()
        self._tail: deque[Message] = deque(maxlen=_TAIL)

    def look(self, batch: Sequence[Message]) -> None:
        """Also remember the last messages in their order."""
        super().look(batch)
        self._tail.extend(batch)

    def take(self, output: Output) -> Values:
        """What there is to show; the probe begins anew."""
        values = {
            "kind": "values",
            "flow": output.flow,
            "node": output.node,
            "port": output.port,
            "count": self.count,
            "messages": [to_record(message) for message in self.newest.values()],
            "tail": [to_record(message) for message in self._tail],
            "skipped": self.skipped,
        }
        self.clear()
        self._tail.clear()
        return values


class Probes:
    """The probes of a gateway, by output."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._probes: dict[Output, _Probe] = {}

    def __len__(self) -> int:
        return len(self._probes)

    # --- who watches what

    def watch(self, watcher: Watcher, outputs: Iterable[Output]) -> None:
        """Show these outputs to a watcher, and no others; one that is not there yet may come."""
        wanted = set(outputs)
        for output in wanted:
            if output not in self._probes:
                self._probes[output] = _Probe()
            self._probes[output].watchers.add(watcher)
        for output in [output for output in self._probes if output not in wanted]:
            self._unwatch(output, watcher)
        self.attach()

    def leave(self, watcher: Watcher) -> None:
        """A watcher has gone."""
        self.watch(watcher, ())

    def _unwatch(self, output: Output, watcher: Watcher) -> None:
        probe = self._probes[output]
        probe.watchers.discard(watcher)
        if not probe.watchers:
            probe.hang(None)
            del self._probes[output]

    # --- where they hang

    def attach(self) -> None:
        """Hang every probe where its output is now."""
        for output, probe in self._probes.items():
            flow = self._engine.flows.get(output.flow)
            probe.hang(find_outlet(flow, output.node, output.port) if flow else None)

    # --- what they show

    async def run(self) -> None:
        """Hand out values twice a second until cancelled."""
        self._engine.built.append(self._flow_built)
        try:
            while True:
                await asyncio.sleep(_EVERY)
                self.attach()  # a deployment may also have changed a single node
                self.hand_out()
        finally:
            self._engine.built.remove(self._flow_built)
            for probe in self._probes.values():
                probe.hang(None)

    def _flow_built(self, _flow: RunningFlow) -> None:
        """A flow is about to start: its first message must not be missed."""
        self.attach()

    def hand_out(self) -> None:
        """Give each watcher what came by its outputs since the last time."""
        for output, probe in self._probes.items():
            if probe.count:
                values = probe.take(output)
                for watcher in probe.watchers:
                    watcher.put(values)


def find_outlet(flow: RunningFlow, node: str, port: str) -> Outlet | None:
    """An output of a running flow; no port means the first.

    Outputs of a subflow's node are found inside it, where they are nodes of their own.
    """
    steps = flow.circuit.steps
    if node in steps:
        outlets = steps[node].outlets
        return next((outlet for outlet in outlets if port in ("", outlet.name)), None)
    inner = f"{node}/{port}" if port else _first_output(flow, node)
    return steps[inner].outlets[0] if inner in steps and steps[inner].outlets else None


def _first_output(flow: RunningFlow, node: str) -> str:
    """The id of the node that is a subflow's first output; empty where there is none."""
    prefix = f"{node}/"
    items = flow.prepared.flow.nodes.values()
    return next(
        (item.id for item in items if item.type == _OUTPUT_TYPE and item.id.startswith(prefix)), ""
    )
