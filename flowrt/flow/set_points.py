"""Nothing behind a node that holds set-points within limits may widen them again.

A set-point is followed from each node that `guards` to the nodes that command equipment, under
whatever name it goes. On that way only nodes may stand that pass it on at once, as it came or
nearer to zero; and a node that commands it, or passes it on, may not hear it from elsewhere too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flowrt.catalogue import SignalInfo, split_signal
from flowrt.flow.graph import Edge, Graph
from flowrt.node import Node

__all__ = ["widened"]


@dataclass(frozen=True, slots=True)
class _Way:
    """A set-point on an edge, under a name; `culprit` may have widened it."""

    edge: Edge
    name: str
    culprit: str = ""


def widened(graph: Graph) -> Iterator[tuple[str, str]]:
    """(node, sentence) for each place where a set-point may grow beyond its limits."""
    ways = {id: _ways(graph, id) for id, node in graph.nodes.items() if node.guards}
    guarded = frozenset(way.edge for each in ways.values() for way in each)
    found: dict[tuple[str, str], None] = {}
    for guard in ways:
        for problem in (
            *_by_nodes(graph, guard, ways[guard]),
            *_beside(graph, guard, ways[guard], guarded),
        ):
            found.setdefault(problem)
    yield from found


def _ways(graph: Graph, guard: str) -> list[_Way]:
    """Every way from a guard, up to the next one, or to a node that commands."""
    names = {info.name for info in graph.leaving_signals(guard, None)}
    begin = [edge for edge in graph.outgoing(guard) if edge.output == 0]
    open_ways = [_Way(edge, name) for edge in begin for name in sorted(names)]
    ways: dict[_Way, None] = {}
    while open_ways:
        way = open_ways.pop()
        if way in ways:
            continue
        ways[way] = None
        if not graph.nodes[way.edge.target].guards:
            open_ways += _onward(graph, way)
    return _leading_on(graph, list(ways))


def _onward(graph: Graph, way: _Way) -> Iterator[_Way]:
    id = way.edge.target
    for name, is_kept in _leaves(graph.nodes[id], way.name).items():
        for edge in graph.outgoing(id):
            if _may_carry(graph, edge, name):
                yield _Way(edge, name, way.culprit or ("" if is_kept else id))


def _leaves(node: Node, name: str) -> Mapping[str, bool]:
    return node.set_points(name) if node.outputs else {}


def _may_carry(graph: Graph, edge: Edge, name: str) -> bool:
    """Whether a signal of the name can be on an edge; frames may hold any."""
    kinds = graph.carries(edge)
    if "frame" in kinds:
        return True
    catalogue = graph.leaving_signals(edge.source, _port(graph, edge))
    return "signals" in kinds and (catalogue.open or any(i.name == name for i in catalogue))


def _port(graph: Graph, edge: Edge) -> str:
    return graph.nodes[edge.source].outputs[edge.output].name


def _leading_on(graph: Graph, ways: list[_Way]) -> list[_Way]:
    """Those that end at a node that commands what they carry, or lead to one."""
    ends = {id for id, node in graph.nodes.items() if node.control}
    leading = {id for id in graph.nodes if id in ends or graph.downstream(id) & ends}
    return [way for way in ways if way.edge.target in leading]


def _by_nodes(graph: Graph, guard: str, ways: list[_Way]) -> Iterator[tuple[str, str]]:
    for way in ways:
        sink = graph.nodes[way.edge.target]
        if way.culprit and sink.control and _commands(sink, way):
            kind = graph.nodes[way.culprit].type
            yield (
                way.culprit,
                f"{kind} may widen the set-point that {guard} holds within limits, or hold a "
                f"smaller one back, before {way.edge.target} commands it. Put it before {guard}.",
            )


def _commands(sink: Node, way: _Way) -> bool:
    reads = sink.reads()
    return reads is None or any(split_signal(name)[1] == way.name for name in reads)


# --- what comes beside it


def _beside(
    graph: Graph, guard: str, ways: list[_Way], guarded: frozenset[Edge]
) -> Iterator[tuple[str, str]]:
    """Nodes on the way that hear the same signal from somewhere that no guard stands before."""
    for way in ways:
        node = graph.nodes[way.edge.target]
        if node.guards or not (node.control or any(_leaves(node, way.name).values())):
            continue
        for edge in graph.incoming(way.edge.target):
            if edge in guarded or edge.input != way.edge.input:
                continue
            if any(_is_taken(node, info, way.name) for info in _signals(graph, edge)):
                yield (
                    way.edge.target,
                    f"hears {way.name} also from {edge.source}, past {guard}, which holds it "
                    f"within limits. Wire {edge.source} into {guard}, or rename the signal.",
                )


def _signals(graph: Graph, edge: Edge) -> Iterator[SignalInfo]:
    yield from graph.leaving_signals(edge.source, _port(graph, edge))


def _is_taken(node: Node, info: SignalInfo, name: str) -> bool:
    if info.name != name:
        return False
    reads = node.reads()
    wanted = [split_signal(each) for each in reads] if reads is not None else [(None, name)]
    return any(signal == name and source in (None, info.source) for source, signal in wanted)
