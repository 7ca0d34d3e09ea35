"""The REST API: node types, flows, state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from aiohttp import web

from flowrt import describe, metrics
from flowrt.files.store import Store
from flowrt.flow.file import parse_flow
from flowrt.flow.subflow_types import shipped_types
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from flowrt.web.answer import answer_json as _json
from flowrt.web.problem import problem
from flowrt.web.rows import flow_rows

__all__ = ["Api"]


@dataclass(frozen=True)
class Api:
    """The handlers, and what they act on."""

    engine: Engine
    store: Store
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def routes(self) -> list[web.RouteDef]:
        """Every route of the API."""
        flow = "/api/flows/{name}"
        return [
            web.get("/healthz", self.healthz),
            web.get("/readyz", self.readyz),
            web.get("/metrics", self.metrics),
            web.get("/api/nodes", self.nodes),
            web.get("/api/state", self.state),
            web.get("/api/flows", self.flows),
            web.get(flow, self.flow),
            web.put(flow, self.put_flow),
            web.delete(flow, self.delete_flow),
        ]

    # --- health

    async def healthz(self, _request: web.Request) -> web.Response:
        """The process answers, and every flow goes on; 503 with those that are stuck, and why."""
        stuck = self.engine.condition.stuck
        if stuck:
            return _json({"status": "stuck", "stuck": stuck}, status=503)
        return _json({"status": "ok"})

    async def readyz(self, _request: web.Request) -> web.Response:
        """Every flow runs; 503 with the names of those that do not, and why none was started."""
        failed, safe_mode = sorted(self.engine.failed), self.engine.condition.safe_mode
        told = {"status": self._readiness(), "failed": failed, "reason": safe_mode}
        return _json(told, status=200 if told["status"] == "ready" else 503)

    def _readiness(self) -> str:
        if self.engine.condition.safe_mode:
            return "safe mode"
        if self.engine.booting:
            return "starting"
        return "failed" if self.engine.failed else "ready"

    async def metrics(self, _request: web.Request) -> web.Response:
        """For Prometheus."""
        return web.Response(
            body=metrics.metrics_page(self.engine),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    # --- what there is

    async def nodes(self, _request: web.Request) -> web.Response:
        """Every node type with its settings' JSON Schema, and the subflows that packs ship."""
        return _json(describe.all_types() + shipped_types())

    async def state(self, _request: web.Request) -> web.Response:
        """What every node is doing."""
        return _json(self.engine.state())

    async def flows(self, _request: web.Request) -> web.Response:
        """Every flow: its name, state, purpose, tag, and the problems that keep it from running."""
        return _json(flow_rows(self.engine, self.store))

    # --- one flow

    async def flow(self, request: web.Request) -> web.Response:
        """A flow's document, with its ETag."""
        data, tag = self.store.read(request.match_info["name"])
        return web.Response(body=data, content_type="application/json", headers={"ETag": tag})

    async def put_flow(self, request: web.Request) -> web.Response:
        """Store a flow: a new one with If-None-Match: *, else If-Match with the ETag it had."""
        name, data = request.match_info["name"], await request.read()
        # In threads, as the schema is large and the disk may be slow, and flows run on.
        draft = await asyncio.to_thread(parse_flow, data, self.store.place(name))
        if draft.name != name:
            return problem(
                400, "Names differ", f'the flow says "{draft.name}", the address "{name}".'
            )
        expected = request.headers.get("If-Match")
        must_be_new = request.headers.get("If-None-Match") == "*"
        is_new = name not in self.store.files()
        if expected is None and not is_new and not must_be_new:
            return problem(
                428, "If-Match is needed", "say which version you changed: send its ETag."
            )
        async with self.writing:  # what the tag is compared with must not change meanwhile
            told = None if must_be_new else expected
            tag = await asyncio.to_thread(self.store.write, name, draft.document, told)
        return _json({"name": name}, status=201 if is_new else 200, ETag=tag)

    async def delete_flow(self, request: web.Request) -> web.Response:
        """Stop a flow and remove its file and layout."""
        await Gateway(self.engine, self.store).remove(request.match_info["name"])
        return web.Response(status=204)
