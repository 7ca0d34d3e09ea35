"""Which parts of a flow go by columns, and where on the way each of its messages would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from flowrt.columns import PassOn, Skim
from flowrt.flow.graph import Edge
from flowrt.node import Source, Transform
from flowrt.running.rehearsal import Rehearsal
from flowrt.running.step import Push, Step

__all__ = ["Lane", "Plan", "plan_of"]

_MOST_PLACES: Final = 4096


@dataclass(slots=True, eq=False)
class Lane:
    """One target of an output that is reached by columns.

    `target` is the node there where it takes columns; `places` maps the place of the step before
    to this one's. Places count in the order in which the live engine would reach them with one
    frame, so row and place together say when something happens.
    """

    push: Push
    target: str | None
    places: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Plan:
    """The nodes that go by columns, upstream first, and the lanes out of each."""

    feeds: dict[str, int] = field(default_factory=dict)
    """Sources by id, and their places."""
    passing: dict[str, PassOn] = field(default_factory=dict)
    skimming: dict[str, Skim] = field(default_factory=dict)
    edges: set[Edge] = field(default_factory=set)
    """The edges by which tables come to a node."""
    lanes: dict[str, list[Lane]] = field(default_factory=dict)
    places: int = 1


def plan_of(rehearsal: Rehearsal, feeds: Sequence[Source]) -> Plan | None:
    """How to feed these sources by columns; None where nothing would be gained."""
    plan = Plan()
    plan.feeds = dict.fromkeys((feed.id for feed in feeds), 0)
    for id, step in rehearsal.circuit.steps.items():
        if id not in plan.feeds:
            _choose(plan, rehearsal, id, step)
    if not plan.passing or not plan.skimming.keys() | _beyond_first(plan, rehearsal):
        return None
    for id in (*plan.feeds, *plan.passing):
        plan.lanes[id] = list(_lanes(plan, rehearsal, id))
    counter = count(1)
    for id in plan.feeds:
        plan.feeds[id] = next(counter)
        if not _place(plan, id, plan.feeds[id], counter):
            return None
    plan.places = next(counter)
    return plan


def _choose(plan: Plan, rehearsal: Rehearsal, id: str, step: Step) -> None:
    """Take a node in where it has a columnar side and is reached by columns."""
    side = step.node.columns() if isinstance(step.node, Transform) else None
    edges = rehearsal.circuit.graph.incoming(id)
    fitting = [edge for edge in edges if _fits(plan, rehearsal, edge, step)]
    if side is None or not fitting:
        return
    if not isinstance(side, PassOn):
        plan.skimming[id] = side
    elif len(fitting) == len(edges):  # its state runs ahead of the rows, so none may come singly
        plan.passing[id] = side
    else:
        return
    plan.edges.update(fitting)


def _fits(plan: Plan, rehearsal: Rehearsal, edge: Edge, step: Step) -> bool:
    """Whether tables come by an edge, of the kind of message that the node there takes."""
    if edge.output or edge.input:
        return False
    takes = step.node.inputs[0].kinds
    if edge.source in plan.feeds:  # a source may be said to carry anything: a log has frames
        return takes == {"frame"}
    return edge.source in plan.passing and rehearsal.circuit.graph.carries(edge) <= takes


def _beyond_first(plan: Plan, rehearsal: Rehearsal) -> set[str]:
    """The nodes that thin out what others have decoded."""
    graph = rehearsal.circuit.graph
    return {
        id for id in plan.passing if any(edge.source in plan.passing for edge in graph.incoming(id))
    }


def _lanes(plan: Plan, rehearsal: Rehearsal, id: str) -> Iterator[Lane]:
    """The targets of a node's first output, in the order in which it calls them."""
    circuit = rehearsal.circuit
    edges = [edge for edge in circuit.graph.edges if edge.source == id and edge.output == 0]
    for index, push in enumerate(circuit.steps[id].outlets[0].targets):
        edge = edges[index] if index < len(edges) else None  # beyond them come onlookers
        yield Lane(push, edge.target if edge is not None and edge in plan.edges else None)


def _place(plan: Plan, id: str, place: int, counter: count[int]) -> bool:
    """Number the places behind one, depth first; false where they are too many."""
    for lane in plan.lanes[id]:
        lane.places[place] = own = next(counter)
        if own > _MOST_PLACES:
            return False
        if lane.target in plan.passing and not _place(plan, lane.target, own, counter):
            return False
    return True
