"""Payloads: a message as JSON or as plain values, and back.

flowrt's own JSON is one object: `{"kind": "signals", "time": ..., "source": ..., "values": {...}}`;
events and frames have their own fields in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import orjson

from flowrt.node import Message, Signals, Value, from_record, to_record

__all__ = [
    "Malformed",
    "TimeFormat",
    "as_json",
    "as_value",
    "from_json",
    "is_record",
    "message_of",
    "plain_value",
    "readings",
]

TimeFormat: TypeAlias = Literal["unix", "unix-ms", "iso"]

_LONGEST: Final = 1_000_000
"""Bytes of a payload that is taken."""
_TOO_LONG: Final = f"longer than {_LONGEST} bytes"
_DEEPEST: Final = 8
"""Levels of objects in objects that are taken."""
_EARLIEST_MS: Final = 1e11
"""A time above this is in milliseconds: as seconds it would be the year 5138."""
_KINDS: Final = ("signals", "event", "frame")


class Malformed(ValueError):
    """A payload that cannot be used; its text is one of a few reasons, fit to count by."""


# --- out


def as_json(message: Message, time_format: TimeFormat) -> bytes:
    """One JSON object; raises ValueError or TypeError for what JSON cannot hold."""
    if type(message) is Signals:  # the hot kind: to_record would copy its values
        record: dict[str, Any] = {
            "kind": "signals",
            "time": message.time,
            "source": message.source,
            "values": message.values,
        }
    else:
        record = to_record(message)
    if time_format != "unix":
        record["time"] = _stamp(message.time, time_format)
    return orjson.dumps(record)


def _stamp(time: float, time_format: TimeFormat) -> int | str:
    if time_format == "unix-ms":
        return round(time * 1000)
    text = datetime.fromtimestamp(time, UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")


def as_value(value: Value) -> bytes:
    """A plain value: text as it is, else as JSON writes it (`55.5`, `true`, `null`)."""
    return value.encode() if isinstance(value, str) else orjson.dumps(value)


# --- in


def from_json(payload: bytes) -> Any:
    """What JSON text says; raises Malformed."""
    if len(payload) > _LONGEST:
        raise Malformed(_TOO_LONG)
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise Malformed("not JSON") from error


def is_record(content: Any) -> bool:
    """Whether it looks like a message of flowrt's own."""
    return isinstance(content, dict) and content.get("kind") in _KINDS and "time" in content


def message_of(content: Any) -> Message:
    """The message that `as_json` wrote, whatever its time format; raises Malformed."""
    if not is_record(content):
        raise Malformed("no flowrt message")
    try:
        return from_record({**content, "time": _seconds(content["time"])})
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Malformed("no flowrt message") from error


def _seconds(time: float | str) -> float:
    if isinstance(time, str):
        return datetime.fromisoformat(time).timestamp()
    return time / 1000 if time > _EARLIEST_MS else time


def readings(content: dict[str, Any] | list[Any]) -> dict[str, Value]:
    """The members of any JSON object or list as readings, nested ones named `cells/0`."""
    return dict(_flat(content, "", _DEEPEST))


def _flat(content: Any, path: str, deeper: int) -> Iterator[tuple[str, Value]]:
    if not isinstance(content, dict | list):
        yield path, content
        return
    if not deeper:
        raise Malformed(f"nested deeper than {_DEEPEST} levels")
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for key, item in items:
        yield from _flat(item, f"{path}/{key}" if path else str(key), deeper - 1)


def plain_value(payload: bytes) -> Value:
    """A number, true, false or null as JSON writes them, else text; raises Malformed."""
    if len(payload) > _LONGEST:
        raise Malformed(_TOO_LONG)
    try:
        content = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return _text(payload)
    if isinstance(content, dict | list):
        raise Malformed("no plain value")
    value: Value = content
    return value


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError as error:
        raise Malformed("no UTF-8 text") from error
