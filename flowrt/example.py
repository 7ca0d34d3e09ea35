"""Runs one node by itself under a virtual clock: for its examples, and for tests of nodes."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flowrt.clock import VirtualClock
from flowrt.errors import NodeFault
from flowrt.flow.convert import Converter
from flowrt.message import Message
from flowrt.node import Example, Node, Outgoing, Resource, Sent
from flowrt.port import ANY
from flowrt.running.step import Step

__all__ = ["Stand", "drive", "example_node"]


class Stand:
    """A test stand: one node with its clock; what comes out is in `out`, faults in `faults`.

    `out` holds (output name, message); `faults` holds the errors in order.
    """

    def __init__(self, node: Node, start: float = 0.0) -> None:
        self.clock = VirtualClock(start)
        self.out: list[tuple[str, Message]] = []
        self.faults: list[Exception] = []
        self.step = Step(
            node,
            self.clock,
            on_fault=lambda _step, error, _message: self.faults.append(error),
            on_status=lambda _step, _text, _ok: None,
            shared={},
            log=logging.LoggerAdapter(logging.getLogger("flowrt.stand"), {}),
        )
        for outlet in self.step.outlets:
            outlet.targets.append(self._collector(outlet.name))
        self._inlets = [self.step.inlet(port.index, ANY) for port in node.inputs]

    def _collector(self, name: str) -> Any:
        return lambda batch: self.out.extend((name, message) for message in batch)

    def give(self, *given: Outgoing) -> None:
        """Give messages, each after the clock has gone on to its time."""
        for item in given:
            message = _unaddressed(item)
            self.clock.advance(message.time)
            self._inlets[item.port.index if isinstance(item, Sent) else 0]((message,))

    def run_to(self, until: float) -> None:
        """Let the clock go on."""
        self.clock.advance(until)


def _unaddressed(item: Outgoing) -> Message:
    return item.message if isinstance(item, Sent) else item


def drive(node: Node, given: Sequence[Outgoing], until: float | None = None) -> Stand:
    """Give a node some messages in order of time, then let the clock run on to `until`."""
    stand = Stand(node, _unaddressed(given[0]).time if given else 0.0)
    stand.give(*given)
    if until is not None:
        stand.run_to(until)
    return stand


def example_node(cls: type[Node], example: Example) -> Node:
    """The node of an example; its files are looked for beside the node's module."""
    file = importlib.import_module(cls.__module__).__file__
    assert file is not None

    def no_resource(name: str) -> Resource:
        raise NodeFault(f'an example cannot run with the resource "{name}"')

    return Converter(Path(file).parent, no_resource).node(cls, example.settings)
