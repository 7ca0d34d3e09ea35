"""A browser for each file of tests, a gateway and a fresh page for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.editor.flows import guard, simulated_rack
from tests.support.chromium import launch
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway
from tests.support.warm_start import WarmStart

HARMLESS = ("Failed to load resource", "WebSocket connection to")
"""What Chromium itself says of answers that a test asks for."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium; closed with the file, as its event loop would disturb other tests."""
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that knows nothing yet."""
    fresh = browser.new_context(
        viewport={"width": 1440, "height": 900},
        locale="en-GB",
        permissions=["clipboard-read", "clipboard-write"],
    )
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def warm() -> Iterator[WarmStart]:
    """What starts the gateways of all these tests."""
    started = WarmStart()
    yield started
    started.close()


@pytest.fixture
def gateway(tmp_path: Path, warm: WarmStart) -> Iterator[RunningGateway]:
    """A gateway without flows, not started yet."""
    made = RunningGateway(tmp_path, warm=warm)
    yield made
    made.kill()


@pytest.fixture
def editor(context: BrowserContext, gateway: RunningGateway) -> Iterator[EditorPage]:
    """A page of that gateway, not loaded yet; a test fails where a script of the page did."""
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: (
            faults.append(message.text)
            if message.type == "error" and not message.text.startswith(HARMLESS)
            else None
        ),
    )
    yield EditorPage(page, gateway.url)
    assert faults == []


@pytest.fixture
def drawing(editor: EditorPage, gateway: RunningGateway) -> EditorPage:
    """The guard, shown; nothing feeds it."""
    return _shown(editor, gateway, guard())


@pytest.fixture
def watched(editor: EditorPage, gateway: RunningGateway) -> EditorPage:
    """The guard on a simulated rack, shown while both run."""
    return _shown(editor, gateway, guard(), simulated_rack())


def _shown(editor: EditorPage, gateway: RunningGateway, *flows: dict[str, Any]) -> EditorPage:
    for flow in flows:
        gateway.put(flow)
    gateway.start()
    editor.open("guard")
    expect(editor.wire("soc_low>show")).to_be_attached()
    return editor
