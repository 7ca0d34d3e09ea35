"""The alarms over the API: those that stand, what became of them, and acknowledging one."""

from __future__ import annotations

import sqlite3
import time
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web

from flowrt.events.log import EventLog
from flowrt.events.table import Wanted
from flowrt.files.store import NotFound
from flowrt.running.acknowledge import acknowledge
from flowrt.running.engine import Engine
from flowrt.setting import parse_duration
from flowrt.watch.alarms import KEPT
from flowrt.watch.shelf import LONGEST, Shelving
from flowrt.web.answer import answer_json, body_as, whole_number
from flowrt.web.body import BadBody
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


class _Shelve(msgspec.Struct, forbid_unknown_fields=True):
    """Which alarm, for how many seconds or a text such as "30 min", and why."""

    flow: Name
    source: Text
    name: Name
    duration: Annotated[str, msgspec.Meta(max_length=40)] | float
    reason: Name
    by: Name | None = None


async def _page(events: EventLog, wanted: Wanted) -> list[dict[str, Any]]:
    try:
        return await events.page(wanted)
    except sqlite3.Error as error:
        raise OSError(0, f"the history cannot be read: {error}") from error


def _duration(wanted: str | float) -> float:
    """Seconds; raises BadBody for what is none, or too long."""
    try:
        seconds = parse_duration(wanted)
    except ValueError as error:
        raise BadBody(f"duration: {error}.") from error
    if not 1 <= seconds <= LONGEST:
        raise BadBody(
            f"duration: an alarm is shelved for 1 s to {LONGEST / 3600:g} h, not {seconds:g} s. "
            "One that is never wanted is better taken out of the flow."
        )
    return seconds


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
        return await _kept(engine, wanted.flow)

    app.router.add_get("/api/alarms", standing)
    app.router.add_get("/api/alarms/history", history)
    app.router.add_post("/api/alarms/acknowledge", acknowledge_one)
    _add_shelf(app, engine)


async def _kept(engine: Engine, flow: str) -> web.Response:
    """Done; what was decided outlives a power cut."""
    if (running := engine.flows.get(flow)) is not None:
        await running.save()
    return web.Response(status=204)


def _add_shelf(app: web.Application, engine: Engine) -> None:
    async def shelve_one(request: web.Request) -> web.Response:
        wanted = await body_as(request, _Shelve)
        by, now = signed(request, wanted.by, "api"), time.time()
        until = now + _duration(wanted.duration)
        named = (wanted.flow, wanted.source, wanted.name)
        engine.watch.shelve(Shelving(*named, by, now, until, wanted.reason))
        return await _kept(engine, wanted.flow)

    async def unshelve_one(request: web.Request) -> web.Response:
        wanted = await body_as(request, _Acknowledge)
        by = signed(request, wanted.by, "api")
        engine.watch.unshelve(wanted.flow, wanted.source, wanted.name, by)
        return await _kept(engine, wanted.flow)

    async def shelved(_request: web.Request) -> web.Response:
        rows = [
            {"flow": one.flow, "source": one.source, "name": one.name, **one.row()}
            for one in engine.watch.alarms.shelf
        ]
        return answer_json(rows)

    app.router.add_get("/api/alarms/shelved", shelved)
    app.router.add_post("/api/alarms/shelve", shelve_one)
    app.router.add_post("/api/alarms/unshelve", unshelve_one)
