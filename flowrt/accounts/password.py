"""Passwords are kept as scrypt hashes: slow to guess, and with a salt each.

The cost (N 2^14, r 8, p 5) is the OWASP cheat sheet's for 16 MB of memory, which a gateway of 1 GB
can lend; it takes about 0.2 s on one core.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

from flowrt.errors import AccountRefused

__all__ = ["LONGEST", "SHORTEST", "fits", "hashed"]

SHORTEST: Final = 12
LONGEST: Final = 256
"""Characters of a password; hashing more would be work for nothing."""
_COST: Final = (1 << 14, 8, 5)
_SALT: Final = 16
_NOBODY: Final = b"\0" * _SALT


def hashed(password: str, user: str = "") -> str:
    """A password as it is kept; raises AccountRefused for one that is easily guessed."""
    _judge(password, user)
    salt = secrets.token_bytes(_SALT)
    return f"scrypt${_text(salt)}${_text(_derive(password, salt))}"


def fits(password: str, kept: str) -> bool:
    """Whether it is the one that was kept; takes as long where nothing was kept ("")."""
    _, _, rest = kept.partition("scrypt$")
    salt, _, key = rest.partition("$")
    derived = _derive(password[:LONGEST], base64.b64decode(salt) or _NOBODY)
    return hmac.compare_digest(_text(derived), key)


def _derive(password: str, salt: bytes) -> bytes:
    n, r, p = _COST
    data = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=64 * 1024**2, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _judge(password: str, user: str) -> None:
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountRefused(
            f"a password has {SHORTEST} to {LONGEST} characters, this one has {len(password)}. "
            "Take some words that do not belong together."
        )
    if len(set(password)) < 5 or (user and user.lower() in password.lower()):
        raise AccountRefused(
            "this password is easily guessed: it repeats itself, or holds the user's name. "
            "Take some words that do not belong together."
        )
