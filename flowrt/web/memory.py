"""What a running node remembers, over the API: the state that outlives a redeploy and a restart."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from flowrt.errors import WrongState
from flowrt.files.store import NotFound, Store
from flowrt.running.engine import Engine
from flowrt.schema import near
from flowrt.web.answer import answer_json

__all__ = ["Memory"]


@dataclass(frozen=True)
class Memory:
    """Shows the declared state of nodes."""

    engine: Engine
    store: Store

    def routes(self) -> list[web.RouteDef]:
        """The route of what nodes remember."""
        return [web.get("/api/flows/{name}/nodes/{id}/state", self.state)]

    async def state(self, request: web.Request) -> web.Response:
        """What a node of a running flow remembers, by field."""
        name, id = request.match_info["name"], request.match_info["id"]
        running = self.engine.flows.get(name)
        if running is None:
            self.store.file(name)  # raises NotFound
            raise WrongState(f'"{name}" does not run. Start or deploy it, then look again.')
        step = running.circuit.steps.get(id)
        if step is None:
            raise NotFound(f'"{name}" runs without a node "{id}".{near(id, running.circuit.steps)}')
        return answer_json({"state": step.node.snapshot()})
