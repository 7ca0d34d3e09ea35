"""A node, signal or setting is found in any flow, open or not."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.editor.flows import guard, simulated_rack
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def test_what_another_flow_has_is_listed_and_a_click_leads_there(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(guard())
    gateway.put(simulated_rack())
    gateway.start()
    editor.open("guard")
    page = editor.page
    page.keyboard.press("Control+f")
    box = page.get_by_role("textbox", name="Find nodes")
    others = page.get_by_role("list", name="In other flows")
    box.fill("uses:pylontech")
    expect(others.get_by_role("button")).to_have_text(["simulated-rack encode"])
    box.fill("start_soc")
    expect(page.get_by_role("search").get_by_role("status")).to_have_text("0 found")
    others.get_by_role("button", name="rack").click()
    expect(editor.card("rack")).to_contain_class("selected")
    expect(box).not_to_be_attached()
    page.keyboard.press("Control+f")
    box.fill("soc_low")
    expect(others.get_by_role("button")).to_have_text(["guard soc low"])
    page.goto(editor.url + "#guard")  # the same page: a bookmark, or an address that was typed
    expect(editor.card("soc_low")).to_be_visible()
