"""Logging in and out, the one-time link, one's own password, and who one is."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from aiohttp import web

from flowrt.accounts.allowance import Allowance
from flowrt.accounts.attempts import Attempts
from flowrt.accounts.listing import listing
from flowrt.accounts.sessions import LONGEST
from flowrt.audit import Audit
from flowrt.errors import WrongState
from flowrt.web.answer import answer_json, body_as
from flowrt.web.background import run_beside
from flowrt.web.doors import Doors
from flowrt.web.guard import WHO

__all__ = ["Login"]

_MOST_WAITING: Final = 8
_SAVE_EVERY: Final = 300.0
_Short = Annotated[str, msgspec.Meta(max_length=100)]
_Long = Annotated[str, msgspec.Meta(max_length=1000)]


class _Credentials(msgspec.Struct, forbid_unknown_fields=True):
    user: _Short
    password: _Long


class _Invitation(msgspec.Struct, forbid_unknown_fields=True):
    invite: _Short
    password: _Long


class _NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    old: _Long
    new: _Long


@dataclass
class Login:
    """The handlers; hashing, which is slow on purpose, happens in a thread, one at a time."""

    doors: Doors
    audit: Audit
    _failures: Allowance = field(default_factory=lambda: Allowance(20, 60))
    _by_user: Attempts = field(default_factory=lambda: Attempts(longest=60))
    _by_address: Attempts = field(default_factory=lambda: Attempts(longest=600))
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _saving: asyncio.Lock = field(default_factory=asyncio.Lock)
    _waiting: int = 0

    def add_to(self, app: web.Application) -> None:
        """Serve the routes, and keep the sessions' file up to date."""
        app.add_routes(
            [
                web.post("/api/login", self.login),
                web.post("/api/logout", self.logout),
                web.post("/api/invite", self.accept),
                web.get("/api/session", self.session),
                web.put("/api/session/password", self.change_password),
                web.get("/api/users", self.users),
            ]
        )
        run_beside(app, "sessions", self._keep_saved)
        app.on_cleanup.append(self._save_at_end)

    async def login(self, request: web.Request) -> web.Response:
        """Log in with name and password; a session comes as a cookie."""
        self._only_with_accounts()
        given = await body_as(request, _Credentials)
        user = await self._verified(request, given.user, given.password)
        self.audit.note(user, "login", at=request.remote)
        return await self._welcome(user)

    async def logout(self, request: web.Request) -> web.Response:
        """End the session."""
        self.doors.sessions.end(request.cookies.get(self.doors.cookie, ""))
        await self._save()
        answer = web.Response(status=204)
        answer.del_cookie(self.doors.cookie, path="/")
        return answer

    async def accept(self, request: web.Request) -> web.Response:
        """Set a password by a one-time link, and log in."""
        self._only_with_accounts()
        given = await body_as(request, _Invitation)
        async with self._one_at_a_time():
            user = await asyncio.to_thread(self.doors.accounts.accept, given.invite, given.password)
        self.audit.note(user, "password set by a link", at=request.remote)
        return await self._welcome(user)

    async def session(self, request: web.Request) -> web.Response:
        """Who one is, and how one came in."""
        who = request[WHO]
        flows = None if who.flows is None else sorted(who.flows)
        return answer_json({"user": who.name, "role": str(who.role), "by": who.by, "flows": flows})

    async def change_password(self, request: web.Request) -> web.Response:
        """Change one's own password; every other session of the user ends."""
        who = request[WHO]
        if who.by != "session":
            raise WrongState(f"{who.name} has no password: it came in by a token, or without.")
        given = await body_as(request, _NewPassword)
        await self._verified(request, who.name, given.old)
        stamp = self.doors.sessions.keep(request.cookies.get(self.doors.cookie, ""))
        async with self._one_at_a_time():
            await asyncio.to_thread(self.doors.accounts.set_password, who.name, given.new, stamp)
        await self._save()
        return answer_json({"user": who.name, "role": str(who.role)})

    async def users(self, _request: web.Request) -> web.Response:
        """Users and tokens, without anything secret."""
        return answer_json(listing(self.doors.accounts))

    # --- passwords

    async def _verified(self, request: web.Request, name: str, password: str) -> str:
        """The name, if the password is right; raises HTTPUnauthorized, HTTPTooManyRequests."""
        keys = (self._by_user, name), (self._by_address, _address(request))
        pause = max(attempts.pause(key) for attempts, key in keys)
        if pause > 0:
            seconds = math.ceil(pause)
            raise web.HTTPTooManyRequests(
                text=f"too many wrong passwords. Try again in {seconds} s.",
                headers={"Retry-After": str(seconds)},
            )
        async with self._one_at_a_time():
            user = await asyncio.to_thread(self.doors.accounts.verify, name, password)
        for attempts, key in keys:
            (attempts.succeed if user else attempts.fail)(key)
        if user is None:
            if (untold := self._failures.take()) is not None:
                self.audit.note(name, "wrong password", at=request.remote, untold=untold)
            raise web.HTTPUnauthorized(text="name or password is wrong.")
        return name

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """Hashing takes memory and a core: neither may run out."""
        if self._waiting >= _MOST_WAITING:
            text = f"{self._waiting} logins are waiting already. Try again in some seconds."
            raise web.HTTPServiceUnavailable(text=text, headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._turn:
                yield
        finally:
            self._waiting -= 1

    def _only_with_accounts(self) -> None:
        if self.doors.is_open:
            raise WrongState("this gateway was started with --open: everybody is in already.")

    # --- sessions

    async def _welcome(self, user: str) -> web.Response:
        await self.audit.flush()
        code = self.doors.sessions.begin(user)
        await self._save()
        answer = answer_json({"user": user, "role": self.doors.accounts.users[user].role})
        answer.set_cookie(
            self.doors.cookie,
            code,
            max_age=int(LONGEST),
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self.doors.is_secure,
        )
        return answer

    async def _save(self) -> None:
        async with self._saving:
            sessions = self.doors.sessions
            await asyncio.to_thread(sessions.write, sessions.data())

    async def _keep_saved(self) -> None:
        while True:
            await asyncio.sleep(_SAVE_EVERY)
            if self.doors.sessions.is_changed:
                await self._save()

    async def _save_at_end(self, _app: web.Application) -> None:
        if self.doors.sessions.is_changed:
            await self._save()


def _address(request: web.Request) -> str:
    """The address that a failure counts for; of IPv6 the network, as a host has many."""
    try:
        address = ipaddress.ip_address(request.remote or "")
    except ValueError:
        return request.remote or ""
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, 64), strict=False))
