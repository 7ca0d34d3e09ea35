"""Tests and replays in the page: against the drawing, before it is deployed."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.editor.flows import guard
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

LOG = "".join(
    f"({second}.000000) rack 355#{soc:02X}00630000000000\n"
    for second, soc in enumerate((30, 25, 15))
)
"""SOC 30, 25 and 15 %, as candump writes it."""

TESTS = {
    "flowrt": 1,
    "tests": [
        {
            "name": "SOC runs low",
            "given": [{"port": "frames", "frame": "355#0F00630000000000"}],
            "expect": [{"port": "soc_low", "equals": [{"state": "raised", "value": 15}]}],
        }
    ],
}


@pytest.fixture
def trials(editor: EditorPage, gateway: RunningGateway) -> EditorPage:
    """A guard that is raised below 20 %, shown, with a test."""
    gateway.put(guard(below=20))
    (gateway.flows / "guard.test.json").write_text(json.dumps(TESTS))
    gateway.start()
    editor.open("guard")
    expect(editor.wire("soc_low>show")).to_be_attached()
    return editor


def test_a_log_is_replayed_through_the_drawing(trials: EditorPage, gateway: RunningGateway) -> None:
    trials.select("soc_low")
    trials.set("Below", "28")
    trials.show_drawer("Replay")
    trials.drawer.locator("input[type=file]").set_input_files(
        {"name": "low.log", "mimeType": "text/plain", "buffer": LOG.encode()}
    )
    expect(trials.drawer).to_contain_text("3 frames over 2 s", timeout=30_000)
    expect(trials.drawer.locator(".lines li").first).to_contain_text("+1.000 s")
    expect(trials.drawer.locator(".lines li").first).to_contain_text("SOC is 25 %, below 28 %")
    expect(trials.drawer.get_by_role("img", name="When each node gave something")).to_be_visible()
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 20


def test_a_log_that_cannot_be_read_is_told(trials: EditorPage) -> None:
    trials.show_drawer("Replay")
    trials.drawer.locator("input[type=file]").set_input_files(
        {"name": "low.xyz", "mimeType": "text/plain", "buffer": b"what?"}
    )
    expect(trials.drawer.get_by_role("alert")).to_contain_text("xyz", timeout=30_000)


def test_tests_run_against_the_drawing_and_a_failure_leads_to_its_wire(
    trials: EditorPage,
) -> None:
    page = trials.page
    trials.show("Tests")
    trials.panel.get_by_role("button", name="Run the tests").click()
    expect(trials.panel.locator(".outcomes .passed")).to_have_count(1, timeout=30_000)
    expect(page.get_by_role("button", name="Test 1 / 1")).to_be_visible()
    trials.select("soc_low")
    trials.show("Settings")
    trials.set("Below", "10")
    page.get_by_role("button", name="Test 1 / 1").click()
    failed = trials.panel.locator(".outcomes .failed")
    expect(failed).to_contain_text("soc_low", timeout=30_000)
    trials.click_empty()
    failed.get_by_role("button").first.click()
    expect(trials.card("soc_low")).to_contain_class("selected")
    expect(trials.wire("soc_low>show")).to_contain_class("selected")
