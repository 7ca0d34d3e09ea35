"""Workers of a Dask cluster: one that runs, or one on this machine for the while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import distributed

from flowrt.executor.chosen import RETRIES

__all__ = ["DaskExecutor"]

Part = TypeVar("Part")
Result = TypeVar("Result")
Client: Final[Any] = distributed.Client  # its functions have no type hints
LocalCluster: Final[Any] = distributed.LocalCluster


class DaskExecutor:
    """Dask gives what a dead worker was doing to another one by itself."""

    def __init__(self, workers: int, address: str | None) -> None:
        self._workers = workers
        self._address = address

    def results(
        self, work: Callable[[Part], Result], parts: Sequence[Part], done: Callable[[int], None]
    ) -> Iterator[Result]:
        """The result of each part, in their order."""
        if self._address is not None:
            with Client(self._address) as client:
                yield from self._gathered(client, work, parts, done)
            return
        with (
            LocalCluster(
                n_workers=self._workers,
                threads_per_worker=1,  # a replay holds the interpreter's lock
                host="127.0.0.1",
                dashboard_address=None,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield from self._gathered(client, work, parts, done)

    def _gathered(
        self,
        client: Any,
        work: Callable[[Part], Result],
        parts: Sequence[Part],
        done: Callable[[int], None],
    ) -> Iterator[Result]:
        futures = client.map(work, parts, pure=False, retries=RETRIES)
        for count, future in enumerate(futures, start=1):
            result: Result = future.result()
            done(count)
            yield result
