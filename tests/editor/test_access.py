"""Readable by everybody: screen readers, 200 % zoom, touch, dark and light, two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.editor.flows import guard, simulated_rack
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

AXE = Path(__file__).parents[2] / "editor" / "node_modules" / "axe-core" / "axe.min.js"
PANELS = (
    *("Settings", "Help", "Problems", "Charts"),
    *("Tests", "Revisions", "Resources", "Health"),
)


@pytest.fixture
def running(gateway: RunningGateway) -> RunningGateway:
    """The guard on a simulated rack."""
    gateway.put(simulated_rack())
    gateway.put(guard())
    gateway.start()
    return gateway


def violations(page: Page, *rules: str) -> list[str]:
    """What axe finds, by WCAG 2.1 A and AA and best practices, with the first place of each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async (rules) => (await axe.run(document, {
          resultTypes: ["violations"], ...(rules.length ? {runOnly: rules} : {})
        })).violations""",
        rules,
    )
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found
    ]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(editor: EditorPage, running: RunningGateway, scheme: Any) -> None:
    """In the dark only colours differ, so only they are looked at again."""
    page = editor.page
    rules = ("color-contrast",) if scheme == "dark" else ()
    page.emulate_media(color_scheme=scheme)
    editor.open("guard")
    expect(editor.card("decode").locator(".card-rate")).to_contain_text("/s")
    for selected in ("soc_low", "decode"):
        editor.select(selected)
        editor.show("Settings")
        expect(editor.panel.get_by_role("textbox", name="Name of the node")).to_be_visible()
        for panel in PANELS:
            editor.show(panel)
            page.wait_for_timeout(150)
            assert violations(page, *rules) == [], f"{panel} of {selected}"
    editor.show("Settings")
    editor.select_wire("decode>soc_low")
    for drawer in ("Alarms", "Debug", "Log", "Replay"):
        editor.show_drawer(drawer)
        assert violations(page, *rules) == [], drawer
    for keys, name in (("?", "Keys"), ("Control+k", "Find an action"), ("Control+i", "Import")):
        editor.click_empty()
        page.keyboard.press(keys)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        assert violations(page, *rules) == [], name
        page.keyboard.press("Escape")
    editor.select("soc_low")
    editor.show("Settings")
    editor.set("Hysteresis", "-1")
    expect(editor.panel.locator(".has-error")).to_be_visible()
    assert violations(page, *rules) == [], "a problem"
    editor.set("Hysteresis", "1")
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="What will change")).to_be_visible()
    assert violations(page, *rules) == [], "deploy"


def test_at_200_percent_nothing_has_to_be_scrolled_sideways(
    browser: Browser, running: RunningGateway
) -> None:
    """A laptop's 1440 x 900 at 200 % is a page of 720 x 450."""
    context = browser.new_context(viewport={"width": 720, "height": 450}, device_scale_factor=2)
    editor = EditorPage(context.new_page(), running.url)
    editor.page.goto(running.url + "#guard")
    expect(editor.card("decode")).to_be_visible()
    width = editor.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 720
    editor.select("soc_low")
    field = editor.field("Below")
    field.scroll_into_view_if_needed()
    expect(field).to_be_in_viewport()
    editor.page.get_by_role("button", name="Deploy").scroll_into_view_if_needed()
    expect(editor.page.get_by_role("button", name="Deploy")).to_be_in_viewport()
    context.close()


def test_a_tablet_adds_and_wires_by_touch(browser: Browser, running: RunningGateway) -> None:
    context = browser.new_context(viewport={"width": 1180, "height": 820}, has_touch=True)
    editor = EditorPage(context.new_page(), running.url)
    editor.open("guard")
    expect(editor.card("decode")).to_be_visible()
    editor.card("decode").tap()
    expect(editor.card("decode")).to_contain_class("selected")
    editor.page.get_by_role("button", name="deadband", exact=True).tap()
    expect(editor.wire("decode>deadband")).to_be_attached()
    context.close()


def test_the_theme_is_that_of_the_system_until_it_is_chosen(
    editor: EditorPage, running: RunningGateway
) -> None:
    page = editor.page
    page.emulate_media(color_scheme="dark")
    editor.open("guard")
    colour = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(colour)
    button = page.get_by_role("button", name="Light or dark")
    button.click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(colour) != dark
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(colour) != dark
    button.click()
    assert page.evaluate(colour) == dark


def test_the_page_speaks_chinese(browser: Browser, running: RunningGateway) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(running.url + "#guard")
    expect(page.get_by_role("tab", name="告警")).to_be_visible()
    expect(page.get_by_role("button", name="检查 ✓")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.get_by_role("button", name="中文 / English").click()
    expect(page.get_by_role("tab", name="Alarms")).to_be_visible()
    context.close()


def test_an_empty_gateway_teaches_how_to_begin(editor: EditorPage, gateway: RunningGateway) -> None:
    gateway.start()
    editor.open()
    page = editor.page
    expect(page.get_by_role("heading", name="No flow yet")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Start from an example").click()
    dialog = page.get_by_role("dialog", name="Start from an example")
    assert violations(page) == []
    dialog.get_by_role("button", name="report-by-exception").click()
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    expect(page.locator(".react-flow__node-card")).not_to_have_count(0)
