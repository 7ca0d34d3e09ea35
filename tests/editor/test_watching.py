"""Watching a running flow: values and queues on wires, alarms, debug, charts, health."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def test_nodes_show_how_they_run(watched: EditorPage) -> None:
    card = watched.card("decode")
    expect(card.locator(".card-rate")).to_contain_text("/s")
    expect(card.locator(".dot")).to_contain_class("good")
    expect(card).to_contain_text("pylontech-lv.dbc, 7 messages")
    watched.select("decode")
    watched.panel.locator("summary", has_text="How it runs").click()
    expect(watched.panel).to_contain_text("received")


def test_a_wire_shows_what_its_target_uses_and_stays_so_when_pinned(watched: EditorPage) -> None:
    watched.select_wire("decode>soc_low")
    label = watched.page.locator(".wire-label")
    expect(label.locator(".chip").first).to_contain_text("SOC")
    expect(label).to_contain_text("/s")
    expect(watched.panel.locator(".chip", has_text="PackVoltage")).to_contain_text("V")
    watched.panel.get_by_role("button", name="Pin the wire's values").click()
    watched.click_empty()
    expect(label.locator(".chip").first).to_contain_text("%")
    watched.deploy()
    watched.deployed("guard")
    watched.page.reload()
    expect(label.locator(".chip").first).to_contain_text("SOC")


def test_an_alarm_stands_is_acknowledged_and_kept_in_the_history(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    row = watched.drawer.locator("tr", has_text="soc_low")
    expect(row).to_contain_text("below 90 %")
    expect(watched.drawer.get_by_role("tab", name="Alarms")).to_contain_text("1")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("acknowledged by editor")
    assert gateway.ask("api/alarms")[0][0]["acknowledged"]["by"] == "editor"
    watched.drawer.get_by_role("button", name="History").click()
    expect(watched.drawer.locator("tbody tr")).to_have_count(2)
    expect(watched.drawer.locator("tbody tr").first).to_contain_text("acknowledged")


def test_an_alarm_is_shelved_with_a_reason_and_taken_back(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    row = watched.drawer.locator("tr", has_text="soc_low")
    row.get_by_role("button", name="Shelve").click()
    row.get_by_label("For how long").select_option("8 h")
    row.get_by_label("Why").fill("sensor is changed tomorrow")
    row.get_by_role("button", name="Shelve").click()
    expect(row).to_contain_text("by editor: sensor is changed tomorrow")
    expect(watched.drawer.get_by_role("tab", name="Alarms")).to_have_text("Alarms")
    shelved = gateway.ask("api/alarms")[0][0]["shelved"]
    assert shelved["until"] - shelved["time"] == 8 * 3600
    row.get_by_role("button", name="Take back").click()
    expect(row.get_by_role("button", name="Shelve")).to_be_visible()
    expect(watched.drawer.get_by_role("tab", name="Alarms")).to_contain_text("1")


def test_debug_messages_are_filtered_paused_and_copied(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.show_drawer("Debug")
    watched.drag_wire("decode", "out", "show", "in")
    watched.deploy()
    watched.deployed("guard")
    lines = watched.drawer.locator(".lines li:has(time)")
    expect(lines.nth(8)).to_be_visible()
    watched.drawer.get_by_role("searchbox", name="Filter").fill("PackVoltage")
    expect(lines.first).to_contain_text("PackVoltage")
    watched.drawer.get_by_role("button", name="Pause").click()
    count = lines.count()
    page.wait_for_timeout(1500)
    assert lines.count() == count
    watched.drawer.get_by_role("button", name="Copy all").click()
    copied = [
        json.loads(line) for line in page.evaluate("navigator.clipboard.readText()").split("\n")
    ]
    assert len(copied) == count
    assert {(one["node"], one["kind"], one["source"]) for one in copied} == {
        ("decode", "signals", "Measure")
    }
    watched.drawer.get_by_role("button", name="Go on").click()
    watched.drawer.get_by_role("button", name="Clear").click()
    expect(lines.first).to_contain_text("PackVoltage")


def test_debug_messages_of_one_node_are_picked_and_a_path_is_copied(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.show_drawer("Debug")
    watched.drag_wire("decode", "out", "show", "in")
    watched.deploy()
    watched.deployed("guard")
    watched.drawer.get_by_role("combobox", name="Node").select_option("decode")
    lines = watched.drawer.locator(".lines li:has(time)")
    expect(lines.nth(3)).to_be_visible()
    assert set(lines.locator("code").all_inner_texts()) == {"decode.out"}
    watched.drawer.get_by_role("button", name="Pause").click()
    watched.drawer.get_by_role("button", name="PackVoltage").first.click()
    expect(watched.notice("Measure.PackVoltage copied.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Measure.PackVoltage"
    with page.expect_popup() as popped:
        watched.drawer.get_by_role("button", name="Own window").click()
    window = popped.value
    expect(window.get_by_role("heading", name="guard Debug")).to_be_visible()
    expect(window.locator(".lines li:has(time)").nth(3)).to_be_visible()
    expect(window.locator(".canvas")).not_to_be_attached()
    expect(page.locator(".pill", has_text="other")).not_to_be_attached()
    window.close()


def test_what_a_node_remembers_is_shown(watched: EditorPage) -> None:
    watched.select("soc_low")
    watched.panel.locator("summary", has_text="What it remembers").click()
    expect(watched.panel.locator(".memory")).to_contain_text('"raised":true')
    watched.select("frames")
    watched.panel.locator("summary", has_text="What it remembers").click()
    expect(watched.panel).to_contain_text("It remembers nothing.")


def test_an_alarm_still_stands_after_the_gateway_was_restarted(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    row = watched.drawer.locator("tr", has_text="soc_low")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("acknowledged by editor")
    gateway.stop()
    gateway.start()
    expect(watched.page.get_by_text("The gateway answers again.")).to_be_visible(timeout=20_000)
    expect(row).to_contain_text("acknowledged by editor")


def test_the_values_of_a_wire_cover_no_card_and_a_wire_goes_around_one(
    watched: EditorPage,
) -> None:
    """Cards in one row: a wire past one must be seen, and every card can still be clicked."""
    page = watched.page
    watched.drag_wire("decode", "out", "show", "in")
    expect(watched.wire("decode>show")).to_be_attached()
    path = watched.wire("decode>show").locator("path.react-flow__edge-path")
    card = watched.card("soc_low").bounding_box()
    assert card
    height = watched.middle_of_wire("decode>show")[1]
    assert not card["y"] <= height <= card["y"] + card["height"]
    assert "L" in (path.get_attribute("d") or "")
    for wire in ("decode>soc_low", "decode>show"):
        watched.select_wire(wire)
        expect(page.locator(".wire-label .chip").first).to_be_visible()
        watched.select("soc_low")
        watched.select("decode")


def test_a_signal_is_dragged_from_a_wire_to_a_chart(watched: EditorPage) -> None:
    page = watched.page
    watched.select_wire("decode>soc_low")
    chip = page.locator(".wire-label .chip", has_text="SOC").first
    expect(chip).to_be_visible()
    watched.show("Charts")
    chip.drag_to(watched.panel.get_by_text("Drag a value from a wire here"))
    chart = watched.panel.locator("figure.chart")
    expect(chart.locator("canvas")).to_be_visible()
    expect(chart).to_have_attribute("aria-label", "State.SOC 23 %", timeout=15_000)
    watched.panel.get_by_role("button", name="Add a signal").click()
    page.get_by_role("combobox", name="Add a signal").fill("PackVoltage")
    page.keyboard.press("Enter")
    expect(watched.panel.locator("figure.chart")).to_have_count(2)
    watched.panel.get_by_role("button", name="Remove State.SOC").click()
    expect(watched.panel.locator("figure.chart")).to_have_count(1)


def test_a_threshold_shows_the_last_hour_and_the_live_value_of_its_signal(
    watched: EditorPage,
) -> None:
    watched.select("soc_low")
    expect(watched.panel.locator(".live")).to_contain_text("live 2")
    expect(watched.panel.get_by_role("heading", name="Last hour")).to_be_visible()
    expect(watched.panel.locator("figure.chart canvas")).to_be_visible()


def test_the_health_of_the_gateway_is_shown(watched: EditorPage) -> None:
    page = watched.page
    page.get_by_role("button", name="2 flows running").click()
    for words in ("Processor", "Memory", "Journal", "Dropped messages", "Bus load", "kernel drops"):
        expect(watched.panel.get_by_text(words).first).to_be_visible()
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


def test_a_full_queue_tells_its_drops_on_the_wire(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    """A broker that is not there: what waits for it fills the queue of the wire."""
    gateway.put(
        {
            "flowrt": 1,
            "name": "stuck",
            "resources": {"away": {"type": "mqtt/broker", "host": "127.0.0.1", "port": 1}},
            "nodes": {
                "tick": {"type": "core/inject", "values": {"n": 1}, "every": "20 ms"},
                "publish": {"type": "mqtt/publish", "broker": "away"},
            },
            "wires": [{"from": "tick", "to": "publish", "capacity": 5, "overflow": "drop-oldest"}],
        }
    )
    gateway.start()
    editor.open("stuck")
    label = editor.page.locator(".wire-label")
    expect(label).to_contain_text("5 of 5 queued · drop-oldest", timeout=20_000)
    expect(label.locator(".dropped")).to_contain_text("drops")
    expect(editor.card("publish")).to_contain_text("dropped")
    expect(editor.page.locator(".pill", has_text="away").locator(".dot")).to_contain_class("bad")


def test_watching_is_bounded(watched: EditorPage, gateway: RunningGateway) -> None:
    """The page asks for values of what it shows only; ten pages slow nobody."""
    before = gateway.ask("api/state")[0]["flows"]["guard"]["nodes"]["decode"]["received"]
    pages = [watched.page.context.new_page() for _ in range(10)]
    for page in pages:
        page.goto(gateway.url + "#guard")
    watched.page.wait_for_timeout(2000)
    state = gateway.ask("api/state")[0]["flows"]["guard"]
    assert state["nodes"]["decode"]["received"] > before
    assert all(wire["dropped"] == 0 for wire in state["wires"])
    assert gateway.ask("api/health")[0]["dropped"] == 0
