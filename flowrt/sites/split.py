"""A flow split among shards: each gives a part of what reaches the sinks, as the whole flow would.

What reaches a sink by a wire depends on nothing but the nodes before it. So a shard is some of the
wires into sinks, and of the nodes all that are before these; nodes that two shards need, such as a
decoder, run in both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TypeAlias

from flowrt.flow.build import Prepared
from flowrt.flow.file import Flow, WireSpec
from flowrt.node import Sink

__all__ = ["part_of", "unsplittable"]

End: TypeAlias = tuple[tuple[WireSpec, ...], frozenset[str]]
"""Wires into sinks, none for a node that nobody listens to; with all nodes that are needed."""


def unsplittable(prepared: Prepared, count: int, connected: Collection[str] = ()) -> str | None:
    """Why a sound flow cannot be split among so many shards; None where it can."""
    if count == 1:
        return None
    hearing = [id for id, node in prepared.nodes.items() if node.catches_errors]
    if hearing:
        return (
            f'nodes.{hearing[0]}: hears of all nodes, so they must stay together. Set "shards": 1.'
        )
    if count > (most := len(_ends(prepared, connected))):
        said = (
            "wires into sinks, those of a connected sink together"
            if connected
            else "wires into sinks"
        )
        return f'has {most} {said}, so {most} shards at most. Change "shards": {count}.'
    return None


def part_of(prepared: Prepared, index: int, count: int, connected: Collection[str] = ()) -> Flow:
    """The flow of a shard, for any shard and in any process the same split.

    The wires into a sink that is connected stay together.
    """
    if count == 1:
        return prepared.flow
    ends = _dealt(_ends(prepared, connected), count)[index]
    needed = frozenset[str]().union(*(nodes for _, nodes in ends))
    into = [wire for wires, _ in ends for wire in wires]
    flow = prepared.flow
    return replace(
        flow,
        nodes={name: item for name, item in flow.nodes.items() if name in needed},
        wires=tuple(
            wire
            for wire in flow.wires
            if {wire.source, wire.target} <= needed
            and (wire in into or not _is_sink(prepared, wire.target))
        ),
    )


def _is_sink(prepared: Prepared, name: str) -> bool:
    return isinstance(prepared.nodes[name], Sink)


def _ends(prepared: Prepared, connected: Collection[str]) -> list[End]:
    """Where messages leave the flow, those that need the same nodes side by side."""
    graph = prepared.graph
    rank = {name: at for at, name in enumerate(graph.order)}
    wires = [wire for wire in prepared.flow.wires if {wire.source, wire.target} <= set(rank)]
    heard = {wire.source for wire in wires}
    into = [wire for wire in wires if _is_sink(prepared, wire.target)]
    together = [[wire for wire in into if wire.target == sink] for sink in connected]
    apart = [[wire] for wire in into if wire.target not in connected]
    loose = [name for name in rank if name not in heard and prepared.nodes[name].outputs]
    ends = [
        *((tuple(group), _needed(prepared, group)) for group in together + apart if group),
        *(((), graph.upstream(name) | {name}) for name in loose),
    ]
    return sorted(ends, key=lambda end: sorted(rank[name] for name in end[1]))


def _needed(prepared: Prepared, wires: Sequence[WireSpec]) -> frozenset[str]:
    """The nodes at both ends of wires, and all that are before them."""
    ends = {end for wire in wires for end in (wire.source, wire.target)}
    return frozenset(ends).union(*(prepared.graph.upstream(wire.source) for wire in wires))


def _dealt(ends: Sequence[End], count: int) -> list[list[End]]:
    """The ends in runs, so that the shard with most nodes has as few as can be."""
    caps = range(len(frozenset[str]().union(*(nodes for _, nodes in ends))) + 1)
    least = bisect_left(caps, True, key=lambda cap: len(_runs(ends, cap, count)) == count)
    return _runs(ends, least, count)


def _runs(ends: Sequence[End], cap: int, count: int) -> list[list[End]]:
    """As few runs as need no more nodes than the cap each, yet `count` of them or more."""
    runs: list[list[End]] = []
    needed = frozenset[str]()
    for left, end in zip(range(len(ends), 0, -1), ends, strict=True):
        if not runs or len(needed | end[1]) > cap or left == count - len(runs):
            runs.append([])
            needed = frozenset()
        runs[-1].append(end)
        needed |= end[1]
    return runs
