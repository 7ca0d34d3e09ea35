"""Control of running flows over the API: start, stop, and the buttons of nodes."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from flowrt.gateway import Gateway
from flowrt.web.answer import answer_json

__all__ = ["ControlApi"]


@dataclass(frozen=True)
class ControlApi:
    """Starts and stops flows, and presses buttons."""

    gateway: Gateway

    def routes(self) -> list[web.RouteDef]:
        """Every route of control."""
        flow = "/api/flows/{name}"
        return [
            web.post(f"{flow}/start", self.start),
            web.post(f"{flow}/stop", self.stop),
            web.post(f"{flow}/nodes/{{id}}/inject", self.inject),
        ]

    async def start(self, request: web.Request) -> web.Response:
        """Run the stored flow, now and at every boot; one that runs is left alone."""
        await self.gateway.start(request.match_info["name"])
        return self._state(request)

    async def stop(self, request: web.Request) -> web.Response:
        """Drain and stop a flow; it stays stopped at the next boot."""
        await self.gateway.stop(request.match_info["name"])
        return self._state(request)

    async def inject(self, request: web.Request) -> web.Response:
        """Press a node's button; a body is not needed, and not read."""
        self.gateway.press(request.match_info["name"], request.match_info["id"])
        return web.Response(status=204)

    def _state(self, request: web.Request) -> web.Response:
        return answer_json({"state": self.gateway.engine.state_of(request.match_info["name"])})
