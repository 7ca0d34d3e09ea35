"""Installs the peers apart from flowrt: Node-RED by npm, the Python ones into a venv of their own.

Both are locked, go to out/peers, and are made once. What cannot be had here is left out and told.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

__all__ = ["Peers", "install"]

_HERE: Final = Path(__file__).parent
_NODE_RED: Final = _HERE / "node-red"
_LOCK: Final = _HERE / "requirements.lock"


@dataclass
class Peers:
    """Where the peers are; None for one that is not there, `missing` says why."""

    node_red: Path | None = None
    python: Path | None = None
    missing: list[str] = field(default_factory=list)

    def node_red_command(self, flow: str) -> Callable[[Path], Sequence[str]]:
        """Runs a flow file of the folder node-red, without an editor."""
        assert self.node_red is not None
        red = str(self.node_red / "node_modules" / "node-red" / "red.js")
        user = str(self.node_red / "user")
        settings, file = str(_NODE_RED / "settings.js"), str(_NODE_RED / f"{flow}.json")
        return lambda _stem: ["node", red, "-s", settings, "-u", user, file]


def install(folder: Path) -> Peers:
    """Both kinds, into `folder`."""
    peers = Peers()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        peers.node_red = _install_node_red(folder / "node-red")
    except (OSError, subprocess.CalledProcessError) as error:
        peers.missing.append(f"Node-RED: {_reason(error)}")
    try:
        peers.python = _install_python(folder / "venv")
    except (OSError, subprocess.CalledProcessError) as error:
        peers.missing.append(f"bytewax, reactivex, streamz: {_reason(error)}")
    return peers


def _reason(error: Exception) -> str:
    said = getattr(error, "stderr", None)
    return str(said).strip().splitlines()[-1] if said else str(error)


def _install_node_red(folder: Path) -> Path:
    lock = folder / "package-lock.json"
    folder.mkdir(exist_ok=True)
    (folder / "user").mkdir(exist_ok=True)
    if not _same(lock, _NODE_RED / "package-lock.json"):
        shutil.copy(_NODE_RED / "package.json", folder)
        _do(
            "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder, before=_NODE_RED
        )
    return folder


def _install_python(venv: Path) -> Path:
    python = venv / "bin" / "python"
    if not _same(venv / _LOCK.name, _LOCK):
        _do(sys.executable, "-m", "venv", str(venv))
        _do(str(python), "-m", "pip", "install", "--quiet", "-r", str(_LOCK))
        shutil.copy(_LOCK, venv)
    return python


def _same(made: Path, wanted: Path) -> bool:
    return made.exists() and made.read_bytes() == wanted.read_bytes()


def _do(*command: str, cwd: Path | None = None, before: Path | None = None) -> None:
    if before is not None and cwd is not None:
        shutil.copy(before / "package-lock.json", cwd)
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=600)
    except BaseException:
        if cwd is not None:  # made anew the next time
            (cwd / "package-lock.json").unlink(missing_ok=True)
        raise
