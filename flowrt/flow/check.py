"""Every problem of a flow at once, each with its place and remedy.

What was checked is what runs: `prepare` gives the very nodes that the engine will start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flowrt.catalogue import Catalogue
from flowrt.errors import CheckFailed, FlowFileError, NodeFault, Problem
from flowrt.flow.build import Prepared, build
from flowrt.flow.file import Flow, read_flow
from flowrt.flow.hints import hints
from flowrt.flow.promise import promises
from flowrt.flow.set_points import widened
from flowrt.node import Node, Source
from flowrt.port import words
from flowrt.schema import near, quote, settings_schema

__all__ = ["Examined", "Prepared", "check_file", "examine_file", "prepare", "rehearsable"]


def check_file(path: Path) -> list[Problem]:
    """Every problem of a flow file; of a subflow those that show without its parameters."""
    return examine_file(path).problems


@dataclass(frozen=True, slots=True)
class Examined:
    """A flow file's problems, hints on what is hardly meant, and what is promised on each way."""

    problems: list[Problem]
    hints: list[str] = field(default_factory=list)
    delivery: list[tuple[str, str]] = field(default_factory=list)


def examine_file(path: Path) -> Examined:
    """All that can be said of a flow file without running it."""
    try:
        flow = read_flow(path)
    except FlowFileError as error:
        sentence = str(error).removeprefix(f"{path}: ")
        return Examined([Problem(str(path), "", sentence)])
    if flow.is_subflow:
        return Examined(list(flow.problems))
    prepared = prepare(flow)
    return Examined(
        prepared.problems,
        [f"{path}: {hint}" for hint in hints(prepared)],
        [(promise.way, str(promise)) for promise in promises(prepared.graph)],
    )


def rehearsable(flow: Flow, environment: Mapping[str, str] | None = None) -> Prepared:
    """The parts of a flow that will connect to nothing; raises CheckFailed with every problem.

    Secrets may be missing: a flow can be tested where nobody knows them.
    """
    prepared = prepare(flow, environment, needs_secrets=False)
    if prepared.problems:
        raise CheckFailed(prepared.problems)
    return prepared


def prepare(
    flow: Flow,
    environment: Mapping[str, str] | None = None,
    *,
    needs_secrets: bool = True,
    running: Prepared | None = None,
) -> Prepared:
    """Make a flow's parts, and list everything that is wrong with it.

    `running` is the version that runs: its resources are used again where they are the same.
    """
    settings = os.environ if environment is None else environment
    prepared = build(flow, settings, needs_secrets=needs_secrets, running=running)
    for rule in _RULES:
        rule(prepared)
    return prepared


def _check_twins(prepared: Prepared) -> None:
    seen: set[tuple[str, str | None, str, str | None]] = set()
    for wire in prepared.flow.wires:
        ends = (wire.source, wire.output, wire.target, wire.input)
        if ends in seen:
            prepared.report(wire.place, "the same wire is there already. Remove one.")
        seen.add(ends)


def _check_kinds(prepared: Prepared) -> None:
    for edge in prepared.graph.edges:
        source, target = prepared.nodes[edge.source], prepared.nodes[edge.target]
        given, taken = prepared.graph.carries(edge), target.inputs[edge.input].kinds
        if not given & taken:
            between = _BETWEEN.get((words(given), words(taken)), "")
            prepared.report(
                f"wires: {edge.source}.{source.outputs[edge.output].name} to {edge.target}",
                f"carries {words(given)}, but {target.type} takes {words(taken)}.{between}",
            )


_BETWEEN = {
    ("frame", "signals"): " Put a decoder between, such as can/decode.",
    ("signals", "frame"): " Put an encoder between, such as can/encode.",
    ("signals", "event"): " Put a rule between, such as logic/threshold.",
}


def _check_loops(prepared: Prepared) -> None:
    for loop in prepared.graph.loops:
        path = " -> ".join([*loop, loop[0]])
        prepared.report(
            f"nodes.{loop[0]}",
            f"a cycle without delay: {path}. Put a core/delay into it, or cut a wire.",
        )


def _check_journals(prepared: Prepared) -> None:
    for wire in prepared.flow.wires:
        if wire.journal is None:
            continue
        if wire.overflow != "spill":
            sentence = 'only a wire with "overflow": "spill" has one. Add that, or remove this.'
            prepared.report(f"{wire.place}.journal", sentence)
        elif wire.journal.get("drain") == "live-first" and wire.journal.get("commit") == "overflow":
            prepared.report(
                f"{wire.place}.journal.commit",
                '"overflow" leaves on disk what is newest, so "live-first" cannot be. '
                'Choose "before" or "behind".',
            )


# --- what nodes say of themselves, and signals


def _check_own(prepared: Prepared) -> None:
    parts: list[tuple[str, Node]] = [
        *((f"resources.{id}", resource) for id, resource in prepared.resources.items()),
        *((f"nodes.{id}", node) for id, node in prepared.nodes.items()),
    ]
    for place, node in parts:
        for setting, sentence in _own_problems(node):
            prepared.report(f"{place}.{setting}" if setting else place, sentence)


def _own_problems(node: Node) -> list[tuple[str, str]]:
    try:
        return list(node.problems())
    except (NodeFault, OSError) as error:
        return [("", f"{error}.")]


def _check_signals(prepared: Prepared) -> None:
    unknowable = _unfed(prepared) | _behind_broken(prepared)
    for id, node in prepared.nodes.items():
        catalogue = prepared.graph.catalogue(id)
        if id in unknowable or catalogue.open or isinstance(node, Source):
            continue
        settings = prepared.flow.nodes[id].settings
        for place, name in _signals_in(settings_schema(type(node)), settings, f"nodes.{id}"):
            if sentence := _signal_problem(name, catalogue):
                prepared.report(place, sentence)


def _unfed(prepared: Prepared) -> set[str]:
    return set(prepared.nodes) - {edge.target for edge in prepared.graph.edges}


def _behind_broken(prepared: Prepared) -> set[str]:
    """Nodes that a node which could not be made would send to: what reaches them is unknown."""
    targets = [
        wire.target
        for wire in prepared.flow.wires
        if wire.source not in prepared.nodes and wire.target in prepared.nodes
    ]
    return {id for target in targets for id in (target, *prepared.graph.downstream(target))}


def _signals_in(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Every signal name in some settings, with its place; settings marked x-signal hold them."""
    if isinstance(value, str):
        if schema.get("x-signal") and value and "${" not in value:
            yield place, value
    elif isinstance(value, list):
        marked = {"x-signal": True} if schema.get("x-signal") else {}
        for index, item in enumerate(value):
            items = {**schema.get("items", {}), **marked}
            yield from _signals_in(items, item, f"{place}[{index}]")
    elif isinstance(value, Mapping):
        if schema.get("x-signal"):
            yield from ((f"{place}.{key}", key) for key in value)
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key)
            if isinstance(inner, dict):
                yield from _signals_in(inner, item, f"{place}.{key}")


def _signal_problem(name: str, catalogue: Catalogue) -> str | None:
    found = catalogue.find(name)
    if not found:
        if not len(catalogue):
            return f'no signal "{name}" reaches this node: nothing wired into it carries signals.'
        return f'no signal "{name}" reaches this node.{near(name, catalogue.names())}'
    if len(found) > 1 and not any(sign in name for sign in "*?["):
        choices = " or ".join(quote(signal.qualified) for signal in found)
        return f'"{name}" comes from several sources. Say which: {choices}.'
    return None


def _check_ids(prepared: Prepared) -> None:
    """Frame ids that a source is set to take, and that nobody behind it knows."""
    for id, node in prepared.nodes.items():
        offered = node.offers() if isinstance(node, Source) else None
        wanted = _wanted(prepared, id) if offered else None
        if offered is None or wanted is None:
            continue
        for key in sorted(offered - wanted):
            prepared.report(
                f"nodes.{id}.ids",
                f"0x{key & 0x1FFF_FFFF:X} is in none of the databases behind it. "
                "Remove it, or decode it with a database that has it.",
            )


def _wanted(prepared: Prepared, id: str) -> frozenset[int] | None:
    try:
        return prepared.graph.wants(id)
    except NodeFault:  # a database that cannot be read is told by its own node
        return None


def _check_set_points(prepared: Prepared) -> None:
    for id, sentence in widened(prepared.graph):
        prepared.report(f"nodes.{id}", sentence)


_RULES: Final = (
    _check_twins,
    _check_kinds,
    _check_loops,
    _check_journals,
    _check_own,
    _check_signals,
    _check_ids,
    _check_set_points,
)
