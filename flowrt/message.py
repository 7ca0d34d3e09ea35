"""What travels on a wire: frames, readings and events.

Messages are frozen, so one message may go down many wires without a copy. They are msgspec
structs because these cost a fifth of a frozen dataclass to make, and the hot path makes one for
every frame. `gc=False` is safe: no message can be part of a reference cycle.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

__all__ = [
    "Event",
    "Frame",
    "Message",
    "Severity",
    "Signals",
    "Value",
    "from_record",
    "stream_of",
    "to_record",
]

Value: TypeAlias = float | int | bool | str | None
"""A reading; None where its source marks it as not available."""

Severity: TypeAlias = Literal["info", "warning", "alarm", "trip"]


class Frame(msgspec.Struct, frozen=True, gc=False, tag="frame", tag_field="kind"):
    """A CAN or CAN FD frame.

    `time` is POSIX seconds from the bus (kernel or hardware stamp); `channel` the interface it
    came by; `id` the arbitration id without flag bits.
    """

    time: float
    channel: str
    id: int
    data: bytes
    extended: bool = False
    fd: bool = False
    bitrate_switch: bool = False
    remote: bool = False
    error: bool = False


class Signals(msgspec.Struct, frozen=True, gc=False, tag="signals", tag_field="kind"):
    """The readings of one moment from one source: a decoded CAN message, one Modbus poll.

    `time` is POSIX seconds; `values` maps signal name to reading and must not be changed.
    """

    time: float
    source: str
    values: dict[str, Value]


class Event(msgspec.Struct, frozen=True, gc=False, tag="event", tag_field="kind"):
    """Something began, ended or happened.

    `source` is what it happened to, `name` which node or rule says so. `state` is "raised",
    "cleared" or "acknowledged" for alarms and "happened" for what has no duration.
    """

    time: float
    source: str
    name: str
    state: str = "happened"
    severity: Severity = "info"
    value: Value = None
    text: str = ""


Message: TypeAlias = Frame | Signals | Event


def to_record(message: Message) -> dict[str, Any]:
    """The message as JSON-able fields; a frame's data as hex, and only its flags that are set."""
    if not isinstance(message, Frame):
        fields: dict[str, Any] = msgspec.to_builtins(message)
        return fields
    record: dict[str, Any] = {
        "kind": "frame",
        "time": message.time,
        "channel": message.channel,
        "id": message.id,
        "data": message.data.hex(),
    }
    record.update({flag: True for flag in _FLAGS if getattr(message, flag)})
    return record


def stream_of(message: Message) -> object:
    """What a newer message replaces an older one by.

    A frame's channel and id, an event's source and name, the source of readings.
    """
    if isinstance(message, Frame):
        return (message.channel, message.id, message.extended)
    if isinstance(message, Event):
        return (message.source, message.name)
    return message.source


def from_record(record: dict[str, Any]) -> Message:
    """The message that `to_record` wrote; raises ValueError where a field is missing or wrong."""
    if record.get("kind") == "frame":
        record = {**record, "data": bytes.fromhex(record["data"])}
    try:
        message: Message = msgspec.convert(record, Message)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    return message


_FLAGS = ("extended", "fd", "bitrate_switch", "remote", "error")
