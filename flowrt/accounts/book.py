"""The file of users and tokens: DATA/accounts.json, readable by its owner only.

The gateway and `flowrt user` both use it, so a change is made under a lock, and what is read is
read again when the file has changed.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from flowrt.errors import AccountsDamaged
from flowrt.files.store import write_atomically

__all__ = ["Book", "BookFile", "Token", "User"]


class User(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody with a name. Times are POSIX seconds."""

    role: str
    created: float
    password: str = ""
    """A hash; empty until the invitation was followed."""
    stamp: str = ""
    """Changes with the password, so that older sessions end."""
    invite: str = ""
    """The hash of the one-time link, empty where none is open."""
    invite_ends: float = 0


class Token(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A machine's key."""

    role: str
    created: float
    key: str
    """The hash of its secret part."""
    ends: float | None = None
    flows: list[str] | None = None
    """The only flows that it is for; None for all."""


class Book(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """Everybody, by name."""

    users: dict[str, User] = {}
    tokens: dict[str, Token] = {}


@dataclass
class BookFile:
    """The book on disk; raises AccountsDamaged where it cannot be trusted."""

    file: Path
    _seen: tuple[int, int, int] | None = None
    _book: Book = field(default_factory=Book)

    def read(self) -> Book:
        """The book as it is now, not to be changed; empty where there is no file."""
        try:
            stat = self.file.stat()
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if seen != self._seen:
                self._book, self._seen = self._decoded(stat.st_mode), seen
        except FileNotFoundError:
            self._book, self._seen = Book(), None
        except OSError as error:
            raise AccountsDamaged(f"{self.file} cannot be read: {error.strerror}.") from error
        return self._book

    def _decoded(self, mode: int) -> Book:
        if mode & 0o077:
            raise AccountsDamaged(f"{self.file} is open to others. Run: chmod 600 {self.file}")
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=Book)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise AccountsDamaged(
                f"{self.file} is damaged: {error}. Put back a copy, or move it away: the next "
                "start then makes a new administrator."
            ) from error

    @contextmanager
    def changing(self) -> Iterator[Book]:
        """The book to change; it is written when the block ends without an error."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._lock, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            book = msgspec.json.decode(msgspec.json.encode(self.read()), type=Book)
            yield book
            write_atomically(self.file, msgspec.json.format(msgspec.json.encode(book), indent=2))
            self._give_to_owner()
        finally:
            os.close(lock)

    @property
    def _lock(self) -> Path:
        return self.file.with_suffix(".lock")

    def _give_to_owner(self) -> None:
        """What root writes must be the service's, which could not read it otherwise."""
        if os.geteuid() == 0:
            owner = self.file.parent.stat()
            for file in (self.file, self._lock):
                os.chown(file, owner.st_uid, owner.st_gid)
