"""Shadow runs over the API: a new version beside the running one, its sinks off, compared."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import orjson
from aiohttp import web

from flowrt.deploy.shadow import Shadow
from flowrt.errors import FlowrtError, WrongState
from flowrt.files.store import NotFound, Store
from flowrt.flow.check import rehearsable
from flowrt.flow.file import LARGEST_FILE, Flow, parse_flow, read_flow
from flowrt.running.engine import Engine
from flowrt.schema import findings
from flowrt.web.answer import answer_json
from flowrt.web.body import BadBody, read_object

__all__ = ["LONGEST", "Shadowing"]

LONGEST: Final = 600.0
"""Seconds that a shadow may run."""
_USUAL: Final = 10.0
_BODY: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "seconds": {"type": "number", "minimum": 0.1, "maximum": LONGEST},
        "document": {"type": "object"},
    },
    "additionalProperties": False,
}


class Shadowing:
    """Runs one shadow at a time, and keeps the last result of each flow."""

    def __init__(self, engine: Engine, store: Store) -> None:
        self._engine = engine
        self._store = store
        self._results: dict[str, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def add_to(self, app: web.Application) -> None:
        """Serve `/api/flows/{name}/shadow`."""
        path = "/api/flows/{name}/shadow"
        app.add_routes([web.get(path, self.result), web.post(path, self.start)])
        app.on_shutdown.append(self._give_up)

    async def start(self, request: web.Request) -> web.Response:
        """Run the stored flow, or a draft `document`, beside the running one."""
        name = request.match_info["name"]
        body = await _body(request)
        running = self._engine.flows.get(name)
        if running is None:
            self._store.file(name)  # raises NotFound
            raise WrongState(f'"{name}" does not run, so there is nothing to compare with.')
        if self._task is not None and not self._task.done():
            raise WrongState("a shadow runs already. Wait until it has ended.")
        flow = dataclasses.replace(self._flow(name, body.get("document")), name=f"{name}-shadow")
        prepared = await asyncio.to_thread(partial(rehearsable, flow))
        seconds = body.get("seconds", _USUAL)
        self._results[name] = {"state": "running", "seconds": seconds, "started": time.time()}
        self._task = asyncio.create_task(self._run(name, Shadow(running, prepared), seconds))
        return answer_json(self._results[name], status=202)

    def _flow(self, name: str, document: Mapping[str, Any] | None) -> Flow:
        file = self._store.file(name)
        return parse_flow(orjson.dumps(document), file) if document else read_flow(file)

    async def _run(self, name: str, shadow: Shadow, seconds: float) -> None:
        row = self._results[name]
        try:
            found = await shadow.run(seconds)
        except FlowrtError as error:
            self._results[name] = {**row, "state": "failed", "why": str(error)}
        else:
            self._results[name] = {**row, "state": "done", **found}

    async def result(self, request: web.Request) -> web.Response:
        """How the last shadow of a flow does, or did."""
        name = request.match_info["name"]
        if name not in self._results:
            self._store.file(name)  # raises NotFound
            raise NotFound(f'no shadow of "{name}" was run. Start one with POST.')
        return answer_json(self._results[name])

    async def _give_up(self, _app: web.Application) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


async def _body(request: web.Request) -> dict[str, Any]:
    if not (await request.read()).strip():
        return {}
    given = await read_object(request, LARGEST_FILE)
    if found := findings(_BODY, given, "the body"):
        raise BadBody("\n".join(f"{one.place or 'body'}: {one.sentence}" for one in found))
    return given
