"""What comes from a site in one piece, and who brings it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Protocol

import msgspec

from flowrt.message import Frame

__all__ = ["IDENTITY_BYTES", "REMEMBERED", "Input", "Piece", "identity_of"]

IDENTITY_BYTES = 8
REMEMBERED = 4096
"""Pieces of a site that are known again when they come twice; an input owes no more of them."""


class Piece(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Frames of a site that came as one message.

    `identity` is the same where the same message is delivered again; empty where none ever is.
    """

    site: str
    frames: list[Frame]
    identity: bytes = b""


def identity_of(place: str, payload: bytes) -> bytes:
    """The identity of a message by its topic or subject, and its content."""
    content = blake2b(place.encode(), digest_size=IDENTITY_BYTES)
    content.update(b"\0" + payload)
    return content.digest()


class Input(Protocol):
    """Brings pieces, and is told which of them are safe, so that it need not bring them again."""

    malformed: int
    """Messages, or lines, that hold no frames of a site."""

    def pieces(self, patience: float) -> list[Piece] | None:
        """What has come, after up to `patience` seconds; None when nothing will come any more."""

    def settle(self, identities: Iterable[bytes]) -> None:
        """These are safe on disk."""

    def pressed(self) -> bool:
        """Whether it brings no more soon, unless what it brought is settled."""

    def facts(self) -> dict[str, int]:
        """What went wrong, counted."""

    def close(self) -> None:
        """Let go; what is not settled comes again another time."""
