"""Work in a child process, so that the flows that run are not slowed by it.

One job at once, a few waiting; each has a folder of its own, a time limit, and ends with its
client.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import web

from flowrt.jobs.child import ChildBroke, answer_of, run_child
from flowrt.jobs.job import JOB, TIME_LIMIT

__all__ = ["Aside"]

_MOST_WAITING: Final = 4
_LOOK_EVERY: Final = 0.25
"""Seconds between looks whether the client is still there."""


class Aside:
    """Runs jobs aside; `folder` holds what they read and write, and is emptied when idle.

    `time_limit` is in seconds, from the job's turn on.
    """

    def __init__(self, folder: Path, time_limit: float = TIME_LIMIT) -> None:
        self._folder = folder
        self._time_limit = time_limit
        self._turn = asyncio.Lock()
        self._inside = 0
        self._works: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """A place in the queue and a folder for one job; 503 where all places are taken."""
        if self._inside > _MOST_WAITING:
            text = f"{self._inside} runs are waiting already. Try again in a minute."
            raise web.HTTPServiceUnavailable(text=text, headers={"Retry-After": "60"})
        is_idle = not self._inside
        self._inside += 1
        folder: str | None = None
        try:
            folder = await asyncio.to_thread(_new_folder, self._folder, is_idle)
            yield Path(folder)
        finally:
            self._inside -= 1
            if folder is not None:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def run(self, folder: Path, job: dict[str, Any], request: web.Request) -> bytes:
        """Do a job, and give its answer as JSON; raises FlowrtError where the job refuses."""
        await asyncio.to_thread((folder / JOB).write_bytes, orjson.dumps(job))
        work = asyncio.create_task(self._work(folder))
        self._works.add(work)
        try:
            while not work.done() and not _is_gone(request):
                await asyncio.wait({work}, timeout=_LOOK_EVERY)
            if not work.done() or work.cancelled():
                raise web.HTTPServiceUnavailable(text="the run was given up.")
            await work
        finally:
            self._works.discard(work)
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        return await asyncio.to_thread(_answer, folder)

    async def _work(self, folder: Path) -> None:
        async with self._turn:
            try:
                await run_child(folder, self._time_limit)
            except TimeoutError as error:
                raise web.HTTPGatewayTimeout(text=_too_long(self._time_limit)) from error

    async def close(self, _app: web.Application) -> None:
        """Give up every job: the server stops."""
        for work in self._works:
            work.cancel()


def _too_long(limit: float) -> str:
    return (
        f"the run took more than {limit:g} s and was stopped. Give it a shorter log, or run it in "
        "a shell: flowrt replay, flowrt test."
    )


def _is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _new_folder(parent: Path, is_idle: bool) -> str:
    """A folder for one job; what stands there while nobody works is left from a crash."""
    if is_idle:
        shutil.rmtree(parent, ignore_errors=True)
    parent.mkdir(parents=True, exist_ok=True)
    return tempfile.mkdtemp(dir=parent)


def _answer(folder: Path) -> bytes:
    """What a job that has ended answers; raises FlowrtError for what it refuses."""
    try:
        return answer_of(folder)
    except ChildBroke as error:
        raise web.HTTPInternalServerError(text=str(error)) from error
