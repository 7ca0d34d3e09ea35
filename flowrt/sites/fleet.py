"""Live: an actor for each site, which is begun anew where it dies and misses nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from flowrt.executor.actors import ActorDied, Actors
from flowrt.message import Frame
from flowrt.sites.shard import Shard

__all__ = ["Fleet"]

_UNDER_WAY: Final = 4
"""Batches of a site that its actor has not answered yet; then its input waits."""
_PATIENCE: Final = 5
"""Deaths of an actor without one safe batch in between, after which that is an error."""


@dataclass(slots=True)
class _Site:
    actor: Any
    number: int = 0
    unsafe: deque[tuple[int, bytes]] = field(default_factory=deque)
    """Batches that would be lost with the actor: no checkpoint has them yet."""
    answers: deque[Any] = field(default_factory=deque)
    deaths: int = 0


class Fleet:
    """Sends each site's batches to its actor in order, and again to the one that takes over."""

    def __init__(self, actors: Actors, flow: Path, folder: Path) -> None:
        self._actors = actors
        self._arguments = (str(flow.resolve()), str(folder.resolve()))
        self._sites: dict[str, _Site] = {}
        self.restarts = 0
        """How often an actor has died and was begun anew."""

    def send(self, name: str, frames: Sequence[Frame]) -> None:
        """Send a batch; waits while the site's actor is behind."""
        site = self._sites.get(name) or self._begin(name)
        site.number += 1
        batch = (site.number, msgspec.msgpack.encode(frames))
        site.unsafe.append(batch)
        site.answers.append(self._actors.call(site.actor, "take", *batch))
        while len(site.answers) >= _UNDER_WAY:
            self._settle(name, site)

    def _begin(self, name: str) -> _Site:
        flow, folder = self._arguments
        site = _Site(self._actors.start(Shard, flow, name, folder))
        site.number = self._actors.result(self._actors.call(site.actor, "offset"))
        self._sites[name] = site
        return site

    def _settle(self, name: str, site: _Site) -> None:
        """Wait for the oldest answer, and forget what is safe."""
        try:
            self._forget(site, self._actors.result(site.answers.popleft()))
        except ActorDied:
            self._begin_anew(name, site)

    def _forget(self, site: _Site, safe: int) -> None:
        while site.unsafe and site.unsafe[0][0] <= safe:
            site.unsafe.popleft()
            site.deaths = 0

    def _begin_anew(self, name: str, site: _Site) -> None:
        """Begin a dead actor anew from its checkpoint, with what has come since."""
        site.deaths += 1
        if site.deaths > _PATIENCE:
            raise ActorDied(f"{name}: its worker dies again and again; see the cluster's logs.")
        self.restarts += 1
        flow, folder = self._arguments
        site.actor = self._actors.start(Shard, flow, name, folder)
        site.answers.clear()
        for batch in site.unsafe:
            site.answers.append(self._actors.call(site.actor, "take", *batch))

    def close(self) -> dict[str, dict[str, Any]]:
        """Make all safe and stop; gives each site's facts."""
        return {name: self._close(name, site) for name, site in self._sites.items()}

    def _close(self, name: str, site: _Site) -> dict[str, Any]:
        while True:
            while site.answers:
                self._settle(name, site)
            try:
                self._forget(site, self._actors.result(self._actors.call(site.actor, "save")))
                facts: dict[str, Any] = self._actors.result(self._actors.call(site.actor, "facts"))
                self._actors.result(self._actors.call(site.actor, "close"))
            except ActorDied:
                self._begin_anew(name, site)
            else:
                return facts
