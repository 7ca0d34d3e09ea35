"""The last pieces that a shard has taken, so that one which comes twice is taken once."""

from __future__ import annotations

from flowrt.sites.inputs.piece import IDENTITY_BYTES, REMEMBERED

__all__ = ["Seen"]


class Seen:
    """Identities in the order they came, the oldest of too many forgotten."""

    def __init__(self, packed: bytes = b"", most: int = REMEMBERED) -> None:
        starts = range(0, len(packed), IDENTITY_BYTES)
        self._known = dict.fromkeys(packed[at : at + IDENTITY_BYTES] for at in starts)
        self._most = most

    def is_new(self, identity: bytes) -> bool:
        """Whether it comes for the first time; then it is known from now on."""
        if not identity:
            return True
        if identity in self._known:
            return False
        self._known[identity] = None
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]
        return True

    def packed(self) -> bytes:
        """What another one is made of."""
        return b"".join(self._known)
