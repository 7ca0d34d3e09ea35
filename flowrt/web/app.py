"""The web server: the API, and the editor's pages."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path
from typing import Final

from aiohttp import web

from flowrt.audit import Audit
from flowrt.files.store import Store
from flowrt.flow.file import LARGEST_FILE
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from flowrt.web import alarms, audit_log, health, history, live, logs, openapi
from flowrt.web.access import unlisted
from flowrt.web.api import Api
from flowrt.web.aside import Aside
from flowrt.web.auditing import AUDIT, audit_middleware
from flowrt.web.checking import CheckApi
from flowrt.web.compress import compress_middleware
from flowrt.web.control import ControlApi
from flowrt.web.databases import Databases
from flowrt.web.deploying import DeployApi
from flowrt.web.doors import DOORS, Doors
from flowrt.web.examples import Examples
from flowrt.web.files import Files
from flowrt.web.guard import guard_middleware
from flowrt.web.layout import LayoutApi
from flowrt.web.login import Login
from flowrt.web.memory import Memory
from flowrt.web.problem import Handler, problem_middleware
from flowrt.web.shadowing import Shadowing
from flowrt.web.static_files import PAGES, StaticFiles
from flowrt.web.trials import Trials

__all__ = ["Server", "make_app"]

_log = logging.getLogger("flowrt.web")
_HEADERS: Final = {
    "Content-Security-Policy": (
        # React Flow places what it draws by style attributes, hence 'unsafe-inline' for styles.
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@web.middleware
async def _safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers.update(_HEADERS)
    return response


def make_app(engine: Engine, store: Store, doors: Doors, *, pages: Path = PAGES) -> web.Application:
    """The application, ready to be served; `pages` is the folder of the built editor."""
    app = web.Application(
        middlewares=[
            _safe_headers,
            compress_middleware,
            audit_middleware,
            problem_middleware,
            guard_middleware,
        ],
        client_max_size=LARGEST_FILE,
    )
    app[DOORS], app[AUDIT] = doors, Audit.of(engine.data)
    Login(doors, app[AUDIT]).add_to(app)
    audit_log.add_routes(app, engine)
    app.add_routes(Api(engine, store).routes())
    app.add_routes(CheckApi(store).routes())
    alarms.add_routes(app, engine)
    health.add_routes(app, engine)
    history.add_routes(app, engine, store)
    live.add_routes(app, engine)
    logs.add_routes(app)
    app.add_routes(Databases(engine, store).routes())
    app.add_routes(Examples().routes())
    app.add_routes(Files(engine, store).routes())
    aside = Aside(engine.data / "aside")
    app.on_shutdown.append(aside.close)
    app.add_routes(Trials(store, aside).routes())
    app.add_routes(LayoutApi(store).routes())
    gateway = Gateway(engine, store)
    app.add_routes(DeployApi(gateway).routes())
    Shadowing(engine, store).add_to(app)
    app.add_routes(ControlApi(gateway).routes())
    app.add_routes(Memory(engine, store).routes())
    openapi.add_routes(app)
    app.add_routes(StaticFiles(pages).routes())
    if routes := unlisted(app):
        raise RuntimeError(f"flowrt/web/access.py and the routes differ: {', '.join(routes)}")
    return app


class Server:
    """A running web server; `url` is where it answers."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        doors: Doors,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pages: Path = PAGES,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        app = make_app(engine, store, doors, pages=pages)
        self._runner = web.AppRunner(app, access_log=None)
        self._host = host
        self._port = port
        self.doors = doors
        self._tls = tls
        self.url = self._url(port)

    async def start(self) -> None:
        """Listen; raises OSError where the port is taken."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = self._url(port)
        _log.info("listening at %s", self.url)

    def _url(self, port: int) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http{'s' if self._tls else ''}://{host}:{port}"

    async def stop(self) -> None:
        """Answer what was asked, then close."""
        await self._runner.cleanup()
