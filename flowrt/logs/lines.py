"""What a log line looks like for people or, as JSON, for machines; it may name flow and node."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

import orjson

__all__ = ["JsonLines", "TextLines", "WithPriority", "row_of"]

_PLACE: Final = ("flow", "node", "count", "step")
_LETTERS: Final = {"DEBUG": "·", "INFO": " ", "WARNING": "!", "ERROR": "✗", "CRITICAL": "✗"}
_PRIORITIES: Final = {"DEBUG": 7, "INFO": 6, "WARNING": 4, "ERROR": 3, "CRITICAL": 2}
"""Levels of syslog; systemd's journal takes them from the beginning of a line."""


def row_of(record: logging.LogRecord) -> dict[str, Any]:
    """A record's fields, JSON-able; `time` is POSIX seconds."""
    fields: dict[str, Any] = {
        "time": record.created,
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    fields.update({key: value for key in _PLACE if (value := getattr(record, key, None))})
    if record.exc_info:
        fields["traceback"] = logging.Formatter().formatException(record.exc_info)
    return fields


class TextLines(logging.Formatter):
    """`12:00:01.250 ! rack-to-ems/soc_low  text`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback where there is one."""
        return self.line(row_of(record))

    def line(self, row: dict[str, Any]) -> str:
        """The same of a record's fields."""
        time = datetime.fromtimestamp(row["time"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
        names = [row.get(key) for key in ("flow", "node")]
        place = "/".join(name for name in names if name) or row["logger"].removeprefix("flowrt.")
        count = row.get("count", 1)
        times = f" ({count} so far)" if count > 1 else ""
        letter = _LETTERS.get(row["level"].upper(), " ")
        line = f"{time} {letter} {place:<24} {_harmless(row['message'])}{times}"
        return f"{line}\n{row['traceback']}" if "traceback" in row else line


class JsonLines(logging.Formatter):
    """One JSON object a line; `time` as ISO 8601 in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        fields = row_of(record)
        time = datetime.fromtimestamp(record.created, UTC)
        fields["time"] = time.isoformat(timespec="milliseconds")
        return orjson.dumps(fields, default=str).decode()


class WithPriority(logging.Formatter):
    """Puts `<4>` before each line, which systemd's journal takes off and sorts by."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """The inner formatter's lines, each with its priority."""
        priority = f"<{_PRIORITIES.get(record.levelname, 6)}>"
        return "\n".join(priority + line for line in self._inner.format(record).split("\n"))


def _harmless(text: str) -> str:
    """Text without what would command a terminal; it may come from a broker or a file."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() or one in "\n\t" else one.encode("unicode_escape").decode()
        for one in text
    )
