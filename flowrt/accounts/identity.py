"""Who makes a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flowrt.accounts.role import Role

__all__ = ["ANYBODY", "Identity"]


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody who came in, by a session, a token, or because the doors are open."""

    name: str
    role: Role
    by: Literal["session", "token", "open"]
    flows: frozenset[str] | None = None
    """The only flows that it is for; None for all."""


ANYBODY = Identity("anybody", Role.ADMINISTRATOR, "open")
"""Whoever comes while the doors are open."""
