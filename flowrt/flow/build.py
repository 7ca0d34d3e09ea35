"""Makes a flow's parts from what is written: nodes, resources and edges; reports what cannot be.

Nothing outside is touched but the files that the flow names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flowrt import registry
from flowrt.errors import Problem, SecretMissing, TypeUnavailable, TypeUnknown
from flowrt.flow.convert import Converter, Unset, expand
from flowrt.flow.file import Flow, Item, WireSpec
from flowrt.flow.graph import Edge, Graph
from flowrt.flow.mark import Mark, mark_of
from flowrt.flow.subflow import expand_subflows
from flowrt.journal import JournalOptions
from flowrt.node import Node, Resource
from flowrt.port import Port
from flowrt.schema import findings, near, quote, settings_schema

__all__ = ["Prepared", "build"]


@dataclass
class Prepared:
    """A flow's parts, made and joined; complete only where `problems` is empty."""

    flow: Flow
    nodes: dict[str, Node] = field(default_factory=dict)
    classes: dict[str, type[Node]] = field(default_factory=dict)
    """The nodes' classes, also of those whose settings are wrong."""
    resources: dict[str, Resource] = field(default_factory=dict)
    graph: Graph = field(default_factory=lambda: Graph({}, ()))
    problems: list[Problem] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)
    """What nodes and resources were made of, by place: `nodes.soc_low`."""

    def report(self, place: str, sentence: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(str(self.flow.file), place, sentence))


def build(
    flow: Flow,
    environment: Mapping[str, str],
    *,
    needs_secrets: bool = True,
    running: Prepared | None = None,
) -> Prepared:
    """Make a flow's nodes, resources and graph; what cannot be made is among its problems.

    A resource of `running` that is made of the same is taken from there, with its connection.
    """
    flow = expand_subflows(flow)
    prepared = Prepared(flow, problems=list(flow.problems))
    builder = _Builder(prepared, environment, running, needs_secrets=needs_secrets)
    for item in flow.resources.values():
        builder.resource(item)
    for item in flow.nodes.values():
        if item.enabled:
            builder.node(item)
    edges = [edge for wire in flow.wires for edge in _edge(prepared, wire)]
    prepared.graph = Graph(prepared.nodes, edges)
    return prepared


class _Builder:
    """Makes nodes and resources one by one, reporting what is wrong with their settings."""

    def __init__(
        self,
        prepared: Prepared,
        environment: Mapping[str, str],
        running: Prepared | None,
        *,
        needs_secrets: bool,
    ) -> None:
        self.prepared = prepared
        self.running = running
        self.marks: dict[str, Mark] = {}
        self.environment = environment
        self.converter = Converter(
            prepared.flow.file.parent,
            prepared.resources.__getitem__,
            environment,
            needs_secrets=needs_secrets,
        )

    def resource(self, item: Item) -> None:
        place = f"resources.{item.id}"
        cls = self._class(item, place, wanted=Resource)
        made = self._make(cls, item, place) if cls else None
        if isinstance(made, Resource):
            self.marks[item.id] = self._mark(made, place)
            self.prepared.resources[item.id] = self._running_one(item.id, place) or made

    def _running_one(self, id: str, place: str) -> Resource | None:
        """The resource that runs already, where it is made of the same."""
        running = self.running
        if running is None or running.marks.get(place) != self.prepared.marks[place]:
            return None
        return running.resources.get(id)

    def _mark(self, made: Node, place: str) -> Mark:
        mark = self.prepared.marks[place] = mark_of(made, self.marks)
        return mark

    def node(self, item: Item) -> None:
        cls = self._class(item, f"nodes.{item.id}", wanted=Node)
        if cls is None:
            return
        self.prepared.classes[item.id] = cls
        made = self._make(cls, item, f"nodes.{item.id}")
        if made is not None:
            self._mark(made, f"nodes.{item.id}")
            self.prepared.nodes[item.id] = made

    def _make(self, cls: type[Node], item: Item, place: str) -> Node | None:
        settings = self._expand(item, place, settings_schema(cls))
        if settings is None:
            return None
        found = findings(settings_schema(cls), settings, cls.type)
        for finding in found:
            full = f"{place}.{finding.place}" if finding.place else place
            self.prepared.report(full, finding.sentence)
        resources_fit = self._resources_fit(cls, settings, place)
        if found or not resources_fit:
            return None
        try:
            made = self.converter.node(cls, settings)
        except (SecretMissing, ValueError) as error:
            self.prepared.report(place, f"{error}.")
            return None
        made.id = item.id
        return made

    def _class(self, item: Item, place: str, wanted: type[Node]) -> type[Node] | None:
        try:
            cls = registry.load(item.type)
        except (TypeUnknown, TypeUnavailable) as error:
            self.prepared.report(f"{place}.type", str(error))
            return None
        if issubclass(cls, Resource) == (wanted is Resource):
            return cls
        section = "resources" if issubclass(cls, Resource) else "nodes"
        self.prepared.report(f"{place}.type", f"{item.type} belongs under {quote(section)}.")
        return None

    def _expand(self, item: Item, place: str, schema: Mapping[str, Any]) -> dict[str, Any] | None:
        expanded: dict[str, Any] = {}
        unset = False
        for key, value in item.settings.items():
            try:
                expanded[key] = expand(value, schema["properties"].get(key, {}), self.environment)
            except Unset as error:
                self.prepared.report(f"{place}.{key}", f"{error}.")
                unset = True
        return None if unset else expanded

    def _resources_fit(self, cls: type[Node], settings: Mapping[str, Any], place: str) -> bool:
        """Whether each resource that is named exists, is sound, and has the right type."""
        fits = True
        for key, schema in settings_schema(cls)["properties"].items():
            if "x-resource" in schema and isinstance(name := settings.get(key), str):
                sentence = self._resource_problem(name, schema["x-resource"])
                fits = fits and sentence is None
                if sentence:
                    self.prepared.report(f"{place}.{key}", sentence)
        return fits

    def _resource_problem(self, name: str, wanted: str) -> str | None:
        """A sentence; empty where the resource has a problem of its own, None where it fits."""
        items = self.prepared.flow.resources
        if name not in items:
            known = [id for id, item in items.items() if item.type == wanted]
            return f'there is no resource "{name}" of type {wanted}.{near(name, known)}'
        if items[name].type != wanted:
            return f'"{name}" is a {items[name].type}, but a {wanted} is needed.'
        return None if name in self.prepared.resources else ""


# --- wires


def _edge(prepared: Prepared, wire: WireSpec) -> Iterator[Edge]:
    """The edge that a wire means; none where an end is missing, which is reported."""
    output = _end(prepared, wire.source, wire.output, f"{wire.place}.from", "outputs")
    input_ = _end(prepared, wire.target, wire.input, f"{wire.place}.to", "inputs")
    if output and input_ and {wire.source, wire.target} <= set(prepared.nodes):
        journal = None if wire.journal is None else JournalOptions.read(wire.journal)
        ends = (wire.source, output.index, wire.target, input_.index)
        yield Edge(*ends, wire.overflow, wire.capacity, journal)


def _end(
    prepared: Prepared, id: str, name: str | None, place: str, side: Literal["outputs", "inputs"]
) -> Port | None:
    """The port that an end of a wire names; None where there is none, which is reported."""
    if id not in prepared.flow.nodes:
        prepared.report(place, f'there is no node "{id}".{near(id, prepared.flow.nodes)}')
    cls = prepared.classes.get(id)
    if cls is None:
        return None
    ports: Sequence[Port] = cls.outputs if side == "outputs" else cls.inputs
    names = [port.name for port in ports]
    if ports and name is None:
        return ports[0]
    if name in names:
        return ports[names.index(name)]
    direction = side.removesuffix("s")
    wanted = f'no {direction} "{name}".{near(name, names)}' if ports else f"no {direction}."
    prepared.report(place, f'"{id}" has {wanted}')
    return None
