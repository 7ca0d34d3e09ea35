"""Deploys over the API: run the stored flow, list what ran, go back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from aiohttp import web

from flowrt.deploy.wishes import Wishes
from flowrt.files.revisions import Revision
from flowrt.gateway import Gateway
from flowrt.web.answer import answer_json
from flowrt.web.body import read_fields
from flowrt.web.guard import signed

__all__ = ["DeployApi"]

_AUTHOR: Final = {"type": "string", "maxLength": 100}
_WISHES: Final = {
    "health_seconds": {"type": "number", "minimum": 0, "maximum": 3600},
    "skip_tests": {"type": "boolean"},
}
_DEPLOY: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"author": _AUTHOR, "note": {"type": "string", "maxLength": 1000}, **_WISHES},
    "additionalProperties": False,
}
_ROLLBACK: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"author": _AUTHOR, "revision": {"type": "string", "maxLength": 12}, **_WISHES},
    "additionalProperties": False,
}
_NAMELESS: Final = "api"
"""The author of a deploy that does not say who it is from."""


@dataclass(frozen=True)
class DeployApi:
    """Deploys flows and keeps their revisions."""

    gateway: Gateway

    def routes(self) -> list[web.RouteDef]:
        """Every route of deploys and revisions."""
        flow = "/api/flows/{name}"
        return [
            web.post(f"{flow}/deploy", self.deploy),
            web.get(f"{flow}/revisions", self.revisions),
            web.get(f"{flow}/revisions/{{id}}", self.revision),
            web.post(f"{flow}/rollback", self.rollback),
        ]

    async def deploy(self, request: web.Request) -> web.Response:
        """Check the stored flow, then run it in place of the running one."""
        name, fields = request.match_info["name"], await read_fields(request, _DEPLOY)
        author, note = signed(request, fields.get("author"), _NAMELESS), fields.get("note", "")
        wishes = _wishes(fields)
        revision = await self.gateway.deploy(name, author=author, note=note, wishes=wishes)
        return self._deployed(name, revision)

    async def rollback(self, request: web.Request) -> web.Response:
        """Make an older revision the flow's file, and run it."""
        name, fields = request.match_info["name"], await read_fields(request, _ROLLBACK)
        author, id = signed(request, fields.get("author"), _NAMELESS), fields.get("revision")
        wishes = _wishes(fields)
        revision = await self.gateway.rollback(name, id, author=author, wishes=wishes)
        return self._deployed(name, revision)

    def _deployed(self, name: str, revision: Revision | None) -> web.Response:
        """The state and the revision, with the ETag of the file that runs."""
        _, tag = self.gateway.store.read(name)
        id = revision.id if revision else None
        state = self.gateway.engine.state_of(name)
        return answer_json({"state": state, "revision": id}, ETag=tag)

    async def revisions(self, request: web.Request) -> web.Response:
        """What was deployed, newest first; the newest of those that hold what runs is marked."""
        name = request.match_info["name"]
        self.gateway.store.file(name)  # raises NotFound
        found = self.gateway.revisions.of(name)
        running = self.gateway.running_revision(name)
        now = next((one for one in found if one.id == running), None)
        rows = [{**asdict(one), "running": one is now} for one in found]
        return answer_json({"revisions": rows})

    async def revision(self, request: web.Request) -> web.Response:
        """The document of a revision."""
        name, id = request.match_info["name"], request.match_info["id"]
        return answer_json(self.gateway.revisions.document(name, id))


def _wishes(fields: Mapping[str, Any]) -> Wishes:
    return Wishes(**{key: fields[key] for key in _WISHES if key in fields})
