"""The selection becomes a subflow, which the gateway keeps and runs as before."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def test_the_selection_becomes_a_subflow_with_its_wires(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    drawing.select("frames")
    page.keyboard.down("Shift")
    drawing.card("decode").locator("strong").click()
    page.keyboard.up("Shift")
    page.keyboard.press("Control+Shift+G")
    dialog = page.get_by_role("dialog", name="Subflow of the selection")
    name = dialog.get_by_role("textbox", name="Name of the subflow")
    name.fill("guard")
    expect(dialog.get_by_text("no other flow has it")).to_be_visible()
    name.fill("rack")
    name.press("Enter")
    expect(drawing.wire("rack.decode_out>soc_low")).to_be_attached()
    expect(drawing.card("decode")).not_to_be_attached()
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    drawing.deploy()
    drawing.deployed("guard")
    kept, outer = gateway.read("rack"), gateway.read("guard")
    assert kept["parameters"] == {"bus": {}}
    assert kept["nodes"]["frames"] == {"type": "can/receive", "bus": "${bus}"}
    assert kept["wires"] == [
        {"from": "frames", "to": "decode"},
        {"from": "decode", "to": "decode_out"},
    ]
    assert outer["nodes"]["rack"] == {"type": "flow/rack", "bus": "bus"}
    assert outer["wires"][-1] == {"from": "rack.decode_out", "to": "soc_low"}
    drawing.click_empty()
    page.keyboard.press("Control+z")
    expect(drawing.wire("frames>decode")).to_be_attached()
