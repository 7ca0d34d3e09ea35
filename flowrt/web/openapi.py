"""The API's description for tools: OpenAPI 3.1, its paths from the router, so none is missed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final

from aiohttp import web

from flowrt import __version__
from flowrt.web.access import ACCESS
from flowrt.web.answer import answer_json
from flowrt.web.doors import DOORS
from flowrt.web.operations import OPERATIONS, Operation
from flowrt.web.schemas import SCHEMAS, Schema, ref

__all__ = ["add_routes", "described"]

_OF_THE_API: Final = ("/api/", "/healthz", "/readyz", "/metrics")
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_MEANING: Final = {
    "id": "An id.",
    "name": "A name.",
    "path": "A data file as flows name it, with / between its parts.",
}


def add_routes(app: web.Application) -> None:
    """Serve `/api/openapi.json`."""
    app.router.add_get("/api/openapi.json", _openapi)


async def _openapi(request: web.Request) -> web.Response:
    """This description."""
    return answer_json(described(request.app))


def described(app: web.Application) -> Schema:
    """The OpenAPI document of an application; files of the editor are left out."""
    paths: dict[str, Schema] = {}
    for method, path, handler in _routes(app):
        known = OPERATIONS.get(f"{method} {path}", Operation())
        paths.setdefault(path, {})[method.lower()] = _operation(method, path, handler, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "flowrt", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": SCHEMAS, "securitySchemes": _schemes(app[DOORS].cookie)},
    }


def _routes(app: web.Application) -> Iterator[tuple[str, str, Any]]:
    for route in app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if path.startswith(_OF_THE_API) and route.method != "HEAD":
            yield route.method, path, route.handler


def _operation(method: str, path: str, handler: Any, known: Operation) -> Schema:
    return {
        "operationId": "_".join([method.lower(), *re.findall(r"\w+", path.removeprefix("/api"))]),
        "summary": known.summary or (inspect.getdoc(handler) or "").partition("\n")[0],
        **_security(f"{method} {path}"),
        "parameters": [*_path_parameters(path), *known.parameters],
        **_body(known),
        "responses": _responses(known),
    }


def _security(route: str) -> Schema:
    """Who may: one of the schemes, with at least the role; neither for what anyone may."""
    role = ACCESS[route]
    if role is None:
        return {"security": []}
    return {"security": [{"token": []}, {"session": []}], "x-role": str(role)}


def _schemes(cookie: str) -> Schema:
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "flowrt user token"},
        "session": {"type": "apiKey", "in": "cookie", "name": cookie},
    }


def _path_parameters(path: str) -> list[Schema]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            "description": _MEANING.get(name, ""),
        }
        for name in _PARAMETER.findall(path)
    ]


def _body(known: Operation) -> Schema:
    if known.body is None:
        return {}
    return {"requestBody": {"required": known.body_required, "content": _content(known.body)}}


def _responses(known: Operation) -> Schema:
    content = {} if known.answer is None else {"content": _content(known.answer)}
    answers = {
        str(status): {"description": words, **content} for status, words in known.statuses.items()
    }
    refusal = {"application/problem+json": {"schema": ref("Problem")}}
    return {
        **answers,
        "default": {"description": "Refused: problem details (RFC 9457).", "content": refusal},
    }


def _content(by_type: dict[str, Schema]) -> Schema:
    return {media_type: {"schema": schema} for media_type, schema in by_type.items()}
