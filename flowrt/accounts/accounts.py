"""Users, invitations and tokens: making them, and knowing somebody by a password or a token."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowrt.accounts.book import Book, BookFile, Token, User
from flowrt.accounts.identity import Identity
from flowrt.accounts.password import fits, hashed
from flowrt.accounts.role import Role
from flowrt.errors import AccountRefused

__all__ = ["FIRST", "INVITE_SECONDS", "Accounts"]

FIRST: Final = "admin"
"""The administrator that the first start makes."""
INVITE_SECONDS: Final = 24 * 3600.0
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
_TOKEN: Final = re.compile(r"flowrt_([a-z0-9][a-z0-9._-]{0,39})_([0-9a-f]{48})")
_MOST: Final = 1000
"""Users, and tokens: more is a mistake of a script."""


@dataclass
class Accounts:
    """The accounts of a data folder; `now` gives POSIX seconds.

    Raises AccountRefused for what may not be, AccountsDamaged where the file cannot be trusted.
    """

    file: BookFile
    now: Callable[[], float] = time.time

    @classmethod
    def of(cls, data: Path, now: Callable[[], float] = time.time) -> Accounts:
        """The accounts in a data folder."""
        return cls(BookFile(data / "accounts.json"), now)

    @property
    def users(self) -> dict[str, User]:
        """Everybody, by name; not to be changed."""
        return self.file.read().users

    @property
    def tokens(self) -> dict[str, Token]:
        """Every token, by name; not to be changed."""
        return self.file.read().tokens

    # --- users

    def first(self) -> str | None:
        """A link's code for the first administrator; None once somebody can log in."""
        users = self.users
        if any(user.password for user in users.values()):
            return None
        return self.invite(FIRST) if FIRST in users else self.add(FIRST, Role.ADMINISTRATOR)

    def add(self, name: str, role: Role) -> str:
        """A new user, who cannot log in yet; gives the code of an invitation."""
        with self.file.changing() as book:
            _is_free(name, book.users, "user")
            book.users[name] = User(role=str(role), created=self.now())
            return self._invite(book.users[name])

    def invite(self, name: str) -> str:
        """A new one-time code for a user; an older one is void, the password stays as it is."""
        with self.file.changing() as book:
            return self._invite(_known(name, book))

    def _invite(self, user: User) -> str:
        code = secrets.token_urlsafe(24)
        user.invite, user.invite_ends = _digest(code), self.now() + INVITE_SECONDS
        return code

    def accept(self, code: str, password: str) -> str:
        """Set a password by a one-time code; gives whose it was."""
        name = self._invited(code)
        kept = hashed(password, name)
        with self.file.changing() as book:
            user = book.users.get(name)
            if user is None or not self._is_open(user, _digest(code)):
                raise _used_up()
            _set_password(user, kept)
        return name

    def _invited(self, code: str) -> str:
        digest = _digest(code)
        for name, user in self.users.items():
            if self._is_open(user, digest):
                return name
        raise _used_up()

    def _is_open(self, user: User, digest: str) -> bool:
        is_it = bool(user.invite) and hmac.compare_digest(user.invite, digest)
        return is_it and self.now() < user.invite_ends

    def set_password(self, name: str, password: str, stamp: str = "") -> None:
        """A new password for a user; who is logged in by the old one is not any more.

        A session that holds the `stamp`, if one is given, goes on.
        """
        kept = hashed(password, name)
        with self.file.changing() as book:
            _set_password(_known(name, book), kept, stamp)

    def set_role(self, name: str, role: Role) -> None:
        """Another role for a user, from the next request on."""
        with self.file.changing() as book:
            _known(name, book).role = str(role)
            _keep_one(book)

    def remove(self, name: str) -> None:
        """Forget a user, who is logged out by it."""
        with self.file.changing() as book:
            _known(name, book)
            del book.users[name]
            _keep_one(book)

    def verify(self, name: str, password: str) -> User | None:
        """The user, if the password is right; takes as long for a user that does not exist."""
        user = self.users.get(name)
        is_right = fits(password, user.password if user else "")
        return user if user and is_right else None

    # --- tokens

    def add_token(
        self, name: str, role: Role, days: float | None, flows: Sequence[str] | None = None
    ) -> str:
        """A new token, shown now and never again; `days` None for one that does not end."""
        key = secrets.token_hex(24)
        with self.file.changing() as book:
            _is_free(name, book.tokens, "token")
            now = self.now()
            ends = None if days is None else now + days * 86400
            named = list(flows) if flows else None
            book.tokens[name] = Token(
                role=str(role), created=now, key=_digest(key), ends=ends, flows=named
            )
        return f"flowrt_{name}_{key}"

    def revoke(self, name: str) -> None:
        """Make a token void."""
        with self.file.changing() as book:
            if book.tokens.pop(name, None) is None:
                raise AccountRefused(f'there is no token "{name}".')

    def by_token(self, text: str) -> Identity | None:
        """Whose token that is; None for one that is unknown, void or over."""
        match = _TOKEN.fullmatch(text)
        token = self.tokens.get(match[1]) if match else None
        if match is None or token is None or not hmac.compare_digest(token.key, _digest(match[2])):
            return None
        if token.ends is not None and self.now() >= token.ends:
            return None
        flows = None if token.flows is None else frozenset(token.flows)
        return Identity(match[1], Role.named(token.role), "token", flows)


def _digest(code: str) -> str:
    """Codes are long and random, so a plain hash keeps them."""
    return hashlib.sha256(code.encode()).hexdigest()


def _is_free(name: str, there: dict[str, User] | dict[str, Token], what: str) -> None:
    if not _NAME.fullmatch(name):
        raise AccountRefused(
            f'"{name[:40]}" is no name for a {what}: use 1 to 40 of a-z, 0-9, ".", "_" and "-".'
        )
    if name in there:
        raise AccountRefused(f'there is a {what} "{name}" already. Choose another name.')
    if len(there) >= _MOST:
        raise AccountRefused(f"there are {_MOST} {what}s already, and no more may be.")


def _known(name: str, book: Book) -> User:
    if name not in book.users:
        known = ", ".join(book.users) or "none yet"
        raise AccountRefused(f'there is no user "{name[:40]}". Users: {known}.')
    return book.users[name]


def _set_password(user: User, kept: str, stamp: str = "") -> None:
    user.password, user.stamp = kept, stamp or secrets.token_hex(8)
    user.invite, user.invite_ends = "", 0


def _keep_one(book: Book) -> None:
    """Somebody must be able to keep the others."""
    if not any(user.role == str(Role.ADMINISTRATOR) for user in book.users.values()):
        raise AccountRefused("that would leave no administrator. Make another one first.")


def _used_up() -> AccountRefused:
    return AccountRefused(
        "this link was used already, or is too old. Make a new one: flowrt user invite NAME"
    )
