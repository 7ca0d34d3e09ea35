"""The built editor, from memory: compressed once, and cached by browsers as long as is right.

`index.html` is asked for anew each time and answered 304 where it is the same; what stands in
`assets/` has a hash in its name, so a browser may keep it for good.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from flowrt.web.compress import accepts_gzip, is_text

__all__ = ["PAGES", "StaticFiles"]

PAGES: Final = Path(__file__).parent / "static"
"""Where the editor's build puts its pages; missing in a checkout that was not built."""
_ASK_EACH_TIME: Final = "no-cache"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"
_MOST_KEPT: Final = 256
"""Files held in memory; a build has about ten."""
_NAME: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Not the system's table: that differs from machine to machine, and nosniff makes it matter."""
_PLACEHOLDER: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>flowrt</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 4rem auto">
<h1>flowrt is running</h1>
<p>The editor's pages are not built into this installation. In a checkout, build them with
<code>cd editor &amp;&amp; npm ci &amp;&amp; npm run build</code>, then load this page again.</p>
<ul>
<li><a href="/api/state">What every node is doing</a></li>
<li><a href="/api/alarms">Alarms that are raised now</a></li>
<li><a href="/api/flows">Flows</a> and <a href="/api/nodes">node types</a></li>
<li><a href="/metrics">Metrics</a> for Prometheus</li>
</ul>
</body></html>
"""


class _Page(NamedTuple):
    """A file as it is sent; `packed` is None where compressing does not pay."""

    body: bytes
    packed: bytes | None
    content_type: str
    tag: str


@dataclass(frozen=True)
class StaticFiles:
    """The handlers of the editor's files in `folder`."""

    folder: Path = PAGES

    def routes(self) -> list[web.RouteDef]:
        """The page, what it loads, and files beside it such as the icon."""
        return [
            web.get("/", self.index),
            web.get(f"/assets/{{name:{_NAME}}}", self.asset),
            web.get(f"/{{name:{_NAME}\\.[a-z0-9]+}}", self.beside),
        ]

    async def index(self, request: web.Request) -> web.StreamResponse:
        """The editor; a page that says how to build it where it is not there."""
        page = await asyncio.to_thread(_page, self.folder / "index.html")
        if page is None:
            return web.Response(text=_PLACEHOLDER, content_type="text/html")
        return _answer(request, page, _ASK_EACH_TIME)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """A script, a style sheet or a font of the editor."""
        return await self._send(request, self.folder / "assets", _FOR_GOOD)

    async def beside(self, request: web.Request) -> web.StreamResponse:
        """A file beside the editor's page, such as its icon."""
        return await self._send(request, self.folder, _ASK_EACH_TIME)

    async def _send(self, request: web.Request, folder: Path, caching: str) -> web.Response:
        page = await asyncio.to_thread(_page, folder / request.match_info["name"])
        if page is None:
            raise web.HTTPNotFound(text=f"the editor has no file {request.path}.")
        return _answer(request, page, caching)


def _answer(request: web.Request, page: _Page, caching: str) -> web.Response:
    headers = {"Cache-Control": caching, "ETag": f'W/"{page.tag}"', "Vary": "Accept-Encoding"}
    if _has_it(request, page):
        return web.Response(status=304, headers=headers)
    if page.packed is None or not accepts_gzip(request):
        return _response(page, page.body, headers)
    return _response(page, page.packed, {**headers, "Content-Encoding": "gzip"})


def _has_it(request: web.Request, page: _Page) -> bool:
    return any(tag.value in (page.tag, "*") for tag in request.if_none_match or ())


def _response(page: _Page, body: bytes, headers: dict[str, str]) -> web.Response:
    charset = "utf-8" if is_text(page.content_type) else None
    return web.Response(body=body, content_type=page.content_type, charset=charset, headers=headers)


def _page(file: Path) -> _Page | None:
    """A file as it is now; None where there is none, or a link that may lead anywhere."""
    if file.suffix not in _TYPES or file.is_symlink() or not file.is_file():
        return None
    stat = file.stat()
    return _load(file, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=_MOST_KEPT)
def _load(file: Path, _modified: int, _size: int) -> _Page:
    """A file and its compressed form; read again when it was built anew."""
    body, content_type = file.read_bytes(), _TYPES[file.suffix]
    packed = gzip.compress(body, 9, mtime=0) if is_text(content_type) else body
    tag = hashlib.sha256(body).hexdigest()[:32]
    return _Page(body, packed if len(packed) < len(body) else None, content_type, tag)
