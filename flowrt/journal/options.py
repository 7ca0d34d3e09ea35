"""What a wire that spills may say of its journal: `"journal": {"limit_mb": 256, ...}`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from flowrt.setting import DURATION, parse_duration

__all__ = ["JOURNAL_SCHEMA", "JournalOptions"]

_MB: Final = 1024 * 1024
_LARGEST_SEGMENT: Final = 8 * _MB
_SEGMENTS: Final = 16
"""How many segments a full journal has at least: dropping the oldest loses so small a part."""


@dataclass(frozen=True, slots=True)
class JournalOptions:
    """How large and how old a journal may become, and how it is filled and emptied.

    `limit` is bytes; `max_age` seconds by the messages' own time; `pace` messages a second of
    what comes from disk; None is no limit. `attempts` is how often a message may fail to be
    written, while others do not, before it is set aside.
    """

    limit: int = 64 * _MB
    max_age: float | None = None
    drain: str = "oldest-first"
    pace: float | None = None
    full: str = "drop-oldest"
    commit: str = "before"
    attempts: int = 5

    @classmethod
    def read(cls, written: Mapping[str, Any] | None) -> JournalOptions:
        """The options as they stand in a flow file; what the schema refuses is left out."""
        given = dict(written or {})
        options: dict[str, Any] = {
            key: given[key]
            for key, schema in JOURNAL_SCHEMA["properties"].items()
            if given.get(key) in schema.get("enum", ())
        }
        if isinstance(limit := given.get("limit_mb"), int | float) and limit >= 1:
            options["limit"] = int(limit * _MB)
        if isinstance(pace := given.get("pace"), int | float) and pace > 0:
            options["pace"] = float(pace)
        if isinstance(attempts := given.get("attempts"), int) and attempts > 0:
            options["attempts"] = attempts
        with contextlib.suppress(KeyError, ValueError):
            options["max_age"] = parse_duration(given["max_age"])
        return cls(**options)

    @property
    def segment(self) -> int:
        """Bytes in a segment: 1 to 8 MiB, less only in a journal below 16 MiB."""
        return min(max(self.limit // _SEGMENTS, 1024), _LARGEST_SEGMENT)


JOURNAL_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "For a wire that spills: its journal on disk.",
    "additionalProperties": False,
    "properties": {
        "limit_mb": {
            "type": "number",
            "minimum": 1,
            "maximum": 1_000_000,
            "default": 64,
            "description": "Most megabytes on disk.",
        },
        "max_age": {
            **{key: value for key, value in DURATION.schema.items() if key != "minimum"},
            "exclusiveMinimum": 0,
            "description": "A message older than this is dropped, counted; left out, none is.",
        },
        "drain": {
            "enum": ["oldest-first", "live-first"],
            "default": "oldest-first",
            "description": "After an outage: in order, or what comes now before what waited.",
        },
        "pace": {
            "type": "number",
            "exclusiveMinimum": 0,
            "description": "Most messages a second from disk; left out, as fast as they go.",
        },
        "full": {
            "enum": ["drop-oldest", "refuse"],
            "default": "drop-oldest",
            "description": "At the limit, or on a full disk: lose what is oldest, or what comes.",
        },
        "commit": {
            "enum": ["before", "behind", "overflow"],
            "default": "before",
            "description": "A source goes on once its messages are on disk; or at once, and they "
            "are a tenth of a second later; or only what memory cannot hold goes to disk.",
        },
        "attempts": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 5,
            "description": "How often a message may fail before it is set aside.",
        },
    },
}
