"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from flowrt.executor.chosen import RETRIES

__all__ = ["ProcessExecutor"]

Part = TypeVar("Part")
Result = TypeVar("Result")


class ProcessExecutor:
    """A pool of processes; one that dies takes the pool with it, so a new pool does the rest."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def results(
        self, work: Callable[[Part], Result], parts: Sequence[Part], done: Callable[[int], None]
    ) -> Iterator[Result]:
        """The result of each part, in their order."""
        results: dict[int, Result] = {}
        given, deaths = 0, 0
        while given < len(parts):
            rest = [index for index in range(given, len(parts)) if index not in results]
            try:
                for index in self._run(work, parts, rest, results):
                    done(len(results))
                    while given in results and given <= index:
                        yield results[given]
                        given += 1
            except BrokenProcessPool:
                deaths += 1
                if deaths > RETRIES:
                    raise
            while given in results:
                yield results[given]
                given += 1

    def _run(
        self,
        work: Callable[[Part], Result],
        parts: Sequence[Part],
        rest: Sequence[int],
        results: dict[int, Result],
    ) -> Iterator[int]:
        """Do what is left in a pool; gives the index of each that is done, in order."""
        context = multiprocessing.get_context("spawn")  # a fork would copy threads' locks
        with ProcessPoolExecutor(self._workers, mp_context=context) as pool:
            futures: dict[int, Future[Result]] = {
                index: pool.submit(work, parts[index]) for index in rest
            }
            try:
                for index, future in futures.items():
                    results[index] = future.result()
                    yield index
            except BrokenProcessPool:
                for index, future in futures.items():
                    if future.done() and future.exception() is None:
                        results[index] = future.result()
                raise
