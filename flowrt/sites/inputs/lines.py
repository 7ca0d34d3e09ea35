"""Frames of many sites as lines of JSON from a pipe.

A line is a record of a frame with its site, `{"site": "north", "kind": "frame", "time": ...}`, or
a topic and a record as `mosquitto_sub -F '%t %p'` prints them; then the topic is the site.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterable
from typing import Final

from flowrt.message import Frame
from flowrt.sites.inputs.payload import frame_of_site, frames_in
from flowrt.sites.inputs.piece import Piece

__all__ = ["Lines"]

_READ: Final = 1 << 16


class Lines:
    """Whole lines of a file descriptor. What was read comes no second time."""

    def __init__(self, descriptor: int, tell: Callable[[str], None]) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._rest = b""
        self._number = 0
        self._ended = False
        self.malformed = 0

    def pieces(self, patience: float) -> list[Piece] | None:
        """The frames of each site among the lines that have come."""
        if self._ended:
            return None
        found: dict[str, list[Frame]] = {}
        for line in self._lines(patience):
            self._number += 1
            try:
                frames = _parsed(line)
            except ValueError as error:
                self.malformed += 1
                self._tell(f"line {self._number} is no frame of a site: {error}")
            else:
                for site, frame in frames:
                    found.setdefault(site, []).append(frame)
        return [Piece(site, frames) for site, frames in found.items()]

    def _lines(self, patience: float) -> list[bytes]:
        if not select.select([self._descriptor], [], [], patience)[0]:
            return []
        data = os.read(self._descriptor, _READ)
        self._ended = not data
        *lines, self._rest = (self._rest + (data or b"\n")).split(b"\n")
        return [line for line in lines if line.strip()]

    def settle(self, identities: Iterable[bytes]) -> None:
        """A pipe has forgotten them already."""

    def pressed(self) -> bool:
        """It brings what there is."""
        return False

    def facts(self) -> dict[str, int]:
        """The lines that are no frames."""
        return {"malformed_lines": self.malformed}

    def close(self) -> None:
        """The descriptor is its owner's."""


def _parsed(line: bytes) -> list[tuple[str, Frame]]:
    if line.startswith(b"{"):
        return [frame_of_site(line)]
    topic, _, payload = line.partition(b" ")
    site = topic.decode()
    return [(site, frame) for frame in frames_in(payload)]
