"""Workers of a Ray cluster: one that runs, or one on this machine for the while."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any, Final, TypeVar

import ray

from flowrt.executor.chosen import RETRIES

__all__ = ["RayExecutor", "cluster"]

Part = TypeVar("Part")
Result = TypeVar("Result")
_HERE: Final = "127.0.0.2"
"""A loopback address that Ray keeps: it replaces 127.0.0.1 by the interface's."""


class RayExecutor:
    """Ray begins a task anew when its worker has died."""

    def __init__(self, workers: int, address: str | None) -> None:
        self._workers = workers
        self._address = address

    def results(
        self, work: Callable[[Part], Result], parts: Sequence[Part], done: Callable[[int], None]
    ) -> Iterator[Result]:
        """The result of each part, in their order."""
        with cluster(self._workers, self._address):
            remote: Any = ray.remote(max_retries=RETRIES, num_cpus=1)(work)
            references = [remote.remote(part) for part in parts]
            for count, reference in enumerate(references, start=1):
                result: Result = ray.get(reference)
                done(count)
                yield result


@contextmanager
def cluster(workers: int, address: str | None) -> Iterator[None]:
    """Join the cluster at an address, or start one here with so many workers."""
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    with redirect_stdout(sys.stderr):  # it prints what happens to its workers
        _join(workers, address)
        try:
            yield
        finally:
            ray.shutdown()


def _join(workers: int, address: str | None) -> None:
    if address is not None:
        ray.init(address=address, log_to_driver=False)
    else:
        ray.init(
            num_cpus=workers,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            _node_ip_address=_HERE,
        )
