"""The web server: the API, and the editor's pages."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from aiohttp import web

from flowrt.engine import Engine
from flowrt.flow import LARGEST_FILE
from flowrt.store import Store
from flowrt.web import alarms, health, history, live
from flowrt.web.api import Api
from flowrt.web.problem import Handler, problem, problem_middleware

__all__ = ["Server", "make_app"]

_log = logging.getLogger("flowrt.web")
_PAGES: Final = Path(__file__).parent / "static"
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_PLACEHOLDER: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>flowrt</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto">
<h1>flowrt is running</h1>
<p>The editor's pages are not built into this installation.</p>
<ul>
<li><a href="/api/state">What every node is doing</a></li>
<li><a href="/api/alarms">Alarms that are raised now</a></li>
<li><a href="/api/flows">Flows</a> and <a href="/api/nodes">node types</a></li>
<li><a href="/metrics">Metrics</a> for Prometheus</li>
</ul>
</body></html>
"""


@web.middleware
async def _safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers.update(_HEADERS)
    return response


@web.middleware
async def _same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what another site's page asks a browser to send: changes, and the live socket."""
    origin = request.headers.get("Origin", "")
    foreign = origin and origin.partition("://")[2] != request.host
    if foreign and (request.method not in ("GET", "HEAD") or "Upgrade" in request.headers):
        return problem(403, "Foreign origin", f"pages of {origin} may not do this.")
    return await handler(request)


async def _page(_request: web.Request) -> web.StreamResponse:
    index = _PAGES / "index.html"
    if index.is_file():
        return web.FileResponse(index)
    return web.Response(text=_PLACEHOLDER, content_type="text/html")


def make_app(engine: Engine, store: Store) -> web.Application:
    """The application, ready to be served."""
    app = web.Application(
        middlewares=[_safe_headers, problem_middleware, _same_origin],
        client_max_size=LARGEST_FILE,
    )
    app.add_routes(Api(engine, store).routes())
    alarms.add_routes(app, engine)
    health.add_routes(app, engine)
    history.add_routes(app, engine, store)
    live.add_routes(app, engine)
    app.router.add_get("/", _page)
    if _PAGES.is_dir():
        app.router.add_static("/assets", _PAGES / "assets")
    return app


class Server:
    """A running web server; `url` is where it answers."""

    def __init__(self, engine: Engine, store: Store, host: str, port: int) -> None:
        self._runner = web.AppRunner(make_app(engine, store), access_log=None)
        self._host = host
        self._port = port
        self.url = f"http://{host}:{port}"

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        _log.info("listening at %s", self.url)

    async def stop(self) -> None:
        """Answer what was asked, then close."""
        await self._runner.cleanup()
