"""Layouts over the API: where the boxes of a flow are drawn, kept beside its file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiohttp import web

from flowrt.files.store import Store
from flowrt.web.body import BadBody, read_object

__all__ = ["LayoutApi"]

_LARGEST: Final = 1024 * 1024
"""Bytes of a layout: a thousand nodes need about 50 kB."""


@dataclass(frozen=True)
class LayoutApi:
    """Reads and writes NAME.layout.json; what is in it is the editor's own affair."""

    store: Store

    def routes(self) -> list[web.RouteDef]:
        """Every route of layouts."""
        path = "/api/flows/{name}/layout"
        return [web.get(path, self.layout), web.put(path, self.put_layout)]

    async def layout(self, request: web.Request) -> web.Response:
        """The layout as it was stored, `{}` where there is none."""
        data = self.store.read_layout(request.match_info["name"])
        return web.Response(body=data, content_type="application/json")

    async def put_layout(self, request: web.Request) -> web.Response:
        """Store a layout: any JSON object of up to 1 MB."""
        written = _written(await read_object(request, _LARGEST))
        await asyncio.to_thread(self.store.write_layout, request.match_info["name"], written)
        return web.Response(status=204)


def _written(drawn: Mapping[str, Any]) -> bytes:
    """The layout's file: one value a line, as it is kept in version control beside the flow."""
    try:
        return orjson.dumps(drawn, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError as error:
        raise BadBody(f"the layout cannot be stored: {error}.") from error
