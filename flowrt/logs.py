"""Log lines for people or, as JSON, for machines; each may say which flow and node it is about."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final

import orjson

__all__ = ["set_up_logging"]

_PLACE: Final = ("flow", "node", "count")
_LETTERS: Final = {"DEBUG": "·", "INFO": " ", "WARNING": "!", "ERROR": "✗", "CRITICAL": "✗"}
_QUIET_LIBRARIES: Final = (
    "can",
    "pymodbus",
    "amqtt",
    "transitions",
    "asyncio",
    "aiohttp.access",
    "numexpr",
)


class _TextFormatter(logging.Formatter):
    """`12:00:01.250 ! rack-to-ems/soc_low  text`."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S.%f")[:-3]
        names = [getattr(record, key, None) for key in ("flow", "node")]
        place = "/".join(name for name in names if name) or record.name.removeprefix("flowrt.")
        count = getattr(record, "count", 1)
        times = f" ({count} so far)" if count > 1 else ""
        line = f"{time} {_LETTERS[record.levelname]} {place:<24} {record.getMessage()}{times}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class _JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        fields.update({key: value for key in _PLACE if (value := getattr(record, key, None))})
        if record.exc_info:
            fields["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(fields, default=str).decode()


def set_up_logging(level: str, style: str) -> None:
    """Send log lines to stderr in the style `text` or `json`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonFormatter() if style == "json" else _TextFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR if level != "debug" else logging.DEBUG)
