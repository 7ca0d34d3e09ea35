"""A node that speaks for the whole gateway at a broker, and has its last will."""

from __future__ import annotations

from typing import NamedTuple, Protocol

__all__ = ["Session", "Will"]


class Session(Protocol):
    """A node that speaks for the whole gateway; called on the loop's thread, must not wait."""

    def will(self) -> Will:
        """What the broker is to say when the next connection is lost."""

    def connected(self) -> None:
        """There is a connection."""

    def disconnected(self) -> None:
        """There is none any more, or an attempt failed."""

    def name_of(self, device: str, alias: int) -> str:
        """What it has called a metric by that number; empty where it has not."""


class Will(NamedTuple):
    """A last will that is not for people: QoS 1, not retained."""

    topic: str
    payload: bytes
