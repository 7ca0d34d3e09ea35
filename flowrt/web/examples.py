"""Flows that teach, for an editor to begin from; they name only what packs ship."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from flowrt.files.store import NotFound
from flowrt.flow.file import Flow, flow_files, layout_file, read_flow
from flowrt.web.answer import answer_json

__all__ = ["EXAMPLES", "Examples"]

_PACKAGE: Final = Path(__file__).parents[1]
_SHIPPED: Final = _PACKAGE / "examples"
EXAMPLES: Final = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent / "examples"
"""Inside the package where a wheel was installed, beside it in a checkout."""


@dataclass(frozen=True)
class Examples:
    """The handlers of example flows."""

    folder: Path = EXAMPLES

    def routes(self) -> list[web.RouteDef]:
        """Every route of examples."""
        return [
            web.get("/api/examples", self.examples),
            web.get("/api/examples/{name}", self.example),
            web.get("/api/examples/{name}/layout", self.layout),
        ]

    async def examples(self, _request: web.Request) -> web.Response:
        """Every example's name and description."""
        flows = await asyncio.to_thread(self._flows)
        rows = [{"name": name, "description": flow.description} for name, flow in flows.items()]
        return answer_json(rows)

    async def example(self, request: web.Request) -> web.Response:
        """The document of an example."""
        return answer_json((await self._named(request)).document)

    async def layout(self, request: web.Request) -> web.Response:
        """Where the boxes of an example are drawn; `{}` where the editor lays it out."""
        flow = await self._named(request)
        data = await asyncio.to_thread(self._layout, flow.name)
        return web.Response(body=data, content_type="application/json")

    async def _named(self, request: web.Request) -> Flow:
        flows, name = await asyncio.to_thread(self._flows), request.match_info["name"]
        if name not in flows:
            raise NotFound(f'there is no example "{name}"; there are {", ".join(flows)}.')
        return flows[name]

    def _flows(self) -> dict[str, Flow]:
        return {file.stem: read_flow(file) for file in flow_files(self.folder)}

    def _layout(self, name: str) -> bytes:
        drawn = layout_file(self.folder / f"{name}.json")
        return drawn.read_bytes() if drawn.exists() else b"{}"
