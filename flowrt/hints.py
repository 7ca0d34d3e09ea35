"""What is no problem of a flow but hardly meant: nodes that do nothing as they are wired."""

from __future__ import annotations

from collections.abc import Iterator

from flowrt.build import Prepared
from flowrt.node import Sink, Source

__all__ = ["hints"]


def hints(prepared: Prepared) -> list[str]:
    """A sentence for each node that nothing reaches, or that nobody listens to."""
    return list(_dead_ends(prepared))


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
