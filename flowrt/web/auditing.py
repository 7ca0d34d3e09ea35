"""Notes in the audit log who changed what over the API, before the client has its answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from flowrt.audit import Audit
from flowrt.web.access import route_of
from flowrt.web.guard import WHO, signed
from flowrt.web.problem import Handler

__all__ = ["AUDIT", "UNTOLD", "WORDS", "audit_middleware"]

AUDIT = web.AppKey("audit", Audit)
_FLOW: Final = "/api/flows/{name}"
WORDS: Final[Mapping[str, str]] = {
    "POST /api/logout": "logout",
    "PUT /api/session/password": "password changed",
    "POST /api/alarms/acknowledge": "alarm acknowledged",
    "POST /api/alarms/shelve": "alarm shelved",
    "POST /api/alarms/unshelve": "alarm unshelved",
    f"PUT {_FLOW}": "flow stored",
    f"DELETE {_FLOW}": "flow removed",
    f"POST {_FLOW}/deploy": "deploy",
    f"POST {_FLOW}/rollback": "rollback",
    f"POST {_FLOW}/start": "start",
    f"POST {_FLOW}/stop": "stop",
    f"POST {_FLOW}/nodes/{{id}}/inject": "button pressed",
    f"PUT {_FLOW}/files/{{path}}": "file stored",
    f"DELETE {_FLOW}/files/{{path}}": "file removed",
    f"PUT {_FLOW}/tests": "tests stored",
}
"""What each route that changes something does."""
UNTOLD: Final = frozenset(
    {
        f"POST {_FLOW}/check",
        f"POST {_FLOW}/tests",
        f"POST {_FLOW}/replay",
        f"POST {_FLOW}/shadow",
        f"PUT {_FLOW}/layout",
        "POST /api/login",  # these two note themselves, also what fails
        "POST /api/invite",
    }
)
"""Routes that change nothing of importance."""
_LARGEST_BODY: Final = 2000


@web.middleware
async def audit_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note what was done, and what somebody known was refused or failed at."""
    word = WORDS.get(route_of(request) or "")
    if word is None:
        return await handler(request)
    answer: web.StreamResponse | None = None
    try:
        answer = await handler(request)
    finally:
        if WHO in request:
            status = 500 if answer is None else answer.status
            outcome = {} if status < 400 else {"failed": status}
            details = {**request.match_info, **await _told(request, answer), **outcome}
            audit = request.app[AUDIT]
            audit.note(signed(request, None, "anybody"), word, at=request.remote, **details)
            await audit.flush()
    return answer


async def _told(request: web.Request, answer: web.StreamResponse | None) -> dict[str, Any]:
    """Which alarm, which revision: from the small bodies that say it."""
    word = WORDS.get(route_of(request) or "")
    if word is not None and word.startswith("alarm "):
        named = ("flow", "source", "name", "duration", "reason")
        return _fields(await request.read(), named)
    if word in ("deploy", "rollback") and isinstance(answer, web.Response):
        return _fields(answer.body, ("revision",))
    return {}


def _fields(body: object, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(body, bytes) or len(body) > _LARGEST_BODY:
        return {}
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return {name: read[name] for name in names if name in read} if isinstance(read, dict) else {}
