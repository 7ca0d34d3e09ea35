"""A control centre for tests: c104's client as a program in an environment of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Centre", "centre"]

_TESTS = Path(__file__).parents[1]


@cache
def _library() -> Path:
    """The folder that has c104; made once on a machine, and kept."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = Path(tempfile.gettempdir()) / f"flowrt-c104-{version}"
    command = ["sh", str(_TESTS / "setup" / "c104.sh"), sys.executable, str(folder)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    if made.returncode:
        pytest.skip(f"c104 cannot be installed: {made.stderr[-300:]}")
    return folder


class Centre:
    """What a test asks of the control centre."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, line: str) -> Any:
        """Say a line, and take the answer."""
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n".encode())
        return await self.answer()

    async def answer(self) -> Any:
        """A line of JSON."""
        assert self._process.stdout
        return json.loads(await asyncio.wait_for(self._process.stdout.readline(), 10))

    async def points(self, count: int = 1) -> list[dict[str, Any]]:
        """What has been reported since last asked; at least so many."""
        names = ("object", "type", "value", "quality", "cause", "time")
        seen: list[dict[str, Any]] = []
        for _ in range(200):
            seen += [dict(zip(names, row, strict=True)) for row in await self.ask("points")]
            if len(seen) >= count:
                return seen
            await asyncio.sleep(0.02)
        raise AssertionError(f"only {seen} came")


@asynccontextmanager
async def centre(port: int, common_address: int, *, asks: bool = True) -> AsyncIterator[Centre]:
    """A control centre that is connected to a station, and has interrogated it if it `asks`."""
    program = _TESTS / "nodes" / "iec104" / "centre.py"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(program), str(port), str(common_address)),
        "ask" if asks else "quiet",
        env={**os.environ, "PYTHONPATH": str(await asyncio.to_thread(_library))},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    made = Centre(process)
    try:
        assert await made.answer() == "OPEN"
        yield made
    finally:
        assert process.stdin
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 10)
