"""Keeps CANopen nodes in the state that they should have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from flowrt.node import Duration, Example, Frame, Transform, node, setting
from nodes.canopen.states import COMMANDS, heartbeat_of, id_problems

_MASTER: Final = 0x000


@node("canopen/nmt", icon="player-play")
class Nmt(Transform):
    """Command a node whose heartbeat tells another state: a node that booted is started again.

    Wire heartbeats to it, and it to can/send.
    """

    control = True

    nodes: list[int] = setting("Ids of the nodes.", minItems=1, maxItems=127)
    state: Literal["operational", "pre-operational", "stopped"] = setting(
        "State in which they are kept.", default="operational"
    )
    at_most_every: Duration = setting(
        "Least time between two commands to a node.", default=1.0, minimum=0
    )

    examples = (
        Example(
            "Node 5 boots and is started; it is operational then",
            settings={"nodes": [5]},
            given=[
                Frame(0.0, "can0", 0x705, b"\x00"),
                Frame(0.5, "can0", 0x705, b"\x05"),
                Frame(1.0, "can0", 0x705, b"\x7f"),
            ],
            expect=[
                Frame(0.0, "can0", 0x000, b"\x01\x05"),
                Frame(1.0, "can0", 0x000, b"\x01\x05"),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._told: dict[int, float] = {}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Ids that no node can have."""
        return id_problems(self.nodes)

    def wants(self) -> frozenset[int]:
        """The ids of the nodes' heartbeats."""
        return frozenset(0x700 + node for node in self.nodes)

    def summary(self) -> str:
        """`nodes 5, 6 operational`."""
        return f"nodes {', '.join(map(str, self.nodes))} {self.state}"[:48]

    def on_message(self, message: Frame) -> Frame | None:
        """Command a node that is not as it should be."""
        heard = heartbeat_of(message)
        if heard is None or heard[0] not in self.nodes:
            return None
        node, now = heard
        command, wanted = COMMANDS[self.state]
        if now == wanted or not self._is_due(node):
            return None
        return Frame(message.time, message.channel, _MASTER, bytes((command, node)))

    def _is_due(self, node: int) -> bool:
        now = self.clock.steady()
        if now - self._told.get(node, float("-inf")) < self.at_most_every:
            self.context.drop("sooner than at_most_every", 1)
            return False
        self._told[node] = now
        return True
