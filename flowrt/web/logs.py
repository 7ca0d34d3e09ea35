"""The last log lines over the API."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from flowrt.errors import RequestRefused
from flowrt.logs import Limited, Recent
from flowrt.logs.recent import KEPT, Wanted
from flowrt.web.answer import answer_json, whole_number

__all__ = ["add_routes"]

_USUAL: Final = 200
_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def add_routes(app: web.Application) -> None:
    """Serve `/api/logs`; lines are kept from when the server starts until it ends."""
    recent = Recent()

    async def listen(_app: web.Application) -> AsyncIterator[None]:
        handler = Limited(recent)
        logging.getLogger().addHandler(handler)
        yield
        logging.getLogger().removeHandler(handler)

    async def lines(request: web.Request) -> web.Response:
        limit = whole_number(request, "limit", _USUAL, KEPT)
        return answer_json(recent.lines(_wanted(request), limit))

    app.cleanup_ctx.append(listen)
    app.router.add_get("/api/logs", lines)


def _wanted(request: web.Request) -> Wanted:
    level = request.query.get("level", "info")
    if level not in _LEVELS:
        raise RequestRefused(f'level is "{level[:40]}", but must be one of {", ".join(_LEVELS)}.')
    after = request.query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 16):
        raise RequestRefused(f'after is "{after[:40]}", but must be the number of a line.')
    flow, node = request.query.get("flow", ""), request.query.get("node", "")
    return Wanted(int(after), _LEVELS[level], flow, node)
