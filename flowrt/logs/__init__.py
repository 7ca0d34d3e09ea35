"""Log lines: for people or machines, never too many of one origin, the last ones kept."""

from __future__ import annotations

import logging
import os
import sys
from typing import Final, TextIO

from flowrt.logs.limit import Limited
from flowrt.logs.lines import JsonLines, TextLines, WithPriority
from flowrt.logs.recent import Recent

__all__ = ["Limited", "Recent", "set_up_logging", "tell_suppressed"]

_QUIET_LIBRARIES: Final = (
    "can",
    "pymodbus",
    "amqtt",
    "transitions",
    "asyncio",
    "aiohttp.access",
    "numexpr",
)


def set_up_logging(level: str, style: str) -> None:
    """Send log lines to stderr in the style `text` or `json`."""
    stream = logging.StreamHandler(sys.stderr)
    lines: logging.Formatter = JsonLines() if style == "json" else TextLines()
    stream.setFormatter(WithPriority(lines) if _is_journal(sys.stderr) else lines)
    handler = Limited(stream)
    handler.setLevel(level.upper())
    # What is below the level may still be asked for over the API.
    least = min(logging.INFO, handler.level)
    logging.basicConfig(level=least, handlers=[handler], force=True)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR if level != "debug" else logging.DEBUG)


def tell_suppressed() -> None:
    """Say how many lines were left out of origins that have gone quiet since."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Limited):
            handler.tell_due()


def _is_journal(stream: TextIO) -> bool:
    """Whether systemd's journal reads a stream; see sd-daemon(3) and systemd.exec(5)."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # closed, or no file at all
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
