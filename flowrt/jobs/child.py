"""Does a job in a child process, so that the flows that run are not slowed by it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import orjson

from flowrt.errors import CheckFailed, FlowrtError, Problem
from flowrt.jobs.job import ANSWER, REFUSED

__all__ = ["ChildBroke", "answer_of", "run_child"]

_SAID: Final = "said.txt"
_TOLD: Final = 2000
"""Characters of what a broken child said last."""


class ChildBroke(FlowrtError):
    """The child ended without an answer."""


async def run_child(folder: Path, time_limit: float) -> None:
    """Do the job that stands in a folder; raises TimeoutError after so many seconds."""
    log = await asyncio.to_thread((folder / _SAID).open, "wb")
    with log:  # -P: a file json.py in the folder we were started in is not ours
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "flowrt.jobs.job", str(folder)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(time_limit):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def answer_of(folder: Path) -> bytes:
    """What a job that has ended answers; raises FlowrtError for what it refuses, or ChildBroke."""
    if (folder / ANSWER).exists():
        return (folder / ANSWER).read_bytes()
    if not (folder / REFUSED).exists():
        said = (folder / _SAID).read_text(errors="replace")[-_TOLD:]
        raise ChildBroke(f"the run broke down: {said.strip() or 'killed'}")
    refusal = orjson.loads((folder / REFUSED).read_bytes())
    if refusal["problems"]:
        raise CheckFailed([Problem(**row) for row in refusal["problems"]])
    raise FlowrtError(refusal["text"])
