"""States of CANopen nodes, and those that fell silent."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Frame,
    Output,
    Sent,
    Severity,
    SignalInfo,
    Signals,
    Timer,
    Transform,
    node,
    setting,
    state,
)
from nodes.canopen.states import BOOT_UP, STATES, heartbeat_of, id_problems

_STEP: Final = 1.0
"""Seconds that a message is ahead of the clock before its own time counts, as in a replay."""


@node("canopen/heartbeat", icon="heart-pulse")
class Heartbeat(Transform):
    """Tell the state of each node by its heartbeat; one that stays out is an alarm.

    State is 0 boot-up, 4 stopped, 5 operational, 127 pre-operational. A node that falls silent has
    the state None and is not online; one that booted anew is an event as well.
    """

    nodes: list[int] = setting("Ids of the nodes that must be heard.", minItems=1, maxItems=127)
    timeout: Duration = setting(
        "Silence after which a node is lost.", default=3.0, exclusiveMinimum=0
    )
    name: str = setting("Begins the source of readings and alarms.", default="canopen")
    severity: Severity = setting("How bad a lost node is.", default="alarm")

    out = Output("State and Online of a node, with each heartbeat.", carries="signals")
    alarm = Output("Nodes lost, back, and booted anew.", carries="event")

    _seen: dict[str, float] = state(factory=dict)
    _lost: dict[str, bool] = state(factory=dict)

    examples = (
        Example(
            "Node 5 is operational, falls silent, and boots",
            settings={"nodes": [5], "timeout": "2 s"},
            given=[
                Frame(0.0, "can0", 0x705, b"\x05"),
                Frame(9.0, "can0", 0x705, b"\x00"),
            ],
            expect=[
                Signals(0.0, "canopen/5", {"State": 5, "Online": 1}),
                Signals(2.0, "canopen/5", {"State": None, "Online": 0}),
                alarm(
                    Event(
                        2.0,
                        "canopen/5",
                        "heartbeat",
                        "raised",
                        "alarm",
                        2.0,
                        "node 5 is lost: no heartbeat for 2 s",
                    )
                ),
                Signals(9.0, "canopen/5", {"State": 0, "Online": 1}),
                alarm(
                    Event(9.0, "canopen/5", "heartbeat", "cleared", "alarm", None, "node 5 is back")
                ),
                alarm(
                    Event(9.0, "canopen/5", "boot-up", "happened", "warning", None, "node 5 booted")
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._due: dict[int, float] = {}
        """When a node will be lost, on the steady clock."""
        self._timer: Timer | None = None

    def problems(self) -> Iterator[tuple[str, str]]:
        """Ids that no node can have."""
        return id_problems(self.nodes)

    def wants(self) -> frozenset[int]:
        """The ids of the nodes' heartbeats."""
        return frozenset(0x700 + node for node in self.nodes)

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """State and Online of each node."""
        return {
            "out": Catalogue(
                info
                for node in self.nodes
                for info in (
                    SignalInfo("State", self._source(node), choices=STATES),
                    SignalInfo("Online", self._source(node), choices={0: "lost", 1: "online"}),
                )
            )
        }

    def summary(self) -> str:
        """`nodes 5, 6, lost after 3 s`."""
        return f"nodes {', '.join(map(str, self.nodes))}, lost after {self.timeout:g} s"[:48]

    def _source(self, node: int) -> str:
        return f"{self.name}/{node}"

    # --- heartbeats

    def on_message(self, message: Frame) -> list[Signals | Sent]:
        """Tell the node's state."""
        heard = heartbeat_of(message)
        if heard is None or heard[0] not in self.nodes or not math.isfinite(message.time):
            return []
        node, now = heard[0], heard[1]
        given = self._overslept(node, message.time)
        self._note(node, message.time)
        given.append(self._told(message.time, node, now))
        if self._lost.pop(str(node), False):
            given.append(self._event(message.time, node, "cleared", None, f"node {node} is back"))
        if now == BOOT_UP:
            text = f"node {node} booted"
            source = self._source(node)
            given.append(
                self.alarm(
                    Event(message.time, source, "boot-up", "happened", "warning", None, text)
                )
            )
        return given

    def _overslept(self, node: int, time: float) -> list[Signals | Sent]:
        """A gap in messages that are ahead of the clock, as those of a log are."""
        seen = self._seen.get(str(node))
        if seen is None or str(node) in self._lost or time - self.clock.now() <= _STEP:
            return []
        return self._lose(node) if time - seen > self.timeout else []

    def _note(self, node: int, time: float) -> None:
        self._seen[str(node)] = time
        ahead = max(time - self.clock.now(), 0.0)
        self._due[node] = self.clock.steady() + ahead + self.timeout
        self._wait()

    # --- silence

    def _lose(self, node: int) -> list[Signals | Sent]:
        self._lost[str(node)] = True
        self._due.pop(node, None)
        due = self._seen[str(node)] + self.timeout
        text = f"node {node} is lost: no heartbeat for {self.timeout:g} s"
        return [
            self._told(due, node, None),
            self._event(due, node, "raised", self.timeout, text),
        ]

    def _wait(self) -> None:
        """One timer at a time: heartbeats come far more often than it fires."""
        if self._timer is None and self._due:
            late = min(self._due.values()) - self.clock.steady()
            self._timer = self.clock.after(max(late, 0.0), self._look)

    def _look(self) -> None:
        self._timer = None
        now = self.clock.steady() + 1e-6
        for lost in [id for id, due in self._due.items() if due <= now]:
            self.context.send(self._lose(lost))
        self._wait()

    def _told(self, time: float, node: int, state: int | None) -> Signals:
        online = int(state is not None)
        return Signals(time, self._source(node), {"State": state, "Online": online})

    def _event(self, time: float, node: int, state: str, value: float | None, text: str) -> Sent:
        source = self._source(node)
        return self.alarm(Event(time, source, "heartbeat", state, self.severity, value, text))

    async def start(self) -> None:
        """Await every node from now on."""
        self._await_all(self.nodes)

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; silence while it was stopped does not count."""
        super().restore(saved)
        self._await_all([id for id in self.nodes if str(id) in self._seen])

    def _await_all(self, nodes: Iterable[int]) -> None:
        now = self.clock.now()
        for id in nodes:
            if str(id) in self._lost:
                continue
            seen = self._seen.get(str(id), now)
            self._seen[str(id)] = seen if 0 <= now - seen <= self.timeout else now
            late = self._seen[str(id)] + self.timeout - now
            self._due[id] = self.clock.steady() + late
        self._wait()

    async def stop(self) -> None:
        """Await nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._due.clear()
