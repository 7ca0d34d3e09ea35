"""What a deploy changes of a flow that runs: which nodes and wires stay, change, come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flowrt.flow.build import Prepared
from flowrt.flow.mark import Mark
from flowrt.node import Node

__all__ = ["Difference", "Parts", "compare"]

_MOST_NAMED: Final = 6
"""Ids that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Ids of nodes, or of resources, by what becomes of them; each in the flow's order."""

    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def fresh(self) -> tuple[str, ...]:
        """Those that are made anew."""
        return (*self.changed, *self.added)

    @property
    def leaving(self) -> tuple[str, ...]:
        """Those whose running one ends."""
        return (*self.changed, *self.removed)

    def reversed(self) -> Parts:
        """The way back."""
        return Parts(self.kept, self.changed, self.removed, self.added)


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between a flow that runs and another version of it."""

    nodes: Parts
    resources: Parts
    wires_added: int = 0
    wires_removed: int = 0

    def __bool__(self) -> bool:
        parts = (self.nodes, self.resources)
        return any(one.fresh or one.leaving for one in parts) or self.rewired

    @property
    def rewired(self) -> bool:
        """Whether a wire comes or goes."""
        return bool(self.wires_added or self.wires_removed)

    def reversed(self) -> Difference:
        """The way back."""
        nodes, resources = self.nodes.reversed(), self.resources.reversed()
        return Difference(nodes, resources, self.wires_removed, self.wires_added)

    def __str__(self) -> str:
        changed = (*self.resources.changed, *self.nodes.changed)
        added = (*self.resources.added, *self.nodes.added)
        removed = (*self.resources.removed, *self.nodes.removed)
        named = (("changed", changed), ("new", added), ("gone", removed))
        said = [f"{word}: {_listed(ids)}" for word, ids in named if ids]
        if self.rewired:
            said.append(f"wires: +{self.wires_added} -{self.wires_removed}")
        return "; ".join(said)


def compare(old: Prepared | None, new: Prepared) -> Difference:
    """What is to be done to what runs, None for nothing, so that the new version runs."""
    if old is None:
        return Difference(
            Parts(added=tuple(new.nodes)), Parts(added=tuple(new.resources)), len(new.graph.edges)
        )
    kept = {id for id in new.resources if _same_mark(old, new, f"resources.{id}")}
    resources = _parts(old.resources, new.resources, kept)
    before, after = set(old.graph.edges), set(new.graph.edges)
    same = {id for id in new.nodes if _is_kept(old, new, id)}
    nodes = _parts(old.nodes, new.nodes, same)
    return Difference(nodes, resources, len(after - before), len(before - after))


def _parts(old: Mapping[str, Node], new: Mapping[str, Node], kept: set[str]) -> Parts:
    return Parts(
        tuple(id for id in new if id in kept),
        tuple(id for id in new if id in old and id not in kept),
        tuple(id for id in new if id not in old),
        tuple(id for id in old if id not in new),
    )


def _is_kept(old: Prepared, new: Prepared, id: str) -> bool:
    return _same_mark(old, new, f"nodes.{id}") and _hears_the_same(old, new, id)


def _same_mark(old: Prepared, new: Prepared, place: str) -> bool:
    mark: Mark | None = new.marks.get(place)
    return mark is not None and mark == old.marks.get(place)


def _hears_the_same(old: Prepared, new: Prepared, id: str) -> bool:
    """Whether the same signals reach a node; one without `catalogue` cannot remember any."""
    if type(new.nodes[id]).catalogue is Node.catalogue:
        return True
    before, after = old.graph.catalogue(id), new.graph.catalogue(id)
    return list(before) == list(after) and before.open == after.open


def _listed(ids: tuple[str, ...]) -> str:
    more = len(ids) - _MOST_NAMED
    return ", ".join(ids[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
