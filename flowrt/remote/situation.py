"""How a gateway is at one moment, as far as its API tells; rates come from two of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from flowrt.remote.client import Client

__all__ = ["NodeRow", "Situation"]


class NodeRow(NamedTuple):
    """A node or resource: rates in messages a second, counts since its flow was started."""

    flow: str
    node: str
    type: str
    ok: bool
    status: str
    in_rate: float
    out_rate: float
    errors: int
    drops: dict[str, int]


@dataclass(frozen=True)
class Situation:
    """What the API answered at `time`, seconds of a steady clock."""

    time: float
    url: str
    flows: list[dict[str, Any]]
    safe_mode: str | None
    state: dict[str, Any]
    alarms: list[dict[str, Any]]
    health: dict[str, Any]

    @classmethod
    def of(cls, client: Client) -> Self:
        """That of a gateway; raises Unreachable and Refused."""
        state = client.get("/api/state")
        return cls(
            time.monotonic(),
            client.url,
            client.get("/api/flows"),
            state.get("safe_mode"),
            state["flows"],
            client.get("/api/alarms"),
            client.get("/api/health"),
        )

    @property
    def is_well(self) -> bool:
        """Whether every flow runs that should."""
        failed = any(flow["state"] == "failed" for flow in self.flows)
        return not failed and not self.safe_mode

    def nodes(self, before: Situation) -> Iterator[NodeRow]:
        """The resources and nodes of each flow that runs, in the flows' order."""
        seconds = max(self.time - before.time, 1e-3)
        for name, flow in self.state.items():
            earlier = before.state.get(name, {})
            for kind in ("resources", "nodes"):
                for id, node in flow.get(kind, {}).items():
                    yield _row(name, id, node, earlier.get(kind, {}).get(id, {}), seconds)

    def document(self, before: Situation) -> dict[str, Any]:
        """All of it, JSON-able."""
        return {
            "url": self.url,
            "health": self.health,
            "safe_mode": self.safe_mode,
            "flows": self.flows,
            "nodes": [row._asdict() for row in self.nodes(before)],
            "alarms": self.alarms,
        }


def _row(
    flow: str, id: str, node: dict[str, Any], before: dict[str, Any], seconds: float
) -> NodeRow:

    def rate(name: str) -> float:
        passed = float(node[name]) - float(before.get(name, node[name]))
        return max(0.0, round(passed / seconds, 1))

    return NodeRow(
        flow,
        id,
        node["type"],
        node["ok"],
        node["status"],
        rate("received"),
        rate("sent"),
        node["errors"],
        node["drops"],
    )
