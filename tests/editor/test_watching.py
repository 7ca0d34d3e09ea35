"""Watching a running flow: values and queues on wires, alarms, debug, charts, health."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.editor.flows import guard, simulated_rack
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


@pytest.fixture
def watching(editor: EditorPage, gateway: RunningGateway) -> EditorPage:
    """The guard on a simulated rack, shown while both run."""
    gateway.put(simulated_rack())
    gateway.put(guard())
    gateway.start()
    editor.open("guard")
    expect(editor.wire("soc_low>show")).to_be_attached()
    return editor


def test_nodes_show_how_they_run(watching: EditorPage) -> None:
    card = watching.card("decode")
    expect(card.locator(".card-rate")).to_contain_text("/s")
    expect(card.locator(".dot")).to_contain_class("good")
    expect(card).to_contain_text("pylontech-lv.dbc, 7 messages")
    watching.select("decode")
    watching.panel.locator("summary", has_text="How it runs").click()
    expect(watching.panel).to_contain_text("received")


def test_a_wire_shows_what_its_target_uses_and_stays_so_when_pinned(watching: EditorPage) -> None:
    watching.select_wire("decode>soc_low")
    label = watching.page.locator(".wire-label")
    expect(label.locator(".chip").first).to_contain_text("SOC")
    expect(label).to_contain_text("/s")
    expect(watching.panel.locator(".chip", has_text="PackVoltage")).to_contain_text("V")
    watching.panel.get_by_role("button", name="Pin the wire's values").click()
    watching.click_empty()
    expect(label.locator(".chip").first).to_contain_text("%")
    watching.deploy()
    watching.deployed("guard")
    watching.page.reload()
    expect(label.locator(".chip").first).to_contain_text("SOC")


def test_an_alarm_stands_is_acknowledged_and_kept_in_the_history(
    watching: EditorPage, gateway: RunningGateway
) -> None:
    row = watching.drawer.locator("tr", has_text="soc_low")
    expect(row).to_contain_text("below 90 %")
    expect(watching.drawer.get_by_role("tab", name="Alarms")).to_contain_text("1")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("acknowledged by editor")
    assert gateway.ask("api/alarms")[0][0]["acknowledged"]["by"] == "editor"
    watching.drawer.get_by_role("button", name="History").click()
    expect(watching.drawer.locator("tbody tr")).to_have_count(2)
    expect(watching.drawer.locator("tbody tr").first).to_contain_text("acknowledged")


def test_debug_messages_are_filtered_paused_and_copied(
    watching: EditorPage, gateway: RunningGateway
) -> None:
    page = watching.page
    watching.show_drawer("Debug")
    watching.drag_wire("decode", "out", "show", "in")
    watching.deploy()
    watching.deployed("guard")
    lines = watching.drawer.locator(".lines li:has(time)")
    expect(lines.nth(8)).to_be_visible()
    watching.drawer.get_by_role("searchbox", name="Filter").fill("PackVoltage")
    expect(lines.first).to_contain_text("PackVoltage")
    watching.drawer.get_by_role("button", name="Pause").click()
    count = lines.count()
    page.wait_for_timeout(1500)
    assert lines.count() == count
    watching.drawer.get_by_role("button", name="Copy all").click()
    copied = [
        json.loads(line) for line in page.evaluate("navigator.clipboard.readText()").split("\n")
    ]
    assert len(copied) == count
    assert {(one["node"], one["kind"], one["source"]) for one in copied} == {
        ("decode", "signals", "Measure")
    }
    watching.drawer.get_by_role("button", name="Go on").click()
    watching.drawer.get_by_role("button", name="Clear").click()
    expect(lines.first).to_contain_text("PackVoltage")


def test_a_signal_is_dragged_from_a_wire_to_a_chart(watching: EditorPage) -> None:
    page = watching.page
    watching.select_wire("decode>soc_low")
    chip = page.locator(".wire-label .chip", has_text="SOC").first
    expect(chip).to_be_visible()
    watching.show("Charts")
    chip.drag_to(watching.panel.get_by_text("Drag a value from a wire here"))
    chart = watching.panel.locator("figure.chart")
    expect(chart.locator("canvas")).to_be_visible()
    expect(chart).to_have_attribute("aria-label", "State.SOC 23 %", timeout=15_000)
    watching.panel.get_by_role("button", name="Add a signal").click()
    page.get_by_role("combobox", name="Add a signal").fill("PackVoltage")
    page.keyboard.press("Enter")
    expect(watching.panel.locator("figure.chart")).to_have_count(2)
    watching.panel.get_by_role("button", name="Remove State.SOC").click()
    expect(watching.panel.locator("figure.chart")).to_have_count(1)


def test_a_threshold_shows_the_last_hour_and_the_live_value_of_its_signal(
    watching: EditorPage,
) -> None:
    watching.select("soc_low")
    expect(watching.panel.locator(".live")).to_contain_text("live 2")
    expect(watching.panel.get_by_role("heading", name="Last hour")).to_be_visible()
    expect(watching.panel.locator("figure.chart canvas")).to_be_visible()


def test_the_health_of_the_gateway_is_shown(watching: EditorPage) -> None:
    page = watching.page
    page.get_by_role("button", name="2 flows running").click()
    for words in ("Processor", "Memory", "Journal", "Dropped messages", "Bus load", "kernel drops"):
        expect(watching.panel.get_by_text(words).first).to_be_visible()
    expect(page.locator(".pill", has_text="bus").first).to_contain_text("%")


def test_a_button_on_a_node_sends(editor: EditorPage, gateway: RunningGateway) -> None:
    gateway.put(
        {
            "flowrt": 1,
            "name": "press",
            "nodes": {
                "press": {"type": "core/inject", "values": {"n": 1}, "delay": "1 h"},
                "show": {"type": "core/debug", "to": "none"},
            },
            "wires": [{"from": "press", "to": "show"}],
        }
    )
    gateway.start()
    editor.open("press")
    editor.show_drawer("Debug")
    page = editor.page
    expect(page.get_by_role("button", name="Send now")).to_be_enabled()
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Send now").click()
    expect(editor.drawer.locator(".lines li").first).to_contain_text("n 1")


def test_watching_is_bounded(watching: EditorPage, gateway: RunningGateway) -> None:
    """The page asks for values of what it shows only; ten pages slow nobody."""
    before = gateway.ask("api/state")[0]["flows"]["guard"]["nodes"]["decode"]["received"]
    pages = [watching.page.context.new_page() for _ in range(10)]
    for page in pages:
        page.goto(gateway.url + "#guard")
    watching.page.wait_for_timeout(2000)
    state = gateway.ask("api/state")[0]["flows"]["guard"]
    assert state["nodes"]["decode"]["received"] > before
    assert all(wire["dropped"] == 0 for wire in state["wires"])
    assert gateway.ask("api/health")[0]["dropped"] == 0
