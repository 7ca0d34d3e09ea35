"""States of a node and how they are told and asked for (CiA 301, network management)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from flowrt.node import Frame

__all__ = ["BOOT_UP", "COMMANDS", "STATES", "heartbeat_of", "id_problems"]

BOOT_UP: Final = 0
STATES: Final = {0: "boot-up", 4: "stopped", 5: "operational", 127: "pre-operational"}
COMMANDS: Final = {"operational": (1, 5), "stopped": (2, 4), "pre-operational": (128, 127)}
"""State -> (command that brings a node to it, how its heartbeat then tells it)."""


def heartbeat_of(frame: Frame) -> tuple[int, int] | None:
    """Node and state of a heartbeat; None for any other frame."""
    node = frame.id - 0x700
    if frame.extended or frame.error or frame.remote or not 1 <= node <= 127:
        return None
    return (node, frame.data[0] & 0x7F) if len(frame.data) == 1 else None


def id_problems(nodes: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Ids, of the setting `nodes`, that no node can have."""
    for place, id in enumerate(nodes):
        if not 1 <= id <= 127:
            yield f"nodes[{place}]", f"{id} is no id of a node; they are 1 to 127."
