"""The shape of a flow: order, cycles, what a wire carries, which signals reach a node.

The only module that imports networkx.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowrt.catalogue import Catalogue
from flowrt.journal import JournalOptions
from flowrt.node import Node, Sink, Transform
from flowrt.port import ANY, Kinds

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Edge", "Graph"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """A wire between two ports that exist, by index."""

    source: str
    output: int
    target: str
    input: int
    overflow: str | None = None
    capacity: int | None = None
    journal: JournalOptions | None = None

    def joins_as(self, other: Edge) -> bool:
        """Whether it joins the same ports, however it queues."""
        return (self.source, self.output, self.target, self.input) == (
            *(other.source, other.output),
            *(other.target, other.input),
        )


class Graph:
    """Nodes by id, joined by edges."""

    def __init__(self, nodes: Mapping[str, Node], edges: Sequence[Edge]) -> None:
        import networkx as nx  # late: 0.1 to 0.4 s

        self.nodes = dict(nodes)
        self.edges = tuple(edges)
        self._incoming: dict[str, list[Edge]] = {id: [] for id in self.nodes}
        self._outgoing: dict[str, list[Edge]] = {id: [] for id in self.nodes}
        for edge in self.edges:
            self._outgoing[edge.source].append(edge)
            self._incoming[edge.target].append(edge)
        self._rank = {id: index for index, id in enumerate(self.nodes)}
        self._graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        self._graph.add_nodes_from(self.nodes)
        self._graph.add_edges_from((edge.source, edge.target) for edge in self.edges)
        self._acyclic: nx.DiGraph[str] = nx.DiGraph(self._graph)
        delaying = [id for id, node in self.nodes.items() if node.delays]
        self._acyclic.remove_edges_from(list(self._acyclic.in_edges(delaying)))
        self.loops = self._loops()
        self._leaving: dict[str, list[Catalogue]] = {}
        self._kinds: dict[str, list[Kinds]] = {}
        self._downstream: dict[str, frozenset[str]] = {}
        self.order = self._order()
        for id in self.order:
            self._kinds[id] = self._output_kinds(id)
            self._leaving[id] = self._output_catalogues(id)

    def _loops(self) -> list[list[str]]:
        """The cycles that no delaying node breaks, each as node ids in order."""
        import networkx as nx

        components = nx.strongly_connected_components(self._acyclic)
        looping = [part for part in components if len(part) > 1 or self._loops_itself(part)]
        # Sets have no order: begin with the node that is written first, that it reads the same.
        rank = self._rank.__getitem__
        firsts = {min(part, key=rank): part for part in looping}
        return [
            [edge[0] for edge in nx.find_cycle(self._acyclic.subgraph(firsts[first]), first)]
            for first in sorted(firsts, key=rank)
        ]

    def _loops_itself(self, part: set[str]) -> bool:
        only = next(iter(part))
        return self._acyclic.has_edge(only, only)

    def _order(self) -> list[str]:
        """Upstream before downstream, else as written; loops in any order."""
        import networkx as nx

        if self.loops:
            return list(self.nodes)
        rank = self._rank.__getitem__
        return list(nx.lexicographical_topological_sort(self._acyclic, key=rank))

    # --- what arrives and leaves

    def incoming(self, id: str) -> Sequence[Edge]:
        """The edges into a node, as written."""
        return self._incoming[id]

    def outgoing(self, id: str) -> Sequence[Edge]:
        """The edges out of a node, as written."""
        return self._outgoing[id]

    def carries(self, edge: Edge) -> Kinds:
        """The kinds of message an edge may carry."""
        return self._kinds.get(edge.source, [])[edge.output] if edge.source in self._kinds else ANY

    def leaving(self, id: str) -> Sequence[Kinds]:
        """The kinds of message that may leave a node, by output."""
        return self._kinds[id]

    def _output_kinds(self, id: str) -> list[Kinds]:
        """What leaves each output; a transform that takes and gives anything passes kinds on."""
        node = self.nodes[id]
        arriving = self._arriving_kinds(id) if isinstance(node, Transform) else ANY
        return [arriving if output.kinds == ANY else output.kinds for output in node.outputs]

    def _arriving_kinds(self, id: str) -> Kinds:
        coming = [self.carries(edge) for edge in self.incoming(id)]
        accepted = self.nodes[id].inputs[0].kinds if self.nodes[id].inputs else ANY
        return (frozenset[str]().union(*coming) & accepted) or ANY

    def catalogue(self, id: str) -> Catalogue:
        """The signals that reach a node."""
        reaching = Catalogue()
        for edge in self.incoming(id):
            if edge.source in self._leaving:
                reaching |= self._leaving[edge.source][edge.output]
        return reaching

    def leaving_signals(self, id: str, output: str | None) -> Catalogue:
        """The signals that leave a node by an output, by the first where none is named."""
        names = [port.name for port in self.nodes[id].outputs]
        if not names or output not in (None, *names):
            return Catalogue()
        return self._leaving[id][names.index(output) if output else 0]

    def _output_catalogues(self, id: str) -> list[Catalogue]:
        node = self.nodes[id]
        try:
            made = node.catalogue(self.catalogue(id))
        except Exception as error:  # noqa: BLE001  the node's problems() says it in words
            _log.debug("%s: no catalogue: %s", id, error)
            made = Catalogue(open=True)
        if isinstance(made, Catalogue):
            carrying = self._kinds[id]
            return [made if "signals" in kinds else Catalogue() for kinds in carrying]
        return [made.get(output.name, Catalogue()) for output in node.outputs]

    # --- who is joined to whom

    def downstream(self, id: str) -> frozenset[str]:
        """Every node that messages of this one can reach."""
        import networkx as nx

        if id not in self._downstream:
            self._downstream[id] = frozenset(nx.descendants(self._graph, id))
        return self._downstream[id]

    def upstream(self, id: str) -> frozenset[str]:
        """Every node whose messages can reach this one."""
        import networkx as nx

        return frozenset(nx.ancestors(self._graph, id))

    def wants(self, id: str) -> frozenset[int] | None:
        """The frame ids that the nodes right behind a source can use; None for all."""
        takers = [edge.target for edge in self.outgoing(id) if "frame" in self.carries(edge)]
        wanted = [self.nodes[taker].wants() for taker in takers]
        if not wanted or None in wanted:
            return None
        return frozenset().union(*(ids for ids in wanted if ids is not None))

    def needs(self, id: str) -> frozenset[str] | None:
        """The signals of a node's first output that the nodes behind it look at; None for all."""
        edges = [edge for edge in self.outgoing(id) if edge.output == 0]
        read = [None if edge.overflow else self.nodes[edge.target].reads() for edge in edges]
        if not read or None in read:
            return None
        return frozenset().union(*(names for names in read if names is not None))

    def splits(self, id: str) -> bool:
        """Whether branches that leave a node meet again at a transform.

        There messages must come one by one, or what a join sees would depend on batch sizes.
        """
        branches = [edge.target for edge in self.outgoing(id)]
        if len(branches) < 2:  # one branch cannot meet itself
            return False
        reached = [self._transforms_from(branch) for branch in branches]
        return any(first & second for i, first in enumerate(reached) for second in reached[i + 1 :])

    def _transforms_from(self, id: str) -> set[str]:
        return {
            other
            for other in {id, *self.downstream(id)}
            if isinstance(self.nodes[other], Transform)
        }

    def of_class(self, cls: type[Node]) -> list[str]:
        """The ids of the nodes of a class, upstream first."""
        return [id for id in self.order if isinstance(self.nodes[id], cls)]

    def sinks(self) -> list[str]:
        """The ids of the sinks."""
        return self.of_class(Sink)
