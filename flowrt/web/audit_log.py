"""The audit log over the API, and the set-points of flows into it."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import Any, Final

from aiohttp import web

from flowrt.audit import Audit, records
from flowrt.observe.set_points import keep_set_points, note_set_points
from flowrt.running.engine import Engine
from flowrt.web.answer import answer_json, whole_number
from flowrt.web.auditing import AUDIT
from flowrt.web.background import run_beside

__all__ = ["add_routes"]

_USUAL: Final = 200
_MOST: Final = 10_000


def add_routes(app: web.Application, engine: Engine) -> None:
    """Serve `/api/audit`, and write what is noted outside of requests."""
    audit = app[AUDIT]

    async def newest(request: web.Request) -> web.Response:
        limit = whole_number(request, "limit", _USUAL, _MOST)
        await audit.flush()
        return answer_json(await asyncio.to_thread(_newest, audit, limit))

    async def write_the_rest(_app: web.Application) -> None:
        note_set_points(engine.watch, audit, all=True)
        await audit.flush()

    run_beside(app, "audit", partial(keep_set_points, engine.watch, audit))
    app.on_cleanup.append(write_the_rest)
    app.router.add_get("/api/audit", newest)


def _newest(audit: Audit, limit: int) -> list[dict[str, Any]]:
    return list(reversed(deque(records(audit.folder), maxlen=limit)))
