"""The alarms over the API: those that stand, what became of them, and acknowledging one."""

from __future__ import annotations

import sqlite3
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web

from flowrt.events.log import EventLog
from flowrt.events.table import Wanted
from flowrt.files.store import NotFound
from flowrt.running.acknowledge import acknowledge
from flowrt.running.engine import Engine
from flowrt.watch.alarms import KEPT
from flowrt.web.answer import answer_json, body_as, whole_number
from flowrt.web.guard import signed

__all__ = ["add_routes"]

_USUAL_HISTORY: Final = 200
_NEWEST: Final = 999_999_999
Text = Annotated[str, msgspec.Meta(max_length=200)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Acknowledge(msgspec.Struct, forbid_unknown_fields=True):
    """Which alarm; a source may be empty. `by` counts where nobody logs in."""

    flow: Name
    source: Text
    name: Name
    by: Name | None = None


async def _page(events: EventLog, wanted: Wanted) -> list[dict[str, Any]]:
    try:
        return await events.page(wanted)
    except sqlite3.Error as error:
        raise OSError(0, f"the history cannot be read: {error}") from error


def add_routes(app: web.Application, engine: Engine) -> None:
    """Serve `/api/alarms` and what is below it."""
    alarms = engine.watch.alarms

    async def standing(_request: web.Request) -> web.Response:
        return answer_json([alarm.row() for alarm in alarms.standing()])

    async def history(request: web.Request) -> web.Response:
        limit = whole_number(request, "limit", _USUAL_HISTORY, KEPT)
        before = whole_number(request, "before", _NEWEST, _NEWEST)
        flow = request.query.get("flow", "")
        if engine.events is None:  # nothing is kept on disk
            return answer_json([alarm.row() for alarm in alarms.history(limit)])
        wanted = Wanted(limit, None if before == _NEWEST else before, flow)
        return answer_json(await _page(engine.events, wanted))

    async def acknowledge_one(request: web.Request) -> web.Response:
        wanted = await body_as(request, _Acknowledge)
        known = {*engine.flows, *(alarm.flow for alarm in alarms.standing())}
        if wanted.flow not in known:
            raise NotFound(f'no flow "{wanted.flow}" is running. Is its name right?')
        by = signed(request, wanted.by, "api")
        acknowledge(engine, wanted.flow, wanted.source, wanted.name, by)
        if (running := engine.flows.get(wanted.flow)) is not None:
            await running.save()  # who has seen it outlives a power cut
        return web.Response(status=204)

    app.router.add_get("/api/alarms", standing)
    app.router.add_get("/api/alarms/history", history)
    app.router.add_post("/api/alarms/acknowledge", acknowledge_one)
