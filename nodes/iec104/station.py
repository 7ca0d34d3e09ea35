"""A controlled station of IEC 60870-5-104, shared by the nodes that show and take values."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from flowrt.node import Duration, Example, NodeFault, Resource, node, setting
from nodes.iec104.asdu import (
    Asdu,
    Cause,
    Quality,
    TypeId,
    cp56,
    packed,
    seconds_of,
    short_float,
    single,
)
from nodes.iec104.connection import Connection, Limits

__all__ = ["Commands", "Point", "Station"]

_STATION_WIDE: Final = 0xFFFF
"""The common address that means every station."""
_COMMANDS: Final = {TypeId.SINGLE_COMMAND: 1, TypeId.FLOAT_COMMAND: 5}
"""Command types, and how many octets their elements have."""


@dataclass(slots=True)
class Point:
    """A value of the station as it stands."""

    address: int
    is_single: bool
    value: float = 0.0
    quality: Quality = Quality.INVALID | Quality.NOT_TOPICAL
    time: float = 0.0

    def object(self, *, timed: bool) -> bytes:
        """Address and information element."""
        if self.is_single:
            element = single(bool(self.value), self.quality)
        else:
            element = short_float(self.value, self.quality)
        return self.address.to_bytes(3, "little") + element + (cp56(self.time) if timed else b"")

    def type(self, *, timed: bool) -> TypeId:
        """With or without its time."""
        if self.is_single:
            return TypeId.SINGLE_TIMED if timed else TypeId.SINGLE
        return TypeId.FLOAT_TIMED if timed else TypeId.FLOAT


class Commands(Protocol):
    """Takes commands of some object addresses; called on the loop's thread, must not wait."""

    def knows(self, address: int, type: int) -> bool:
        """Whether there is such a command."""

    def command(self, address: int, element: bytes, *, select: bool) -> bool:
        """Take it, or only say whether it could be taken; False refuses."""


@node("iec104/station", icon="radio-tower")
class Station(Resource):
    """Listen for control centres; nodes that name it give it points and take its commands.

    Interrogation, clock synchronisation (confirmed, and its offset told as a figure; the clock is
    not set), read and test commands are answered by the station itself. Times are UTC.
    """

    host: str = setting("Address to listen at; 0.0.0.0 for every interface.", default="127.0.0.1")
    port: int = setting("TCP port.", default=2404, minimum=1, maximum=65535)
    common_address: int = setting("Common address.", default=1, minimum=1, maximum=65534)
    clients: int = setting("Clients at a time; more are turned away.", default=4, minimum=1)
    time_tags: bool = setting("Send changes with their time.", default=True)
    buffer: int = setting(
        "Changes kept while no client has started; beyond, the oldest are lost and counted.",
        default=1000,
        minimum=0,
        maximum=100_000,
    )
    k: int = setting("Frames sent unacknowledged at most.", default=12, minimum=1, advanced=True)
    w: int = setting("Frames taken before they are acknowledged.", default=8, advanced=True)
    t1: Duration = setting("Longest wait for an answer.", default=15.0, minimum=1, advanced=True)
    t2: Duration = setting("Longest wait to acknowledge.", default=10.0, advanced=True)
    t3: Duration = setting("Silence after which it tests.", default=20.0, advanced=True)

    examples = (
        Example("For one control centre", {"host": "0.0.0.0", "common_address": 7}),  # noqa: S104
        Example("With short timers", {"t1": "5 s", "t2": "2 s", "t3": "10 s"}),
    )

    def problems(self) -> Iterable[tuple[str, str]]:
        """What the standard says of windows and timers."""
        if self.w > self.k * 2 / 3:
            yield "w", f"should be at most two thirds of k = {self.k}. Make it smaller."
        if self.t2 >= self.t1:
            yield "t2", f"must be less than t1 = {self.t1:g} s."

    def summary(self) -> str:
        """Where it listens, as whom."""
        return f"{self.host}:{self.port}, station {self.common_address}"

    @property
    def address(self) -> str:
        """Where clients reach it, while it listens."""
        return f"iec104://{self.host}:{self.port}" if self._server else ""

    def __post_init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()
        self._points: dict[int, Point] = {}
        self._commands: list[Commands] = []
        self._kept: deque[Asdu] = deque()
        self._clock_offset = 0.0
        self._refused = 0

    def figures(self) -> dict[str, float]:
        """Clients that have started, changes kept, refused requests, and the centre's clock."""
        return {
            "clients": float(sum(one.started for one in self._connections)),
            "kept": float(len(self._kept)),
            "refused": float(self._refused),
            "clock_offset_s": self._clock_offset,
        }

    # --- its life

    async def start(self) -> None:
        """Listen."""
        try:
            self._server = await asyncio.start_server(self._serve, self.host, self.port)
        except OSError as error:
            raise NodeFault(
                f"{self.host}:{self.port} cannot be listened at: {error.strerror}. "
                "Choose another port, or end the program that has it"
            ) from error
        self.context.status("listening", True)

    async def stop(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in list(self._connections):
            connection.close()
        while self._connections:  # noqa: ASYNC110  a moment: each sees its end of file
            await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= self.clients:
            self.context.drop("clients turned away", 1)
            writer.close()
            return
        limits = Limits(self.k, self.w, self.t1, self.t2, self.t3)
        connection = Connection(*(reader, writer, limits, self._started, self._answer, self._lost))
        self._connections.add(connection)
        peer = str(writer.get_extra_info("peername"))
        self.context.status(f"client {peer}", True)
        try:
            reason = await connection.run()
        finally:
            self._connections.discard(connection)
        self.log.info("client %s: %s", peer, reason)
        self.context.status("listening", True)

    # --- what nodes use

    def add_point(self, point: Point) -> None:
        """Show a point; raises NodeFault where its address is taken."""
        if point.address in self._points:
            raise NodeFault(f"object address {point.address} is another node's already")
        self._points[point.address] = point

    def remove_point(self, point: Point) -> None:
        """Show it no more."""
        self._points.pop(point.address, None)

    def add_commands(self, commands: Commands) -> None:
        """Let it take commands."""
        self._commands.append(commands)

    def remove_commands(self, commands: Commands) -> None:
        """Let it take none."""
        self._commands.remove(commands)

    def changed(self, point: Point) -> None:
        """Tell every client that has started; keep it where there is none."""
        timed = self.time_tags
        (asdu,) = self._units(point.type(timed=timed), Cause.SPONTANEOUS, [point], timed=timed)
        listening = [one for one in self._connections if one.started]
        for connection in listening:
            connection.offer(asdu)
        if not listening and timed and self.buffer:
            if len(self._kept) >= self.buffer:
                self._kept.popleft()
                self.context.drop("kept changes overflowed", 1)
            self._kept.append(asdu)

    def _lost(self, count: int) -> None:
        self.context.drop("a client does not keep up", count)

    # --- what clients ask

    def _started(self, connection: Connection) -> None:
        """Send what was kept, to the first that starts."""
        while self._kept:
            connection.offer(self._kept.popleft())

    def _answer(self, connection: Connection, asked: Asdu) -> None:
        answers = list(self._answers(asked))
        self._refused += sum(answer.negative for answer in answers)
        for answer in answers:
            connection.offer(answer)

    def _answers(self, asked: Asdu) -> Iterable[Asdu]:
        if asked.type not in set(TypeId):
            return (asked.answered(Cause.UNKNOWN_TYPE, negative=True),)
        if asked.station not in (self.common_address, _STATION_WIDE):
            return (asked.answered(Cause.UNKNOWN_STATION, negative=True),)
        if asked.type in _COMMANDS:
            return self._commanded(asked)
        if asked.type == TypeId.READ:
            return self._read(asked)
        if asked.cause != Cause.ACTIVATION:
            return (asked.answered(Cause.UNKNOWN_CAUSE, negative=True),)
        if asked.type == TypeId.INTERROGATION:
            return self._interrogated(asked)
        if asked.type == TypeId.CLOCK:
            self._hear_clock(asked.element)
        known = asked.type in (TypeId.CLOCK, TypeId.TEST)
        cause = Cause.CONFIRMATION if known else Cause.UNKNOWN_TYPE
        return (asked.answered(cause, negative=not known),)

    def _interrogated(self, asked: Asdu) -> list[Asdu]:
        """Every point, without time as the standard wants it, between confirmation and end."""
        if asked.element[:1] != b"\x14":  # groups are not divided
            return [asked.answered(Cause.CONFIRMATION, negative=True)]
        answers = [asked.answered(Cause.CONFIRMATION)]
        for is_single in (True, False):
            some = [point for point in self._points.values() if point.is_single == is_single]
            if some:
                type = some[0].type(timed=False)
                answers += self._units(type, Cause.INTERROGATED, some, timed=False)
        return [*answers, asked.answered(Cause.TERMINATION)]

    def _read(self, asked: Asdu) -> list[Asdu]:
        point = self._points.get(asked.address)
        if point is None:
            return [asked.answered(Cause.UNKNOWN_OBJECT, negative=True)]
        return self._units(point.type(timed=False), Cause.REQUESTED, [point], timed=False)

    def _units(
        self, type: TypeId, cause: Cause, points: Iterable[Point], *, timed: bool
    ) -> list[Asdu]:
        objects = [point.object(timed=timed) for point in points]
        return packed(type, cause, self.common_address, objects)

    def _hear_clock(self, element: bytes) -> None:
        theirs = seconds_of(element)
        if theirs is not None:
            self._clock_offset = theirs - self.clock.now()

    # --- commands

    def _commanded(self, asked: Asdu) -> list[Asdu]:
        takers = [one for one in self._commands if one.knows(asked.address, asked.type)]
        if not takers:
            return [asked.answered(Cause.UNKNOWN_OBJECT, negative=True)]
        if asked.cause == Cause.DEACTIVATION:
            return [asked.answered(Cause.DEACTIVATION_CONFIRMATION)]
        if asked.cause != Cause.ACTIVATION:
            return [asked.answered(Cause.UNKNOWN_CAUSE, negative=True)]
        size = _COMMANDS[TypeId(asked.type)]
        element = asked.element[:size]
        if asked.count != 1 or len(element) < size:
            return [asked.answered(Cause.CONFIRMATION, negative=True)]
        select = bool(element[-1] & 0x80)
        taken = takers[0].command(asked.address, element, select=select)
        answers = [asked.answered(Cause.CONFIRMATION, negative=not taken)]
        if taken and not select:
            answers.append(asked.answered(Cause.TERMINATION))
        return answers
