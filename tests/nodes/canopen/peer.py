"""A CANopen node of the canopen library on python-can's virtual bus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import can
import canopen

from flowrt.message import Frame

__all__ = ["EDS", "local_node", "sent"]

EDS = Path(__file__).parents[3] / "nodes/canopen/eds/rack.eds"


@contextmanager
def local_node(channel: str, id: int = 5, dictionary: Path = EDS) -> Iterator[Any]:
    """A node that answers at the channel."""
    network = canopen.Network()
    network.NOTIFIER_CYCLE = 0.01
    node = canopen.LocalNode(id, canopen.import_od(str(dictionary), id))
    network.connect(interface="virtual", channel=channel)
    network.add_node(node)
    try:
        yield node
    finally:
        network.disconnect()


def sent(listener: can.BusABC, count: int) -> list[Frame]:
    """Frames that a node has sent, as many as are expected."""
    frames: list[Frame] = []
    while len(frames) < count:
        message = listener.recv(2)
        assert message is not None, f"{len(frames)} frames came where {count} were expected"
        frames.append(Frame(message.timestamp, "v", message.arbitration_id, bytes(message.data)))
    return frames
