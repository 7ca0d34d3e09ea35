"""All sites live: the workers of each, and which pieces are safe at every one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from flowrt.errors import FlowrtError
from flowrt.executor.actors import Actors
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.part import summed
from flowrt.sites.post import Post
from flowrt.sites.worker import Worker

__all__ = ["Fleet", "ShardsChanged"]


class ShardsChanged(FlowrtError):
    """The state of a site is there, but split otherwise."""


class Fleet:
    """Sends a site's batches to its workers; `posts` says which there are, when a site begins."""

    def __init__(self, actors: Actors, posts: Callable[[str], Sequence[Post]]) -> None:
        self._actors = actors
        self._posts = posts
        self._sites: dict[str, _Site] = {}

    @property
    def restarts(self) -> int:
        """How often an actor has died and was begun anew."""
        return sum(worker.restarts for site in self._sites.values() for worker in site.workers)

    def __len__(self) -> int:
        return len(self._sites)

    def send(self, name: str, pieces: Sequence[Piece]) -> None:
        """Send a batch; waits while the site's workers are behind."""
        site = self._sites.get(name) or self._begin(name)
        site.send(pieces)

    def _begin(self, name: str) -> _Site:
        posts = self._posts(name)
        if others := posts[0].other_splits():
            raise ShardsChanged(
                f"{others[0]}: {name} was run with another number of shards than {len(posts)}, and "
                "its state is split that way. Give it that number, or move its files away to begin "
                "anew."
            )
        site = self._sites[name] = _Site([Worker(self._actors, post) for post in posts])
        return site

    def secure(self) -> None:
        """Begin to make safe what was sent."""
        for site in self._sites.values():
            for worker in site.workers:
                worker.secure()

    def safe(self) -> list[bytes]:
        """The identities of pieces that have become safe since this was asked last."""
        return [identity for site in self._sites.values() for identity in site.safe()]

    def close(self) -> dict[str, dict[str, Any]]:
        """Make all safe and stop; gives each site's facts."""
        return {name: site.close() for name, site in self._sites.items()}


class _Site:
    """The workers of a site. Each takes every batch; what one has taken before it leaves out."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self.workers = workers
        self._number = max(worker.safe for worker in workers)
        self._unsafe: deque[tuple[int, list[bytes]]] = deque()

    def send(self, pieces: Sequence[Piece]) -> None:
        self._number += 1
        identities = [piece.identity for piece in pieces if piece.identity]
        self._unsafe.append((self._number, identities))
        batch = msgspec.msgpack.encode(pieces)
        for worker in self.workers:
            worker.send(self._number, batch)

    def safe(self) -> list[bytes]:
        for worker in self.workers:
            worker.poll()
        safe = min(worker.safe for worker in self.workers)
        found: list[bytes] = []
        while self._unsafe and self._unsafe[0][0] <= safe:
            found += self._unsafe.popleft()[1]
        return found

    def close(self) -> dict[str, Any]:
        facts = [worker.close() for worker in self.workers]
        return summed(facts) | {"frames": facts[0]["frames"]}
