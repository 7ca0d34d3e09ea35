"""Which role each route needs: the only place that says so.

A route that is not here is refused when the server starts. HEAD needs what GET does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from flowrt.accounts.role import Role

__all__ = ["ACCESS", "BACKGROUND", "UNSCOPED", "route_of", "unlisted"]

_FLOW: Final = "/api/flows/{name}"
_ROUTES: Final[Mapping[Role | None, tuple[str, ...]]] = {
    None: (  # anyone: what tells nothing, and the way in
        "GET /",
        "GET /assets/{name}",
        "GET /{name}",
        "GET /healthz",
        "GET /readyz",
        "POST /api/login",
        "POST /api/invite",
    ),
    Role.VIEWER: (
        "GET /metrics",
        "GET /api/openapi.json",
        "GET /api/session",
        "POST /api/logout",
        "PUT /api/session/password",
        "GET /api/health",
        "GET /api/nodes",
        "GET /api/state",
        "GET /api/live",
        "GET /api/alarms",
        "GET /api/alarms/history",
        "GET /api/alarms/shelved",
        "GET /api/logs",
        "GET /api/examples",
        "GET /api/examples/{name}",
        "GET /api/examples/{name}/layout",
        "GET /api/flows",
        f"GET {_FLOW}",
        f"GET {_FLOW}/check",
        f"GET {_FLOW}/layout",
        f"GET {_FLOW}/revisions",
        f"GET {_FLOW}/revisions/{{id}}",
        f"GET {_FLOW}/history",
        f"GET {_FLOW}/nodes/{{id}}/state",
        f"GET {_FLOW}/files",
        f"GET {_FLOW}/files/{{path}}",
        f"GET {_FLOW}/databases/{{path}}",
        f"GET {_FLOW}/tests",
        f"GET {_FLOW}/shadow",
    ),
    Role.OPERATOR: (
        "POST /api/alarms/acknowledge",
        "POST /api/alarms/shelve",
        "POST /api/alarms/unshelve",
        f"POST {_FLOW}/nodes/{{id}}/inject",
    ),
    Role.INTEGRATOR: (
        f"PUT {_FLOW}",
        f"DELETE {_FLOW}",
        f"POST {_FLOW}/check",  # a draft may name any file of the gateway
        f"PUT {_FLOW}/layout",
        f"POST {_FLOW}/deploy",
        f"POST {_FLOW}/rollback",
        f"POST {_FLOW}/shadow",
        f"POST {_FLOW}/start",
        f"POST {_FLOW}/stop",
        f"PUT {_FLOW}/files/{{path}}",
        f"DELETE {_FLOW}/files/{{path}}",
        f"PUT {_FLOW}/tests",
        f"POST {_FLOW}/tests",
        f"POST {_FLOW}/replay",
    ),
    Role.ADMINISTRATOR: ("GET /api/users", "GET /api/audit"),
}
ACCESS: Final[Mapping[str, Role | None]] = {
    route: role for role, routes in _ROUTES.items() for route in routes
}
"""`METHOD path` -> the least role that may; None for anyone."""

UNSCOPED: Final = frozenset(
    {
        "GET /api/session",
        "GET /api/openapi.json",
        "GET /api/nodes",
        "GET /api/examples",
        "GET /api/examples/{name}",
        "GET /api/examples/{name}/layout",
    }
)
"""Routes without a flow that a token for some flows may use: they tell of none."""

BACKGROUND: Final = frozenset(
    {
        "GET /api/health",
        "GET /api/state",
        "GET /api/live",
        "GET /api/alarms",
        "GET /api/logs",
        "GET /api/session",
    }
)
"""Routes that a page asks by itself, so that they keep nobody logged in."""


def route_of(request: web.Request) -> str | None:
    """`METHOD path` of the route that a request is for; None where there is none."""
    resource = request.match_info.route.resource
    method = "GET" if request.method == "HEAD" else request.method
    return f"{method} {resource.canonical}" if resource else None


def unlisted(app: web.Application) -> list[str]:
    """Routes that the table forgot, and lines of it that have no route."""
    there = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.method != "HEAD" and route.resource
    }
    return sorted(there ^ ACCESS.keys())
