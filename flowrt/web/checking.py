"""Checks over the API: the problems of a flow or a draft, and what an editor shows beside them."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from flowrt.catalogue import Catalogue
from flowrt.errors import FlowFileError, Problem
from flowrt.files.store import Store
from flowrt.flow.check import Prepared, prepare
from flowrt.flow.file import Flow, parse_flow, read_flow
from flowrt.flow.hints import hints
from flowrt.flow.promise import promises
from flowrt.flow.summary import summaries
from flowrt.web.answer import answer_json
from flowrt.web.problem import problem_rows

__all__ = ["CheckApi"]


@dataclass(frozen=True)
class CheckApi:
    """Checks what is stored, and drafts that are not."""

    store: Store

    def routes(self) -> list[web.RouteDef]:
        """Every route of checks."""
        path = "/api/flows/{name}/check"
        return [web.get(path, self.check_stored), web.post(path, self.check_draft)]

    async def check_stored(self, request: web.Request) -> web.Response:
        """What is wrong with a stored flow; a file that cannot be read is a problem, too."""
        file = self.store.file(request.match_info["name"])
        try:
            flow = read_flow(file)
        except FlowFileError as error:
            return answer_json(_unreadable(Problem(str(file), "", str(error))))
        return await _answer(flow)

    async def check_draft(self, request: web.Request) -> web.Response:
        """What is wrong with the flow in the body, which is not stored; the stored one without."""
        data = await request.read()
        if not data.strip():
            return await self.check_stored(request)
        return await _answer(parse_flow(data, self.store.place(request.match_info["name"])))


async def _answer(flow: Flow) -> web.Response:
    """The findings; made in a thread, as a large database takes a while and flows run on."""
    return answer_json(await asyncio.to_thread(_findings, flow))


def _findings(flow: Flow) -> dict[str, Any]:
    """Problems, signals that reach each node, summaries, hints, promises of delivery.

    Of a subflow only what shows without its parameters, whose values its users give.
    """
    prepared = prepare(flow)
    return {
        "problems": problem_rows(flow.problems if flow.is_subflow else prepared.problems),
        "signals": _signals(prepared),
        "summaries": summaries(flow, prepared),
        "hints": [] if flow.is_subflow else hints(prepared),
        "delivery": {
            promise.way: str(promise)
            for promise in ([] if flow.is_subflow else promises(prepared.graph))
        },
    }


def _unreadable(problem: Problem) -> dict[str, Any]:
    return {
        "problems": problem_rows([problem]),
        "signals": {},
        "summaries": {},
        "hints": [],
        "delivery": {},
    }


def _signals(prepared: Prepared) -> dict[str, list[dict[str, Any]]]:
    """The signals that reach each node, for an editor to choose from.

    Also of a node that could not be made: a rule whose signal is not chosen yet needs them most.
    """
    return {
        id: [asdict(signal) for signal in _reaching(prepared, id)] for id in prepared.flow.nodes
    }


def _reaching(prepared: Prepared, id: str) -> Catalogue:
    if id in prepared.nodes:
        return prepared.graph.catalogue(id)
    reaching = Catalogue()
    for wire in prepared.flow.wires:
        if wire.target == id and wire.source in prepared.nodes:
            reaching |= prepared.graph.leaving_signals(wire.source, wire.output)
    return reaching
