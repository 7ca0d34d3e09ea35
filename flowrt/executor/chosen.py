"""Executors by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from flowrt.errors import FlowrtError

__all__ = ["EXECUTORS", "RETRIES", "Executor", "ExecutorMissing", "executor"]

Part = TypeVar("Part")
Result = TypeVar("Result")
EXECUTORS: Final = ("processes", "dask", "ray")
RETRIES: Final = 3
"""How often a part is begun anew when its worker has died."""


class ExecutorMissing(FlowrtError):
    """The library of an executor is not installed."""


class Executor(Protocol):
    """Does parts of a work, as many at once as it has workers."""

    def results(
        self, work: Callable[[Part], Result], parts: Sequence[Part], done: Callable[[int], None]
    ) -> Iterator[Result]:
        """The result of each part, in their order; `done` is told how many are."""


def executor(name: str, workers: int, address: str | None = None) -> Executor:
    """An executor with so many workers here, or that of a running cluster at an address."""
    try:
        if name == "dask":
            from flowrt.executor.dask import DaskExecutor

            return DaskExecutor(workers, address)
        if name == "ray":
            from flowrt.executor.ray import RayExecutor

            return RayExecutor(workers, address)
    except ImportError as error:
        raise ExecutorMissing(
            f"{name} is not installed: {error}. Install it: pip install 'flowrt[{name}]'"
        ) from error
    from flowrt.executor.processes import ProcessExecutor

    return ProcessExecutor(workers)
