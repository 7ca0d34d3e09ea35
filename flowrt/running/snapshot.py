"""What a running flow looks like at one moment, JSON-able: for the API, the editor and metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowrt.message import to_record
from flowrt.wire import Spill

if TYPE_CHECKING:
    from flowrt.running.live import RunningFlow
    from flowrt.running.step import Step

__all__ = ["flow_state"]


def flow_state(flow: RunningFlow) -> dict[str, Any]:
    """The state of a flow: its nodes by id, its resources by id, its queues."""
    circuit = flow.circuit
    return {
        "state": "running",
        "nodes": {id: _node_state(step) for id, step in circuit.steps.items()},
        "resources": {id: _node_state(step) for id, step in circuit.resources.items()},
        "wires": _wires(flow),
        "checkpoint": {
            "number": flow.saver.checkpoints.number,
            "time": flow.saver.checkpoints.time,
        },
    }


def _node_state(step: Step) -> dict[str, Any]:
    counters = step.counters
    text, ok = step.state
    return {
        "type": step.node.type,
        "status": text,
        "ok": ok,
        "received": counters.received,
        "sent": counters.sent,
        "errors": counters.errors,
        "drops": dict(counters.drops),
        "busy_seconds": counters.busy_ns / 1e9,
        "figures": step.figures(),
        "outputs": {
            outlet.name: {
                "sent": outlet.sent,
                "last": None if outlet.last is None else to_record(outlet.last),
            }
            for outlet in step.outlets
        },
    }


def _wires(flow: RunningFlow) -> list[dict[str, Any]]:
    """The wires that have a queue, with its fill."""
    return [
        {
            "from": f"{edge.source}.{flow.circuit.steps[edge.source].outlets[edge.output].name}",
            "to": edge.target,
            "overflow": wire.policy,
            "capacity": wire.capacity,
            "queued": len(wire),
            "peak": wire.peak,
            "dropped": wire.dropped,
            **({"journal": wire.figures()} if isinstance(wire, Spill) else {}),
        }
        for inbox in flow.inboxes.values()
        for edge, wire in inbox.wires
        if edge.source in flow.circuit.steps  # else it is being emptied after a deploy
    ]
