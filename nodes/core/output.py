"""The outputs of a subflow."""

from __future__ import annotations

from collections.abc import Sequence

from flowrt.node import Example, Message, Signals, Transform, node
from nodes.core.through import Through


@node("core/output", icon="arrow-bar-right")
class Exit(Transform):
    """Where messages leave a subflow; its id is the output's name outside."""

    examples = (
        Example(
            "Readings that leave",
            given=[Signals(0.0, "State", {"SOC": 50})],
            expect=[Signals(0.0, "State", {"SOC": 50})],
        ),
    )

    def set_points(self, name: str) -> dict[str, bool]:
        """As they are."""
        return {name: True}

    def on_message(self, message: Message) -> Message:
        """Pass on."""
        return message

    def on_batch(self, batch: Sequence[Message]) -> list[Message]:
        """Pass all on."""
        return list(batch)

    def columns(self) -> Through:
        """All that comes, in tables."""
        return Through()
