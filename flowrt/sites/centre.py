"""The live centre: takes pieces from an input, batches them by site, and says what is safe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from flowrt.sites.fleet import Fleet
from flowrt.sites.inputs.piece import Input, Piece

__all__ = ["Centre"]

_WAIT: Final = 0.2
"""Seconds a frame waits for others at most."""
_PRESSED: Final = 0.01
"""Seconds to wait for more where the input waits for us."""
_SAFE_WITHIN: Final = 1.0
"""Seconds after which what was sent is made safe, so that the input can let go of it."""


@dataclass(slots=True)
class _Batch:
    pieces: list[Piece] = field(default_factory=list)
    frames: int = 0


class Centre:
    """Runs until its input ends, or `is_over` says so; `tell` is told sites and frames so far."""

    def __init__(
        self,
        source: Input,
        fleet: Fleet,
        most: int,
        is_over: Callable[[], bool],
        tell: Callable[[int, int], None] = lambda _sites, _frames: None,
    ) -> None:
        self._source, self._fleet, self._most = source, fleet, most
        self._is_over, self._tell = is_over, tell
        self._waiting: dict[str, _Batch] = {}
        self._frames = 0

    def run(self) -> dict[str, Any]:
        """Take what comes; all of it is safe at the end. Gives the facts."""
        source, fleet = self._source, self._fleet
        flushed = secured = monotonic()
        pressed = False
        while not self._is_over():
            pieces = source.pieces(_PRESSED if pressed else _WAIT)
            if pieces is None:
                break
            for piece in pieces:
                self._take(piece)
            now = monotonic()
            pressed = source.pressed()
            if pressed or now - flushed >= _WAIT:
                self._flush()
                flushed = now
            if pressed or now - secured >= _SAFE_WITHIN:
                fleet.secure()
                secured = now
            source.settle(fleet.safe())
            self._tell(len(fleet), self._frames)
        return self._finish()

    def _take(self, piece: Piece) -> None:
        batch = self._waiting.setdefault(piece.site, _Batch())
        batch.pieces.append(piece)
        batch.frames += len(piece.frames)
        self._frames += len(piece.frames)
        if batch.frames >= self._most:
            self._fleet.send(piece.site, self._waiting.pop(piece.site).pieces)

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for site, batch in waiting.items():
            self._fleet.send(site, batch.pieces)

    def _finish(self) -> dict[str, Any]:
        self._flush()
        sites = self._fleet.close()
        self._source.settle(self._fleet.safe())
        self._source.close()
        return {"sites": sites, "restarts": self._fleet.restarts, **self._source.facts()}
