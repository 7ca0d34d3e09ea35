"""The gateway's health over the API."""

from __future__ import annotations

from aiohttp import web

from flowrt.observe.health import Health
from flowrt.running.engine import Engine
from flowrt.web.answer import answer_json

__all__ = ["add_routes"]


def add_routes(app: web.Application, engine: Engine) -> None:
    """Serve `/api/health`."""
    health = Health(engine)

    async def report(_request: web.Request) -> web.Response:
        return answer_json(await health.report())

    app.router.add_get("/api/health", report)
