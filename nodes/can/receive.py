"""Frames from a CAN bus."""

from __future__ import annotations

from typing import Final

from flowrt.node import (
    Array,
    Emit,
    Example,
    Frame,
    FrameTable,
    Hex,
    Message,
    Output,
    Source,
    node,
    setting,
)
from nodes.can.bus import Bus
from nodes.can.mailbox import Mailbox

_FEW: Final = 4
"""Ids that fit a card."""


@node("can/receive", icon="download")
class Receive(Source):
    """Receive frames; the kernel passes only those that the flow can use."""

    bus: Bus = setting("Bus to receive from.")
    ids: list[Hex] = setting(
        "Arbitration ids to take, an id above 0x7FF being extended; empty for all that the "
        "flow can use.",
        default=list,
    )

    out = Output("Frames as they come.", carries="frame")

    examples = (Example("Everything on a bus", settings={"bus": "battery_bus"}),)

    def __post_init__(self) -> None:
        keys = [id | 0x8000_0000 if id > 0x7FF else id for id in self.ids]
        self._ids = frozenset(keys) if keys else None
        self._mailbox: Mailbox | None = None

    def summary(self) -> str:
        """`socketcan can0, 0x355, 0x356`."""
        ids = [f"0x{id:X}" for id in self.ids]
        shown = ids if len(ids) <= _FEW else [f"{len(ids)} ids"]  # none for whatever is of use
        return ", ".join([self.bus.summary(), *shown])

    def offers(self) -> frozenset[int] | None:
        """Its ids."""
        return self._ids

    def admits(self, message: Message) -> bool:
        """Whether a recorded frame has one of its ids."""
        if not isinstance(message, Frame):
            return False
        key = message.id | 0x8000_0000 if message.extended else message.id
        return self._ids is None or key in self._ids

    def admits_rows(self, frames: FrameTable) -> Array | None:
        """Which recorded frames have one of its ids."""
        if self._ids is None:
            return None
        import numpy as np

        keys = frames.ids | np.where(frames.flags & 1, np.uint32(0x8000_0000), np.uint32(0))
        return np.isin(keys, np.array(sorted(self._ids), np.uint32))

    async def start(self) -> None:
        """Tell the bus what is wanted."""
        self._mailbox = self.bus.mailbox(self._wanted(), self.context.drop)
        self.bus.subscribe(self._mailbox)

    def _wanted(self) -> frozenset[int] | None:
        return self._ids if self._ids is not None else self.wanted

    def refocus(self) -> None:
        """Tell the bus what is wanted now."""
        if self._mailbox is not None:
            self._mailbox.wanted = self._wanted()
            self.bus.refilter()

    def take_over(self, old: Receive) -> None:
        """Take the frames that the other one has not passed on; of another bus all of them."""
        if self._mailbox is not None and old._mailbox is not None:
            self._mailbox.take_over(old._mailbox)
            old.bus.unsubscribe(old._mailbox)
            old._mailbox = None

    async def run(self, emit: Emit) -> None:
        """Pass frames on as they come."""
        assert self._mailbox is not None
        while True:
            await emit(await self._mailbox.get())

    async def stop(self) -> None:
        """Let go of the bus."""
        if self._mailbox is not None:
            self.bus.unsubscribe(self._mailbox)
            self._mailbox = None
