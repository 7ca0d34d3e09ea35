"""Frames to readings, by a CAN database."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from nodes.can.database import frame_key, load_database, message_key
from nodes.can.plan import Decode as Decoder
from nodes.can.plan import MultiplexError, compile_message, text_signal

if TYPE_CHECKING:
    from cantools.database.can import Message

    from nodes.can.columns import DecodeColumns, Known


def _never(_data: bytes) -> dict[str, Any]:
    raise AssertionError("the shape of an id that was never seen fits no frame")


_UNSEEN: Final = (-1, False, "", _never)


class _View:
    """The decoders of some signals: those that the nodes behind look at, or all."""

    def __init__(self, needed: Container[tuple[str, str]] | None) -> None:
        self.needed = needed
        self.plans: dict[tuple[int, bool, int], tuple[str, Decoder] | None] = {}
        self.shapes: dict[int, tuple[int, bool, str, Decoder]] = {}
        """Id -> length, extended, source and decoder of its last frame: they hardly change."""

    def wants(self, source: str, name: str) -> bool:
        """Whether a signal is to be decoded."""
        return self.needed is None or (source, name) in self.needed


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
        self._views: dict[frozenset[str] | None, _View] = {}
        """What is known by the signals that are needed: all while somebody watches."""
        self._by_id: dict[int, Message] | None = None

    def _chosen(self) -> dict[int, Message]:
        """The messages that are decoded, by id; extended ids have bit 31 set."""
        if self._by_id is None:
            chosen = set(self.messages)
            self._by_id = {
                message_key(message): message
                for message in load_database(self.database).messages
                if not chosen or message.name in chosen
            }
        return self._by_id

    def problems(self) -> Iterator[tuple[str, str]]:
        """A database that is missing or broken; messages that it does not have."""
        try:
            names = [message.name for message in load_database(self.database).messages]
        except NodeFault as error:
            yield "database", str(error)
            return
        for index, name in enumerate(self.messages):
            if name not in names:
                near = difflib.get_close_matches(name, names, n=1)
                hint = f' Did you mean "{near[0]}"?' if near else ""
                yield f"messages[{index}]", f'"{name}" is not in {self.database.name}.{hint}'

    def wants(self) -> frozenset[int]:
        """The ids of the messages it decodes."""
        return frozenset(self._chosen())

    def catalogue(self, incoming: Catalogue) -> Catalogue:
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
                "string" if text_signal(signal) else "number",
                signal.comment or "",
            )
            for message in self._chosen().values()
            for signal in message.signals
        )

    def summary(self) -> str:
        """`pylontech-lv.dbc as rack2, 7 messages`."""
        prefix = f" as {self.source}" if self.source else ""
        count = len(self._chosen())
        return f"{self.database.name}{prefix}, {count} message{'s' * (count != 1)}"

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
        view = self._views.get(needed := self.context.needed()) or self._view(needed)
        append, shapes = out.append, view.shapes
        for frame in batch:
            data = frame.data
            length, extended, source, decode = shapes.get(frame.id, _UNSEEN)
            if length != len(data) or extended is not frame.extended or frame.error or frame.remote:
                append(self._decode_anew(frame, view))
                continue
            try:
                append(Signals(frame.time, source, decode(data)))
            except MultiplexError as error:
                append(self._undecodable(frame, error))
        return out

    def _view(self, needed: frozenset[str] | None) -> _View:
        """The decoders of the signals that some names and patterns mean, None meaning all."""
        keys: set[tuple[str, str]] | None = None
        if needed is not None:
            catalogue = self.catalogue(Catalogue())
            keys = {(info.source, info.name) for name in needed for info in catalogue.find(name)}
        view = self._views[needed] = _View(keys)
        return view

    def _decode_anew(self, frame: Frame, view: _View) -> Signals | Sent:
        """A frame that has another shape than the last one of its id."""
        if frame.error or frame.remote:
            return self._give_up(frame, "error frame" if frame.error else "remote frame")
        shape = (frame.id, frame.extended, len(frame.data))
        if shape not in view.plans:
            view.plans[shape] = self._plan(frame, view)
        plan = view.plans[shape]
        if plan is None:
            return self._give_up(frame, "unknown id")
        source, decode = plan
        view.shapes[frame.id] = (len(frame.data), frame.extended, source, decode)
        try:
            return Signals(frame.time, source, decode(frame.data))
        except MultiplexError as error:
            return self._undecodable(frame, error)

    def _plan(self, frame: Frame, view: _View) -> tuple[str, Decoder] | None:
        known = self._known(frame.id, frame.extended, view)
        if known is None:
            return None
        message, source, wanted = known
        return source, compile_message(message, len(frame.data), wanted)

    def _known(self, id: int, extended: bool, view: _View) -> Known | None:
        message = self._chosen().get(frame_key(id, extended))
        if message is None:
            return None
        source = self._source_of(message)
        return message, source, partial(view.wants, source)

    def known(self, id: int, *, extended: bool) -> Known | None:
        """The message of an id, its source and which signals are wanted; None for none."""
        needed = self.context.needed()
        return self._known(id, extended, self._views.get(needed) or self._view(needed))

    def columns(self) -> DecodeColumns:
        """Many frames at once."""
        from nodes.can.columns import DecodeColumns

        return DecodeColumns(self)

    def _undecodable(self, frame: Frame, error: Exception) -> Sent:
        self.context.fault(NodeFault(str(error)), frame)
        return self.undecodable(frame)

    def _give_up(self, frame: Frame, reason: str) -> Sent:
        self.context.drop(reason, 1)
        return self.undecodable(frame)

    def synthetic(self, count: int, seed: int) -> list[Frame]:
        """Frames that it can decode, a millisecond apart, for measuring."""
        from nodes.can.synthetic import synthetic_frames

        return synthetic_frames(list(self._chosen().values()), count, seed)
