"""Which sinks of a site's flow may really write, and what is promised of that."""

from __future__ import annotations

from flowrt.flow.build import Prepared
from flowrt.node import Sink
from flowrt.schema import near

__all__ = ["delivery", "unconnectable"]


def unconnectable(prepared: Prepared, id: str) -> str | None:
    """Why a node cannot be connected; None where it can."""
    node = prepared.nodes.get(id)
    if node is None:
        sinks = prepared.graph.sinks()
        return f'there is no node "{id}".{near(id, sinks)}'
    if not isinstance(node, Sink):
        return f"{id} is a {node.type}, and no sink. Name a node that takes messages out."
    if node.control:
        return (
            f"{id} is a {node.type}, which commands equipment: from here it would come late, and "
            "again after a kill. Let the gateway at the site do that, and leave it out."
        )
    if not node.external:
        return f"{id} is a {node.type}, which writes to nothing outside. Leave it out."
    return None


def delivery(prepared: Prepared, id: str) -> str:
    """What is promised of messages on their way from the record by a sink."""
    node = prepared.nodes[id]
    assert isinstance(node, Sink)
    if taker := node.acknowledged_by():
        return (
            f"at least once: each waits in the record until {taker} has taken it, and some come "
            "twice after a kill."
        )
    return (
        f"once, but at a kill at most once: {id} gets no answer, so what it had just been handed "
        "may be lost, or come twice."
    )
