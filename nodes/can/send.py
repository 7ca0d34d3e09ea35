"""Frames to a CAN bus."""

from __future__ import annotations

from collections.abc import Sequence

from flowrt.node import Example, Frame, NodeFault, Sink, node, setting
from nodes.can.bus import Bus


@node("can/send", icon="upload")
class Send(Sink):
    """Send frames, in order."""

    control = True

    bus: Bus = setting("Bus to send on.")

    examples = (Example("Onto the battery's bus", settings={"bus": "battery_bus"}),)

    async def write(self, messages: Sequence[Frame]) -> None:
        """Send; a frame that cannot be sent is counted, and the others go on."""
        for frame in messages:
            try:
                await self.bus.send((frame,))
            except (NodeFault, ValueError) as error:
                self.context.drop("not sent", 1)
                self.context.fault(error, frame)
