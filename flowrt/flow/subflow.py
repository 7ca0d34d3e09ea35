"""Subflows: a node of type `flow/NAME` stands for the flow file NAME.json beside it, or a pack's.

Its settings are the parameters that the file declares; inside, `${limit}` is the parameter's
value. Nodes of type `core/input` and `core/output` inside are the ports outside, by their ids.
Expanding gives a flow without subflows, whose inner ids read `guard/soc_low`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flowrt.errors import FlowFileError, Problem
from flowrt.flow.file import Flow, Item, WireSpec, is_flow_file, read_flow
from flowrt.registry import shipped_flows
from flowrt.schema import near

__all__ = ["SUBFLOW_TYPE", "expand_subflows"]

SUBFLOW_TYPE: Final = re.compile(r"^flow/([a-z0-9][a-z0-9_-]*)$")
_DEEPEST: Final = 8
_WHOLE: Final = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")
_PART: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def expand_subflows(flow: Flow, depth: int = 0) -> Flow:
    """The flow with every subflow put in its place; what cannot be is among its problems."""
    calls = {id: item for id, item in flow.nodes.items() if SUBFLOW_TYPE.match(item.type)}
    if not calls:
        return flow
    expander = _Expander(flow)
    for item in calls.values():
        if item.enabled:
            expander.call(item, depth)
    return expander.result()


class _Expander:
    """Collects the nodes, resources and wires of a flow and of the subflows it calls."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.nodes = {id: i for id, i in flow.nodes.items() if not SUBFLOW_TYPE.match(i.type)}
        self.resources = dict(flow.resources)
        self.problems = list(flow.problems)
        self.inner: dict[str, Flow] = {}
        self.inner_wires: list[WireSpec] = []

    def _report(self, place: str, sentence: str) -> None:
        self.problems.append(Problem(str(self.flow.file), place, sentence))

    def call(self, item: Item, depth: int) -> None:
        """Put the nodes of one subflow in."""
        inner = self._read(item, depth)
        if inner is None:
            return
        values = self._parameters(item, inner)
        inner = expand_subflows(inner, depth + 1)
        prefix = f"{item.id}/"
        own = set(inner.resources)
        self.problems += [_inside(problem, item) for problem in inner.problems]
        for one in inner.resources.values():
            self.resources[prefix + one.id] = _moved(one, prefix, values, own)
        for one in inner.nodes.values():
            self.nodes[prefix + one.id] = _moved(one, prefix, values, own)
        for wire in inner.wires:
            moved = replace(wire, source=prefix + wire.source, target=prefix + wire.target)
            self.inner_wires.append(replace(moved, place=f"nodes.{item.id}: {wire.place}"))
        self.inner[item.id] = inner

    def _read(self, item: Item, depth: int) -> Flow | None:
        match = SUBFLOW_TYPE.match(item.type)
        assert match is not None
        file = self.flow.file.with_name(f"{match[1]}.json")
        if depth >= _DEEPEST:
            self._report(
                f"nodes.{item.id}", f"subflows are nested more than {_DEEPEST} deep. Is it a ring?"
            )
            return None
        try:
            return read_flow(file if file.exists() else shipped_flows().get(match[1], file))
        except FlowFileError as error:
            names = [*(other.stem for other in _siblings(file)), *shipped_flows()]
            known = [f"flow/{name}" for name in names]
            hint = "" if file.exists() else near(item.type, known)
            self._report(f"nodes.{item.id}.type", f"{error}{hint}")
            return None

    def _parameters(self, item: Item, inner: Flow) -> dict[str, Any]:
        """The value of every parameter: as set, else its default."""
        declared: Mapping[str, Any] = inner.document.get("parameters", {})
        for name in item.settings:
            if name not in declared:
                sentence = f'"{name}" is not a parameter of {item.type}.{near(name, declared)}'
                self._report(f"nodes.{item.id}.{name}", sentence)
        values: dict[str, Any] = {}
        for name, parameter in declared.items():
            if name in item.settings:
                values[name] = item.settings[name]
            elif isinstance(parameter, Mapping) and "default" in parameter:
                values[name] = parameter["default"]
            else:
                self._report(f"nodes.{item.id}", f'{item.type} needs the parameter "{name}".')
        return values

    def result(self) -> Flow:
        """The expanded flow."""
        wires = [wire for outer in self.flow.wires for wire in self._joined(outer)]
        return replace(
            self.flow,
            nodes=self.nodes,
            resources=self.resources,
            wires=(*wires, *self.inner_wires),
            problems=tuple(self.problems),
        )

    def _joined(self, wire: WireSpec) -> Iterator[WireSpec]:
        """The wire with the ends that are subflows led to the ports inside."""
        source, output = wire.source, wire.output
        target, input_ = wire.target, wire.input
        if (inner := self.inner.get(source)) is not None:
            port = self._port(inner, source, output, "core/output", f"{wire.place}.from")
            source, output = f"{source}/{port}", None
        if (inner := self.inner.get(target)) is not None:
            port = self._port(inner, target, input_, "core/input", f"{wire.place}.to")
            target, input_ = f"{target}/{port}", None
        if not (source.endswith("/") or target.endswith("/")):
            yield replace(wire, source=source, output=output, target=target, input=input_)

    def _port(self, inner: Flow, id: str, name: str | None, type: str, place: str) -> str:
        """The inner node that is a port; empty where there is none, which is reported."""
        ports = [item.id for item in inner.nodes.values() if item.type == type]
        if name is None and ports:
            return ports[0]
        if name in ports:
            return name
        direction = type.removeprefix("core/")
        wanted = f'no {direction} "{name}".{near(name, ports)}' if name else f"no {direction}."
        self._report(place, f'"{id}" has {wanted}')
        return ""


def _siblings(file: Path) -> list[Path]:
    return [other for other in file.parent.glob("*.json") if is_flow_file(other)]


def _inside(problem: Problem, item: Item) -> Problem:
    return Problem(problem.file, problem.place, f"{problem.sentence} (used as {item.id})")


def _moved(item: Item, prefix: str, values: Mapping[str, Any], own: set[str]) -> Item:
    """An inner item under its outer id, with parameters filled in and own resources renamed."""
    settings = {
        key: prefix + value if isinstance(value, str) and value in own else _filled(value, values)
        for key, value in item.settings.items()
    }
    return replace(item, id=prefix + item.id, settings=settings)


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    """A setting with `${parameter}` filled in; other `${NAME}` are left to the environment."""
    if isinstance(value, str):
        if (whole := _WHOLE.match(value)) and whole[1] in values:
            return values[whole[1]]
        return _PART.sub(lambda part: str(values.get(part[1], part[0])), value)
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {key: _filled(item, values) for key, item in value.items()}
    return value
