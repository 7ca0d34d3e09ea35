"""Set-points into the audit log, with or without a web server."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from flowrt.audit import Audit
from flowrt.watch.watch import Watch

__all__ = ["keep_set_points", "note_set_points"]

_EVERY: Final = 1.0


async def keep_set_points(watch: Watch, audit: Audit) -> None:
    """Write each second what is due, until cancelled; no flow waits for the disk."""
    while True:
        await asyncio.sleep(_EVERY)
        note_set_points(watch, audit)
        await audit.flush()


def note_set_points(watch: Watch, audit: Audit, *, all: bool = False) -> None:
    """Note what was commanded and written and is due; `all` of it at an end."""
    for deed, details in watch.written.take(time.monotonic(), all=all):
        audit.note(f"flow {details.pop('flow')}", deed, **details)
