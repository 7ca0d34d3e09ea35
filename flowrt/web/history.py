"""The last hour of a flow's signals over the API."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from flowrt.errors import RequestRefused
from flowrt.files.store import NotFound, Store
from flowrt.observe.history import SECONDS, History
from flowrt.running.engine import Engine
from flowrt.web.answer import answer_json, whole_number
from flowrt.web.background import run_beside

__all__ = ["add_routes"]

_USUAL_SECONDS: Final = 300
_NAMING: Final = ("node", "port", "signal")


def add_routes(app: web.Application, engine: Engine, store: Store) -> None:
    """Serve `/api/flows/{name}/history`."""
    history = History(engine)

    async def answer_history(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in engine.flows and name not in store.files():
            raise NotFound(f'there is no flow "{name}".')
        given = [key for key in _NAMING if key in request.query]
        if not given:
            return answer_json(_listed(history, name))
        if missing := [key for key in _NAMING if key not in given]:
            raise RequestRefused(
                f"{' and '.join(missing)} must be given, too: node, port and signal name a series."
            )
        seconds = whole_number(request, "seconds", _USUAL_SECONDS, SECONDS)
        key = history.find(name, *(request.query[key] for key in _NAMING))
        return answer_json(history.read(key, seconds))

    run_beside(app, "history", history.run)
    app.router.add_get("/api/flows/{name}/history", answer_history)


def _listed(history: History, flow: str) -> dict[str, object]:
    series = [
        {"node": key.place.node, "port": key.place.port, "signal": key.signal}
        for key in history.keys(flow)
    ]
    return {"series": series, "refused": history.refused(flow)}
