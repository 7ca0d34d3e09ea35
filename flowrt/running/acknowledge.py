"""Acknowledges an alarm: notes who has seen it, and tells the node that raised it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import structs

from flowrt.port import Input

if TYPE_CHECKING:
    from flowrt.message import Event
    from flowrt.running.engine import Engine
    from flowrt.running.step import Step

__all__ = ["acknowledge"]

_INPUT: Final = "acknowledge"


def acknowledge(engine: Engine, flow: str, source: str, name: str, by: str) -> None:
    """Mark a standing alarm as seen by somebody; raises NoSuchAlarm where there is none.

    A node with an input `acknowledge` gets an event with the alarm's own name and source, so that
    a latched alarm clears.
    """
    alarm = engine.watch.acknowledge(flow, source, name, by)
    running = engine.flows.get(flow)
    step = running.circuit.steps.get(alarm.node) if running else None
    if step is not None:
        _tell(step, structs.replace(alarm.event, text=f"acknowledged by {by}"))


def _tell(step: Step, event: Event) -> None:
    port = next((port for port in step.node.inputs if _takes_acknowledgement(port)), None)
    if port is not None:
        step.inlet(port.index, frozenset({"event"}))([event])


def _takes_acknowledgement(port: Input) -> bool:
    return port.name == _INPUT and "event" in port.kinds
