"""A wire that spills: what is promised of it, how its journal is, and how it is set."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

FLOW = {
    "flowrt": 1,
    "name": "keep",
    "nodes": {
        "tick": {"type": "core/inject", "values": {"SOC": 50}, "every": "100 ms"},
        "lines": {"type": "storage/jsonl", "file": "lines.jsonl"},
    },
    "wires": [{"from": "tick", "to": "lines", "overflow": "spill", "journal": {"pace": 500}}],
}


def test_a_wire_that_spills_tells_its_promise_and_keeps_its_settings(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(FLOW)
    gateway.start()
    editor.open("keep")
    editor.select_wire("tick>lines")
    panel = editor.panel
    expect(panel).to_contain_text("kept on disk up to 64 MB")
    expect(panel).to_contain_text("Ever written")
    panel.get_by_label("Most megabytes on disk").fill("128")
    panel.get_by_label("After an outage").select_option("live-first")
    expect(panel).to_contain_text("kept on disk up to 128 MB")
    editor.deploy()
    editor.deployed("keep")
    assert gateway.read("keep")["wires"][0]["journal"] == {
        "pace": 500,
        "limit_mb": 128,
        "drain": "live-first",
    }
    editor.select("lines")
    expect(panel).to_contain_text("tick → lines")
