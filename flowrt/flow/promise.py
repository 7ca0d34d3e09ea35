"""What is promised of a message on its way from a source to a sink, computed from the graph.

Between queues a message runs through plain calls; so what may become of it is said by the queues
on the way, by nodes that hold messages back, and by whether the sink is told of its arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from flowrt.flow.graph import Edge, Graph
from flowrt.journal import JournalOptions
from flowrt.node import Sink, Source

__all__ = ["Promise", "promises"]

Level = Literal["at most once", "at least once"]

_FULL: Final = {
    "block": "a full queue of {n} makes the source wait",
    "drop-oldest": "messages beyond {n} are dropped, oldest first, counted",
    "drop-newest": "messages beyond {n} are dropped, newest first, counted",
    "latest": "a message that waits makes way for a newer one of its kind, counted",
    "thin": "beyond {n} every second message is dropped, oldest first, counted",
}
_CAPACITY: Final = 10_000
"""Of a queue that is not at a sink."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How often a message arrives, and why not surely or not just once."""

    source: str
    sink: str
    level: Level
    reason: str

    @property
    def way(self) -> str:
        """From where to where."""
        return f"{self.source} → {self.sink}"

    def __str__(self) -> str:
        return f"{self.level}: {self.reason}."


def promises(graph: Graph) -> list[Promise]:
    """A promise for every source and every sink to the outside that it reaches."""
    return [
        _promise(graph, source, sink)
        for source in graph.of_class(Source)
        for sink in graph.sinks()
        if graph.nodes[sink].external and sink in graph.downstream(source)
    ]


def _promise(graph: Graph, source: str, sink: str) -> Promise:
    on_the_way = [id for id in graph.order if id == source or id in graph.downstream(source)]
    between = {id for id in on_the_way if id == sink or sink in graph.downstream(id)}
    edges = [edge for edge in graph.edges if {edge.source, edge.target} <= between]
    queues = [edge for edge in edges if edge.overflow or edge.target == sink]
    holders = [id for id in on_the_way if id in between and graph.nodes[id].delays]
    target = graph.nodes[sink]
    assert isinstance(target, Sink)
    said = [words for edge in queues for words in _queue(graph, edge)]
    lost = [*_in_memory(graph, queues), *(f"what {id} holds back" for id in holders)]
    taker = target.acknowledged_by()
    if not lost and taker:
        kept = f"each is kept until {taker} has taken it, and may come twice after a restart"
        return Promise(source, sink, "at least once", "; ".join([*said, kept]))
    if not lost:
        lost = [f"what is on its way from {sink}, which gets no answer"]
    said.append(f"{_listed(lost)} is lost at a power cut")
    return Promise(source, sink, "at most once", "; ".join(dict.fromkeys(said)))


def _policy(graph: Graph, edge: Edge) -> tuple[str, int]:
    """What a queue does when it is full, and how much it holds."""
    target = graph.nodes[edge.target]
    usual = (target.overflow, target.capacity) if isinstance(target, Sink) else ("", _CAPACITY)
    return edge.overflow or usual[0], edge.capacity or usual[1]


def _queue(graph: Graph, edge: Edge) -> Iterator[str]:
    policy, capacity = _policy(graph, edge)
    if policy != "spill":
        yield _FULL[policy].format(n=f"{capacity:,}")
        return
    options = edge.journal or JournalOptions()
    then = "the oldest are dropped" if options.full == "drop-oldest" else "what comes is refused"
    yield f"kept on disk up to {options.limit / 1024**2:,.0f} MB, then {then}, counted"
    if options.max_age is not None:
        yield f"dropped when older than {_span(options.max_age)}, counted"


def _in_memory(graph: Graph, queues: list[Edge]) -> Iterator[str]:
    """What the queues hold that no disk has."""
    policies = [_policy(graph, edge) for edge in queues]
    if any(policy != "spill" for policy, _ in policies):
        yield "what waits"
    for edge in queues:
        policy, capacity = _policy(graph, edge)
        if policy == "spill" and edge.journal and edge.journal.commit == "overflow":
            yield f"up to {capacity:,} messages in memory"


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:g} {unit}"
    return f"{seconds:g} s"


def _listed(parts: list[str]) -> str:
    unique = list(dict.fromkeys(parts))
    return " and ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else unique[0]
