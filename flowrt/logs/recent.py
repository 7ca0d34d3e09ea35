"""The last log lines, in memory, for who asks over the API."""

from __future__ import annotations

import logging
import secrets
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from flowrt.logs.lines import row_of

__all__ = ["KEPT", "Recent", "Wanted"]

KEPT: Final = 2000
_LONGEST: Final = 4000
"""Characters of a message or a traceback that are kept: 16 MB in all at the very most."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: after a number, of at least a level, of one flow or node."""

    after: int = 0
    level: int = logging.INFO
    flow: str = ""
    node: str = ""


class Recent(logging.Handler):
    """Keeps the last lines, each with a number; `boot` tells this run's numbers from others'."""

    def __init__(self) -> None:
        super().__init__()
        self.boot = secrets.token_hex(4)
        self._rows: deque[tuple[int, dict[str, Any]]] = deque(maxlen=KEPT)
        self._number = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record's fields, which may be cut; logging holds the handler's lock."""
        row = row_of(record)
        for name in {"message", "traceback"} & row.keys():
            row[name] = row[name][:_LONGEST]
        self._number += 1
        self._rows.append((record.levelno, {"number": self._number, **row}))

    def lines(self, wanted: Wanted, limit: int) -> dict[str, Any]:
        """The newest `limit` lines of those wanted, oldest first; JSON-able.

        `next` is what to ask after for more, `missed` how many lines since `after` are gone,
        wanted or not.
        """
        self.acquire()
        try:
            rows = list(self._rows)
        finally:
            self.release()
        after = wanted.after if wanted.after <= self._number else 0
        first = rows[0][1]["number"] if rows else self._number + 1
        found = [row for level, row in rows if _fits(level, row, wanted, after)]
        return {
            "boot": self.boot,
            "lines": found[-limit:],
            "next": rows[-1][1]["number"] if rows else self._number,
            "missed": max(0, first - after - 1) if after else 0,
        }


def _fits(level: int, row: dict[str, Any], wanted: Wanted, after: int) -> bool:
    return (
        row["number"] > after
        and level >= wanted.level
        and (not wanted.flow or row.get("flow") == wanted.flow)
        and (not wanted.node or row.get("node") == wanted.node)
    )
