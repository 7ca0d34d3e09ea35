"""The browser of the tests: Debian's Chromium, headless."""

from __future__ import annotations

import shutil
from typing import Final

from playwright.sync_api import Browser, Playwright

__all__ = ["launch"]

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""A container's root cannot use the sandbox; the others keep Chromium from calling home."""


def launch(playwright: Playwright) -> Browser:
    """Start it; whoever asked closes it."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is not installed; run: sh tests/setup/tools.sh"
    return playwright.chromium.launch(executable_path=program, args=_FLAGS)
