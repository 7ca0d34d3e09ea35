"""Runs the installed `flowrt` command as a user's shell would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["FLOWRT", "flowrt"]

FLOWRT = Path(sys.executable).with_name("flowrt")


def flowrt(
    *arguments: str | Path, folder: Path | None = None, timeout: float = 50, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; stdout, stderr and returncode are in what comes back."""
    return subprocess.run(
        [str(FLOWRT), *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
