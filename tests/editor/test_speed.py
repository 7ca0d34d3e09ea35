"""Small and quick: bytes over a slow link, frames a second of a large flow, no outside host."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.editor.flows import guard
from tests.support.editor_page import EditorPage, centre
from tests.support.running_gateway import RunningGateway

PAGES = Path(__file__).parents[2] / "flowrt" / "web" / "static"
LARGEST_PAGE = 350 * 1000
"""Bytes, compressed, of all that the page loads by itself."""


def large(nodes: int) -> dict[str, Any]:
    """Many short chains of an inject, two transforms and a debug node."""
    made: dict[str, Any] = {}
    wires = []
    for chain in range(nodes // 4):
        ids = [f"{word}_{chain}" for word in ("inject", "deadband", "sample", "debug")]
        made[ids[0]] = {"type": "core/inject", "values": {"n": 1}, "every": "1 s"}
        made[ids[1]] = {"type": "logic/deadband", "signal": "n", "width": 1}
        made[ids[2]] = {"type": "logic/sample", "every": "1 s"}
        made[ids[3]] = {"type": "core/debug", "to": "none"}
        wires += [{"from": a, "to": b} for a, b in itertools.pairwise(ids)]
    return {"flowrt": 1, "name": "large", "nodes": made, "wires": wires}


def test_the_page_is_small() -> None:
    """Only the text editor comes later still, when somebody asks to see JSON."""
    files = [
        file for file in (PAGES / "assets").iterdir() if not file.name.startswith("JsonEditor")
    ]
    sizes = {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    assert len(sizes) >= 3
    assert sum(sizes.values()) < LARGEST_PAGE, sizes


def test_no_outside_host_is_asked(editor: EditorPage, gateway: RunningGateway) -> None:
    gateway.put(guard())
    gateway.start()
    asked: set[str] = set()
    editor.page.on("request", lambda request: asked.add(request.url))
    editor.open("guard")
    for panel in ("Charts", "Help", "Health"):
        editor.show(panel)
    editor.page.wait_for_timeout(500)
    assert asked
    assert {url for url in asked if not url.startswith((gateway.url, "data:", "blob:"))} == set()


@pytest.mark.timeout(120)
def test_a_flow_of_300_nodes_moves_above_30_frames_a_second(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(large(300))
    gateway.start()
    editor.open("large")
    page = editor.page
    expect(editor.card("deadband_0")).to_be_visible()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Fit View").click()
    page.wait_for_timeout(500)
    assert page.locator(".react-flow__node-card").count() > 250  # the rest is out of sight
    page.evaluate(
        """() => {
          window.frames_seen = [];
          const look = (at) => { window.frames_seen.push(at); requestAnimationFrame(look); };
          requestAnimationFrame(look);
        }"""
    )
    x, y = centre(editor.card("deadband_37"))
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(90):
        page.mouse.move(x + step * 2, y + (step % 20), steps=1)
        page.wait_for_timeout(8)
    page.mouse.up()
    stamps: list[float] = page.evaluate("window.frames_seen")
    seconds = (stamps[-1] - stamps[0]) / 1000
    rate = (len(stamps) - 1) / seconds
    assert rate > 30, f"{rate:.0f} frames/s"
