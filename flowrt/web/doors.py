"""How the gateway is entered: by accounts, or by whoever is on this machine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.identity import ANYBODY, Identity
from flowrt.accounts.sessions import Sessions

__all__ = ["DOORS", "Doors"]


@dataclass(frozen=True)
class Doors:
    """Who may come in. `is_open` lets everybody in as administrator; for loopback only."""

    accounts: Accounts
    sessions: Sessions
    is_open: bool = False
    is_secure: bool = False
    """Whether the server speaks TLS, so that the cookie may say so."""

    @classmethod
    def of(cls, data: Path, *, is_open: bool = False, is_secure: bool = False) -> Doors:
        """The doors of a gateway with that data folder."""
        accounts = Accounts.of(data)
        sessions = Sessions(data / "sessions.json", accounts)
        return cls(accounts, sessions, is_open, is_secure)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers share them between the ports of a machine."""
        place = str(self.accounts.file.file.resolve())
        name = f"flowrt-{hashlib.sha256(place.encode()).hexdigest()[:8]}"
        return f"__Host-{name}" if self.is_secure else name

    def who(self, request: web.Request, *, is_use: bool = True) -> Identity | None:
        """Who makes a request; None for nobody known."""
        if self.is_open:
            return ANYBODY
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme:
            return self.accounts.by_token(token.strip()) if scheme.lower() == "bearer" else None
        code = request.cookies.get(self.cookie, "")
        return self.sessions.find(code, is_use=is_use) if code else None


DOORS = web.AppKey("doors", Doors)
