"""Objects that live in workers and keep state: in this process, or as Ray's actors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from flowrt.errors import FlowrtError
from flowrt.executor.chosen import ExecutorMissing

__all__ = ["ActorDied", "Actors", "actors"]


class ActorDied(FlowrtError):
    """The worker of an actor was killed; what it held is gone."""


class Actors(Protocol):
    """Starts objects elsewhere and calls their methods, each one's in order."""

    def start(self, cls: type, *arguments: Any) -> Any:
        """An object of the class, in a worker."""

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        """Begin a call; gives what `result` waits for."""

    def is_ready(self, answer: Any, /) -> bool:
        """Whether `result` need not wait."""

    def result(self, answer: Any) -> Any:
        """What a call gave; raises ActorDied where its actor is gone."""


class _Here:
    """Actors in this process, where there is no cluster."""

    def start(self, cls: type, *arguments: Any) -> Any:
        return cls(*arguments)

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        return getattr(actor, method)(*arguments)

    def is_ready(self, _answer: Any, /) -> bool:
        return True

    def result(self, answer: Any) -> Any:
        return answer


class _Ray:
    """Actors of the Ray cluster that this process has joined."""

    def start(self, cls: type, *arguments: Any) -> Any:
        import ray

        actor: Any = ray.remote(num_cpus=0, max_restarts=0)(cls)
        return actor.remote(*arguments)

    def call(self, actor: Any, method: str, *arguments: Any) -> Any:
        return getattr(actor, method).remote(*arguments)

    def is_ready(self, answer: Any, /) -> bool:
        import ray

        return bool(ray.wait([answer], timeout=0)[0])

    def result(self, answer: Any) -> Any:
        import ray
        from ray.exceptions import RayActorError

        try:
            return ray.get(answer)
        except RayActorError as error:
            raise ActorDied(str(error)) from error


@contextmanager
def actors(name: str, workers: int, address: str | None) -> Iterator[Actors]:
    """Actors by `ray`, or `here` in this process."""
    if name == "here":
        yield _Here()
        return
    try:
        from flowrt.executor.ray import cluster
    except ImportError as error:
        raise ExecutorMissing(
            f"ray is not installed: {error}. Install it: pip install 'flowrt[ray]'"
        ) from error
    with cluster(workers, address):
        yield _Ray()
