"""Work that goes on beside the requests for as long as the server runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from flowrt.clock import RealClock
from flowrt.running.supervisor import supervise

__all__ = ["run_beside"]

_log = logging.getLogger("flowrt.web")


def run_beside(app: web.Application, name: str, run: Callable[[], Awaitable[None]]) -> None:
    """Run this while the application is up; what fails is told, and begun again."""

    def on_error(error: Exception, pause: float) -> None:
        _log.error("%s failed, again in %g s: %s", name, pause, error, exc_info=error)

    async def context(_app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(supervise(run, on_error, RealClock()), name=name)
        yield
        task.cancel()
        await asyncio.wait([task])

    app.cleanup_ctx.append(context)
