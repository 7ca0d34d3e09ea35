"""Who is logged in: DATA/sessions.json, so that a restart logs nobody out.

A browser holds a random code, the file only its hash. Who serves requests writes the file, in a
thread: after a login, a logout, and now and then what was used last.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.identity import Identity
from flowrt.accounts.role import Role
from flowrt.files.store import write_atomically

__all__ = ["LONGEST", "LONGEST_IDLE", "Sessions"]

_log = logging.getLogger("flowrt.accounts")
LONGEST_IDLE: Final = 8 * 3600.0
LONGEST: Final = 7 * 86400.0
_MOST_OF_ONE: Final = 20
_MOST: Final = 1000


class _Session(msgspec.Struct):
    user: str
    stamp: str
    began: float
    used: float
    next_stamp: str = ""
    """The stamp of a new password that is being set from this session."""


@dataclass
class Sessions:
    """The sessions of a data folder; a file that cannot be read logs everybody out."""

    file: Path
    accounts: Accounts
    now: Callable[[], float] = time.time
    is_changed: bool = False
    """Whether there is something to write."""
    _all: dict[str, _Session] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            self._all = msgspec.json.decode(self.file.read_bytes(), type=dict[str, _Session])
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            _log.error("%s cannot be read (%s): everybody has to log in again", self.file, error)

    def begin(self, user: str) -> str:
        """A new session; gives the code for the browser."""
        code, now = secrets.token_urlsafe(32), self.now()
        stamp = self.accounts.users[user].stamp
        self._make_room(user)
        self._all[_digest(code)] = _Session(user, stamp, now, now)
        self.is_changed = True
        return code

    def find(self, code: str, *, is_use: bool = True) -> Identity | None:
        """Whose session that is, None for one that is over; looking in the background is no use."""
        session = self._all.get(_digest(code))
        if session is None or not self._is_good(session):
            return None
        if is_use:
            session.used = self.now()
            self.is_changed = True
        role = self.accounts.users[session.user].role
        return Identity(session.user, Role.named(role), "session")

    def keep(self, code: str) -> str:
        """Let a session outlive the password that it is about to change; gives the new stamp."""
        stamp = secrets.token_hex(8)
        if session := self._all.get(_digest(code)):
            session.next_stamp, self.is_changed = stamp, True
        return stamp

    def end(self, code: str) -> None:
        """Log out."""
        self.is_changed |= self._all.pop(_digest(code), None) is not None

    def data(self) -> bytes:
        """The sessions that are good, as the file holds them."""
        self._all = {key: one for key, one in self._all.items() if self._is_good(one)}
        self.is_changed = False
        return msgspec.json.encode(self._all)

    def write(self, data: bytes) -> None:
        """Write the file; a disk that refuses is told, and costs a login after a restart."""
        try:
            write_atomically(self.file, data)
        except OSError as error:
            _log.error("%s cannot be written: %s", self.file, error)

    def _is_good(self, session: _Session) -> bool:
        user, now = self.accounts.users.get(session.user), self.now()
        is_same = user is not None and user.stamp in (session.stamp, session.next_stamp)
        return is_same and now - session.used < LONGEST_IDLE and now - session.began < LONGEST

    def _make_room(self, user: str) -> None:
        """Let go of those that were used longest ago."""
        own = [key for key, one in self._all.items() if one.user == user]
        for keys, most in ((own, _MOST_OF_ONE), (self._all.keys(), _MOST)):
            oldest = sorted(keys, key=lambda key: self._all[key].used)
            for key in oldest[: max(0, len(keys) - most + 1)]:
                self._all.pop(key)


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogateescape")).hexdigest()
