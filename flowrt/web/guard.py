"""Stands before every handler: where a request comes from, who makes it, whether they may."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import web

from flowrt.accounts.identity import Identity
from flowrt.web.access import ACCESS, BACKGROUND, UNSCOPED, route_of
from flowrt.web.doors import DOORS
from flowrt.web.problem import Handler, problem

__all__ = ["LOOPBACK", "WHO", "guard_middleware", "is_still_in", "signed"]

WHO = web.RequestKey("who", Identity)
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine, whatever a name server says."""
_READING: Final = ("GET", "HEAD")
_FLOWS: Final = "/api/flows/{name}"


@web.middleware
async def guard_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through who may, and note in `request[WHO]` who it is."""
    if refusal := _foreign(request) or _entered(request):
        return refusal
    return await handler(request)


def is_still_in(request: web.Request) -> bool:
    """Whether who made a long request is still logged in, with a role that suffices."""
    who, route = request.app[DOORS].who(request, is_use=False), route_of(request)
    needed = ACCESS.get(route or "")
    return who is not None and (needed is None or who.role >= needed)


def signed(request: web.Request, claimed: Any, otherwise: str) -> str:
    """Who did it: the account; what the client says of itself counts where the doors are open."""
    who = request[WHO]
    if who.by == "open":
        return str(claimed or otherwise)
    return f"{who.name} (token)" if who.by == "token" else who.name


# --- where it comes from


def _foreign(request: web.Request) -> web.Response | None:
    """Refuse what another site's page asks a browser to send: changes, and the live socket."""
    if request.app[DOORS].is_open and _host(request) not in LOOPBACK:
        # A name that an attacker's name server points here would make its page one of ours.
        text = f"without login this is for {', '.join(sorted(LOOPBACK))} only."
        return problem(403, "Foreign host", text)
    if request.method in _READING and "Upgrade" not in request.headers:
        return None
    origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if origin is not None and origin.partition("://")[2] != request.host:
        return problem(403, "Foreign origin", f"pages of {origin[:100]} may not do this.")
    if origin is None and site in ("cross-site", "same-site"):
        return problem(403, "Foreign origin", "pages of other sites may not do this.")
    return None


def _host(request: web.Request) -> str:
    try:
        return urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""


# --- who makes it


def _entered(request: web.Request) -> web.Response | None:
    route = route_of(request)
    needed = None if route is None else ACCESS[route]
    if route is None or needed is None:  # without a route the answer is 404 or 405
        return None
    who = request.app[DOORS].who(request, is_use=route not in BACKGROUND)
    if who is None:
        return _unknown()
    request[WHO] = who
    if who.role < needed:
        text = f"this needs the role {needed}, and {who.name} is {who.role}."
        return problem(403, "Not yours to do", text, role=str(needed))
    if who.flows is not None and not _is_in_scope(request, route, who.flows):
        flows = ", ".join(sorted(who.flows))
        return problem(403, "Not yours to do", f"this token is for the flows {flows} only.")
    return None


def _is_in_scope(request: web.Request, route: str, flows: frozenset[str]) -> bool:
    if route.partition(" ")[2].startswith(_FLOWS):
        return request.match_info["name"] in flows
    return route in UNSCOPED


def _unknown() -> web.Response:
    text = "nobody is logged in, or no longer. Log in, or send Authorization: Bearer TOKEN."
    answer = problem(401, "Log in", text)
    answer.headers["WWW-Authenticate"] = 'Bearer realm="flowrt"'
    return answer
