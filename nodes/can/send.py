"""Frames to a CAN bus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flowrt.node import Duration, Example, Frame, Hex, NodeFault, Sink, Timer, node, setting
from nodes.can.bus import Bus
from nodes.can.database import frame_key


@dataclass(frozen=True, kw_only=True)
class SafeFrame:
    """A frame that leaves the equipment in a safe state."""

    id: Hex = setting("Arbitration id; above 0x7FF it is extended.", maximum=0x1FFF_FFFF)
    data: str = setting(
        "Data bytes in hexadecimal.", default="", pattern="^([0-9A-Fa-f]{2}){0,64}$"
    )


@node("can/send", icon="upload")
class Send(Sink):
    """Send frames, in order; and frames that make safe when nothing comes any more.

    What comes sooner than `at_most_every` after the last frame of its id is dropped and counted.
    The fail-safe frames are sent when no frame has come for `stale_after`, and when the flow
    stops.
    """

    control = True

    bus: Bus = setting("Bus to send on.")
    at_most_every: Duration = setting("Least time between two frames of an id.", default=0.0)
    stale_after: Duration | None = setting(
        "Silence after which the fail-safe frames are sent.", default=None
    )
    fail_safe: list[SafeFrame] = setting("What then is sent.", default=list)
    audited: list[Hex] = setting(
        "Ids of the frames that command: what is sent with them is in the audit log; "
        "above 0x7FF they are extended.",
        default=list,
        maxItems=100,
    )

    examples = (
        Example("Onto the battery's bus", settings={"bus": "battery_bus"}),
        Example(
            "Limits to an inverter; 0 A when the battery falls silent for 3 s",
            settings={
                "bus": "inverter_bus",
                "at_most_every": "100 ms",
                "stale_after": "3 s",
                "fail_safe": [{"id": "0x351", "data": "1402000000000000"}],
                "audited": ["0x351"],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._sent: dict[int, float] = {}
        self._audited = {frame_key(id, id > 0x7FF): f"0x{id:X}" for id in self.audited}
        self._silence: Timer | None = None
        self._last = 0.0
        self._making_safe: set[asyncio.Task[None]] = set()

    def problems(self) -> Iterator[tuple[str, str]]:
        """The two halves of a fail-safe."""
        if bool(self.fail_safe) != (self.stale_after is not None):
            missing = "fail_safe" if not self.fail_safe else "stale_after"
            yield missing, 'is needed: "fail_safe" and "stale_after" go together.'

    def summary(self) -> str:
        """The bus, and what is done for safety."""
        safe = f", safe after {self.stale_after:g} s" if self.stale_after else ""
        return f"{self.bus.summary()}{safe}"

    async def write(self, messages: Sequence[Frame]) -> None:
        """Send; a frame that cannot be sent is counted, and the others go on."""
        for frame in messages:
            if self._is_due(frame):
                await self._send(frame)
        self._count_silence()

    def _is_due(self, frame: Frame) -> bool:
        if not self.at_most_every:
            return True
        key, now = frame_key(frame.id, frame.extended), self.clock.steady()
        if 0 <= now - self._sent.get(key, float("-inf")) < self.at_most_every:
            self.context.drop("sooner than at_most_every", 1)
            return False
        self._sent[key] = now
        return True

    async def _send(self, frame: Frame) -> None:
        try:
            await self.bus.send((frame,))
        except (NodeFault, ValueError) as error:
            self.context.drop("not sent", 1)
            self.context.fault(error, frame)
        else:
            if self._audited and (named := self._audited.get(frame_key(frame.id, frame.extended))):
                self.context.written(named, frame.data.hex())

    # --- fail-safe

    def _count_silence(self) -> None:
        """One timer at a time, that looks again when it fires: frames come far more often."""
        if self.stale_after is None:
            return
        self._last = self.clock.steady()
        if self._silence is None:
            self._silence = self.clock.after(self.stale_after, self._look)

    def _look(self) -> None:
        assert self.stale_after is not None
        self._silence = None
        rest = self._last + self.stale_after - self.clock.steady()
        if 0 < rest <= self.stale_after:
            self._silence = self.clock.after(rest, self._look)
            return
        self.log.warning("nothing to send for %g s: sending the fail-safe frames", self.stale_after)
        task = asyncio.get_running_loop().create_task(self._make_safe())
        self._making_safe.add(task)
        task.add_done_callback(self._making_safe.discard)

    async def _make_safe(self) -> None:
        for safe in self.fail_safe:
            data = bytes.fromhex(safe.data)
            extended, fd = safe.id > 0x7FF, len(data) > 8
            await self._send(Frame(self.clock.now(), "", safe.id, data, extended, fd))

    async def stop(self) -> None:
        """Leave the equipment safe, if anything was sent to it."""
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
            await self._make_safe()
        self._sent.clear()
