"""Errors as RFC 9457 problem details that name the place."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from flowrt.errors import (
    AccountRefused,
    AccountsDamaged,
    CheckFailed,
    DatabaseError,
    FlowFileError,
    FlowrtError,
    NodeFault,
    NoSuchAlarm,
    Problem,
    RequestRefused,
    RolledBack,
    TestsFailed,
    WrongState,
)
from flowrt.files.store import Conflict, NotFound, Taken
from flowrt.web.body import BadBody, BodyTooLarge

__all__ = ["problem", "problem_middleware", "problem_rows"]

_log = logging.getLogger("flowrt.web")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_STATUS: dict[type[Exception], tuple[int, str]] = {
    NotFound: (404, "Not found"),
    Taken: (412, "There already"),
    Conflict: (412, "Changed by somebody else"),
    WrongState: (409, "Not now"),
    NodeFault: (500, "The node failed"),
    TestsFailed: (422, "The flow's tests fail"),
    RolledBack: (409, "Rolled back"),
    CheckFailed: (422, "The flow has problems"),
    DatabaseError: (422, "The database cannot be read"),
    BodyTooLarge: (413, "Too large"),
    BadBody: (400, "The body cannot be used"),
    FlowFileError: (400, "The flow cannot be read"),
    RequestRefused: (400, "Not understood"),
    NoSuchAlarm: (409, "No such alarm stands"),
    AccountRefused: (400, "That account will not do"),
    AccountsDamaged: (503, "Nobody can log in"),
    FlowrtError: (400, "That cannot be done"),
}

_KEPT = frozenset({"Allow", "Retry-After"})
"""Headers of a refusal that say what would do."""


def problem(status: int, title: str, detail: str, **more: Any) -> web.Response:
    """A response of type application/problem+json."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return web.json_response(body, status=status, content_type="application/problem+json")


def problem_rows(problems: Sequence[Problem]) -> list[dict[str, str]]:
    """Problems as the API gives them."""
    return [{"place": p.place, "sentence": p.sentence, "file": p.file} for p in problems]


@web.middleware
async def problem_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what handlers raise into problem details."""
    try:
        return await handler(request)
    except CheckFailed as error:
        rows = problem_rows(error.problems)
        return problem(*_STATUS[type(error)], str(error), problems=rows)
    except FlowrtError as error:
        cls = next(cls for cls in type(error).__mro__ if cls in _STATUS)
        return problem(*_STATUS[cls], str(error))
    except OSError as error:
        if error.errno is None or isinstance(error, ConnectionError):  # the client's own trouble
            raise
        _log.error("%s %s: %s", request.method, request.path, error)
        return problem(500, "The disk refuses", f"{error}. Is it full, or read-only?")
    except web.HTTPException as error:
        if error.status < 400:  # a redirect is no problem
            raise
        answer = problem(error.status, error.reason, error.text or error.reason)
        answer.headers.update({name: error.headers[name] for name in _KEPT & set(error.headers)})
        return answer
