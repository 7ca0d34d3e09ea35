"""Frames to readings, by a CAN database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowrt.node import (
    Catalogue,
    Example,
    Frame,
    NodeFault,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
)
from nodes.can.database import EXTENDED, load_database, message_key
from nodes.can.plan import MultiplexError, compile_message

if TYPE_CHECKING:
    from cantools.database.can import Message


@node("can/decode", icon="binary-tree")
class Decode(Transform):
    """Decode frames by a DBC, KCD, SYM or ARXML database: one message of readings a frame.

    A frame shorter than its message gives the signals that are wholly there. A raw value that the
    database calls not available (SNA) gives None.
    """

    database: Path = setting("Database that describes the frames.", file=".dbc .kcd .sym .arxml")
    source: str = setting(
        'Put before the message\'s name in the source: "rack2" gives rack2/State.', default=""
    )
    messages: list[str] = setting("Decode only these messages; empty for all.", default=list)

    out = Output("Readings, with the message's name as source.", carries="signals")
    undecodable = Output("Frames that the database does not describe.", carries="frame")

    examples = (
        Example(
            "The state of a Pylontech stack",
            settings={"database": "dbc/pylontech-lv.dbc"},
            given=[Frame(0.0, "can0", 0x355, bytes.fromhex("5A006400"))],
            expect=[Signals(0.0, "State", {"SOC": 90, "SOH": 100})],
        ),
    )

    def __post_init__(self) -> None:
        self._plans: dict[tuple[int, bool, int], tuple[str, Callable[[bytes], Any]] | None] = {}

    def _chosen(self) -> dict[int, Message]:
        chosen = set(self.messages)
        return {
            message_key(message): message
            for message in load_database(self.database).messages
            if not chosen or message.name in chosen
        }

    def problems(self) -> Iterator[tuple[str, str]]:
        """A database that is missing or broken; messages that it does not have."""
        try:
            names = [message.name for message in load_database(self.database).messages]
        except NodeFault as error:
            yield "database", str(error)
            return
        for index, name in enumerate(self.messages):
            if name not in names:
                yield f"messages[{index}]", f'"{name}" is not in {self.database.name}.'

    def wants(self) -> frozenset[int]:
        """The ids of the messages it decodes."""
        return frozenset(self._chosen())

    def catalogue(self, incoming: Catalogue) -> Catalogue:  # noqa: ARG002
        """Every signal of the database."""
        return Catalogue(
            SignalInfo(
                signal.name,
                self._source_of(message),
                signal.unit or "",
                signal.minimum,
                signal.maximum,
                {int(raw): str(label) for raw, label in (signal.choices or {}).items()},
                message.cycle_time / 1000 if message.cycle_time else None,
                "number",
                signal.comment or "",
            )
            for message in self._chosen().values()
            for signal in message.signals
        )

    def summary(self) -> str:
        """The database and how much it describes."""
        return self.database.name

    def _source_of(self, message: Message) -> str:
        return f"{self.source}/{message.name}" if self.source else message.name

    async def start(self) -> None:
        """Load the database before the first frame comes."""
        load_database(self.database)

    def on_message(self, message: Frame) -> list[Signals | Sent]:
        """Decode one frame."""
        return self.on_batch((message,))

    def on_batch(self, batch: Sequence[Frame]) -> list[Signals | Sent]:
        """Decode many frames."""
        out: list[Signals | Sent] = []
        plans = self._plans
        for frame in batch:
            key = (frame.id, frame.extended, len(frame.data))
            if key not in plans:
                plans[key] = self._plan(frame)
            plan = plans[key]
            if plan is None or frame.error or frame.remote:
                out.append(self._give_up(frame))
                continue
            try:
                out.append(Signals(frame.time, plan[0], plan[1](frame.data)))
            except MultiplexError as error:
                self.context.fault(NodeFault(str(error)), frame)
                out.append(self.undecodable(frame))
        return out

    def _plan(self, frame: Frame) -> tuple[str, Callable[[bytes], Any]] | None:
        key = frame.id | EXTENDED if frame.extended else frame.id
        message = self._chosen().get(key)
        if message is None:
            return None
        return self._source_of(message), compile_message(message, len(frame.data))

    def _give_up(self, frame: Frame) -> Sent:
        reason = "error frame" if frame.error else "remote frame" if frame.remote else "unknown id"
        self.context.drop(reason, 1)
        return self.undecodable(frame)

    def synthetic(self, count: int, seed: int) -> list[Frame]:
        """Frames that it can decode, for measuring."""
        chosen = list(self._chosen().values())
        numbers = random.Random(seed)
        return [
            _synthetic(chosen[index % len(chosen)], index * 0.001, numbers)
            for index in range(count)
        ]


def _synthetic(message: Message, time: float, numbers: random.Random) -> Frame:
    data = bytearray(numbers.randbytes(message.length))
    return Frame(time, "", message.frame_id, bytes(data), extended=message.is_extended_frame)
