"""Record messages as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

import orjson

from flowrt.node import Example, Message, node, to_record
from nodes.storage.rotating import RotatingSink


@node("storage/jsonl", icon="braces")
class Jsonl(RotatingSink):
    """Record every message as a line of JSON, in the record format of flow tests and replay.

    A line is {"node": id, "port": "in", "kind": "signals", "time": s, "source": ..., "values":
    {...}}; a frame has `id` and `data` (hexadecimal), an event its fields. Files hold
    `max_size_mb` each and `keep_files` of them stay, so the room they take is bounded.
    """

    examples = (
        Example("A file a day, kept for a month", {"file": "log/rack1.jsonl"}),
        Example(
            "A ring of ten files of 1 MB",
            {"file": "log/rack1.jsonl", "daily": False, "max_size_mb": 1, "keep_files": 10},
        ),
    )

    async def write(self, messages: Sequence[Message]) -> None:
        """Gather them for the next flush."""
        await super().write(messages)

    def make_lines(self) -> RecordLines:
        """Record lines."""
        return RecordLines(self.id)


class RecordLines:
    """Record lines of a sink."""

    def __init__(self, node_id: str) -> None:
        self._origin = {"node": node_id, "port": "in"}

    def header(self, messages: Sequence[Message], first_line: bytes) -> bytes:
        """None."""
        return b""

    def lines(self, messages: Sequence[Message]) -> bytes:
        """A line for each message."""
        return b"".join([self._line(message) for message in messages])

    def _line(self, message: Message) -> bytes:
        record = {**self._origin, **to_record(message)}
        try:
            return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # an integer beyond 64 bits, or text that is no Unicode
            return json.dumps(record).encode() + b"\n"
