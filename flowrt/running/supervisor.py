"""Keeps a task alive: one that fails is reported and started again, ever later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from flowrt.clock import Clock

__all__ = ["supervise"]

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_HEALTHY_AFTER: Final = 60.0
"""Seconds after which a run counts as sound, so that the pauses begin anew."""


async def supervise(
    run: Callable[[], Awaitable[None]],
    on_error: Callable[[Exception, float], None],
    clock: Clock,
) -> None:
    """Run until it ends by itself; after an error, pause and run again.

    `on_error` is told the error and the pause in seconds. Cancellation goes through.
    """
    pause = _FIRST_PAUSE
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        try:
            await run()
        except Exception as error:  # noqa: BLE001  whatever it was, the rest goes on
            if loop.time() - begun > _HEALTHY_AFTER:
                pause = _FIRST_PAUSE
            on_error(error, pause)
        else:
            return
        await clock.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
