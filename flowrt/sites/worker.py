"""A shard in an actor, which is begun anew where it dies and misses nothing."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

from flowrt.executor.actors import ActorDied, Actors
from flowrt.sites.post import Post
from flowrt.sites.shard import Shard

__all__ = ["Worker"]

_UNDER_WAY: Final = 4
"""Calls that the actor has not answered yet; then the input waits."""
_PATIENCE: Final = 5
"""Deaths without one safe batch in between, after which that is an error."""


class Worker:
    """Sends numbered batches to an actor in order, and again to the one that takes over."""

    def __init__(self, actors: Actors, post: Post) -> None:
        self._actors = actors
        self._post = post
        self._unsafe: deque[tuple[int, bytes]] = deque()
        """Batches that would be lost with the actor: no checkpoint has them yet."""
        self._answers: deque[Any] = deque()
        self._asked = 0
        """The batch up to which it was asked to make safe."""
        self._deaths = 0
        self.restarts = 0
        """How often the actor has died and was begun anew."""
        self._actor = actors.start(Shard, post)
        self.safe: int = self._ask("offset")
        """The number of the last batch that is in a checkpoint."""

    def _ask(self, method: str) -> Any:
        return self._actors.result(self._actors.call(self._actor, method))

    def send(self, number: int, batch: bytes) -> None:
        """Send a batch; waits while the actor is behind."""
        self._unsafe.append((number, batch))
        self._answers.append(self._actors.call(self._actor, "take", number, batch))
        while len(self._answers) >= _UNDER_WAY:
            self._settle()

    def secure(self) -> None:
        """Begin to make safe what was sent."""
        if self._unsafe and self._unsafe[-1][0] > self._asked:
            self._asked = self._unsafe[-1][0]
            self._answers.append(self._actors.call(self._actor, "save"))

    def poll(self) -> None:
        """Take note of the answers that are there."""
        while self._answers and self._actors.is_ready(self._answers[0]):
            self._settle()

    def _settle(self) -> None:
        """Wait for the oldest answer, and forget what is safe."""
        try:
            self._forget(self._actors.result(self._answers.popleft()))
        except ActorDied:
            self._begin_anew()

    def _forget(self, safe: int) -> None:
        self.safe = max(self.safe, safe)
        while self._unsafe and self._unsafe[0][0] <= safe:
            self._unsafe.popleft()
            self._deaths = 0

    def _begin_anew(self) -> None:
        """Begin a dead actor anew from its checkpoint, with what has come since."""
        self._deaths += 1
        if self._deaths > _PATIENCE:
            raise ActorDied(
                f"{self._post.site}: its worker dies again and again; see the cluster's logs."
            )
        self.restarts += 1
        self._actor = self._actors.start(Shard, self._post)
        self._answers.clear()
        self._asked = 0
        for batch in self._unsafe:
            self._answers.append(self._actors.call(self._actor, "take", *batch))

    def close(self) -> dict[str, Any]:
        """Make all safe and stop; gives the shard's facts."""
        while True:
            while self._answers:
                self._settle()
            try:
                self._forget(self._ask("save"))
                facts: dict[str, Any] = self._ask("close")
            except ActorDied:
                self._begin_anew()
            else:
                return facts
