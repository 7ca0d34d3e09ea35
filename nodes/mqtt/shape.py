"""JSON in the shape that a cloud wants, with the parts of a message put in."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from flowrt.node import Message, Signals, to_record

__all__ = ["Shape", "shape_problems"]

_FIELD: Final = re.compile(r"\{([a-z_]*)\}")
_FIELDS: Final = ("values", "source", "name", "time", "time_ms", "time_iso", "number")
_BESIDE: Final = ("kind", "time", "source")
"""Fields of a record that are not among an event's values."""


def shape_problems(text: str) -> Iterator[str]:
    """What is wrong with a shape, in sentences."""
    try:
        parsed = json.loads(text)
    except ValueError as error:
        yield f"is no JSON: {error}."
        return
    if not isinstance(parsed, dict | list):
        yield "must be a JSON object or list."
    for name in sorted(set(_FIELD.findall(text)) - set(_FIELDS)):
        known = ", ".join(f"{{{field}}}" for field in _FIELDS)
        yield f"there is no field {{{name}}}. Known: {known}."


class Shape:
    """`{"params": "{values}"}`: text that is a field alone becomes what it stands for."""

    def __init__(self, text: str) -> None:
        self._parsed = json.loads(text)
        self._numbers = itertools.count(1)

    def fill(self, message: Message, source: str, name: str) -> bytes:
        """The payload of a message; raises ValueError or TypeError for what JSON cannot hold."""
        facts = {
            "values": _values(message),
            "source": source,
            "name": name,
            "time": message.time,
            "time_ms": round(message.time * 1000),
            "time_iso": _iso(message.time),
            "number": str(next(self._numbers)),
        }
        return orjson.dumps(_filled(self._parsed, facts))


def _filled(part: Any, facts: dict[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, facts) for key, value in part.items()}
    if isinstance(part, list):
        return [_filled(value, facts) for value in part]
    if not isinstance(part, str):
        return part
    whole = _FIELD.fullmatch(part)
    if whole:
        return facts[whole[1]]
    return _FIELD.sub(lambda match: str(facts[match[1]]), part)


def _values(message: Message) -> dict[str, Any]:
    if isinstance(message, Signals):
        return message.values
    return {key: value for key, value in to_record(message).items() if key not in _BESIDE}


def _iso(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
