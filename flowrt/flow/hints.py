"""What is no problem of a flow but hardly meant: nodes that do nothing, late commands."""

from __future__ import annotations

from collections.abc import Iterator

from flowrt.flow.build import Prepared
from flowrt.node import Sink, Source

__all__ = ["hints"]


def hints(prepared: Prepared) -> list[str]:
    """A sentence for each node that does nothing, and each wire that commands too late."""
    return [*_dead_ends(prepared), *_late_commands(prepared)]


def _late_commands(prepared: Prepared) -> Iterator[str]:
    for edge in prepared.graph.edges:
        aged = edge.journal is not None and edge.journal.max_age is not None
        if edge.overflow == "spill" and prepared.nodes[edge.target].control and not aged:
            yield (
                f"nodes.{edge.target}: after an outage it commands what was wanted hours ago. "
                'Set "max_age" in the wire\'s "journal".'
            )


def _dead_ends(prepared: Prepared) -> Iterator[str]:
    fed, heard = _wired(prepared)
    for id, node in prepared.nodes.items():
        is_fed = id in fed or isinstance(node, Source)
        is_heard = id in heard or isinstance(node, Sink)
        if not is_fed and not is_heard:
            yield f"nodes.{id}: no wire leads to it or away from it."
        elif not is_fed:
            yield f"nodes.{id}: nothing is wired into it."
        elif not is_heard:
            yield f"nodes.{id}: nobody takes what it gives."


def _wired(prepared: Prepared) -> tuple[set[str], set[str]]:
    """The targets and the sources of wires; those of nodes whose settings are wrong count, too."""
    running = {id for id, item in prepared.flow.nodes.items() if item.enabled}
    wires = [wire for wire in prepared.flow.wires if {wire.source, wire.target} <= running]
    return {wire.target for wire in wires}, {wire.source for wire in wires}
