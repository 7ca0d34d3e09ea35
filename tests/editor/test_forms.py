"""Forms from schemas alone: signals, files, resources, tables, secrets, JSON."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

DBC = Path(__file__).parents[2] / "nodes" / "bess" / "dbc" / "pylontech-lv.dbc"


def saved(drawing: EditorPage, gateway: RunningGateway) -> dict[str, dict[str, object]]:
    """The nodes as they are on disk after a deploy."""
    drawing.deploy()
    expect(drawing.page.get_by_role("dialog")).not_to_be_attached(timeout=15_000)
    nodes: dict[str, dict[str, object]] = gateway.read("guard")["nodes"]
    return nodes


def test_signals_are_picked_with_unit_and_range(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    drawing.select("soc_low")
    drawing.field("Signal").click()
    box = drawing.page.get_by_role("combobox", name="Pick a signal")
    box.fill("voltage")
    options = drawing.page.get_by_role("option")
    expect(options.filter(has_text="PackVoltage")).to_contain_text("V -327.68 … 327.67 · Measure")
    box.fill("PackV")
    box.press("Enter")
    expect(drawing.field("Signal")).to_contain_text("PackVoltage")
    expect(drawing.panel.locator(".with-unit .unit").first).to_have_text("V")
    assert saved(drawing, gateway)["soc_low"]["signal"] == "PackVoltage"


def test_a_name_that_is_no_signal_is_told_by_the_runtime(drawing: EditorPage) -> None:
    drawing.select("soc_low")
    drawing.search_signal("SOX").press("Enter")
    error = drawing.panel.locator(".field.has-error", has_text="Signal").get_by_role("alert")
    expect(error).to_contain_text("SOX")
    expect(error).to_contain_text("SOC")


def test_a_node_is_renamed_with_its_wires(drawing: EditorPage, gateway: RunningGateway) -> None:
    drawing.select("soc_low")
    name = drawing.panel.get_by_role("textbox", name="Name of the node")
    name.fill("soc below")
    name.press("Enter")
    expect(drawing.wire("decode>soc_below")).to_be_attached()
    assert "soc_below" in saved(drawing, gateway)
    name.fill("decode")
    expect(drawing.panel.get_by_text("no other node has it")).to_be_visible()


def test_choices_ticks_durations_and_defaults(drawing: EditorPage, gateway: RunningGateway) -> None:
    drawing.select("soc_low")
    drawing.field("Severity").select_option(label="warning")
    drawing.set("On delay", "500 ms")
    drawing.field("Latch").check()
    drawing.set("Hysteresis", "2.5")
    expect(drawing.field("Hysteresis")).to_have_value("2.5")
    assert saved(drawing, gateway)["soc_low"] == {
        "type": "logic/threshold",
        "signal": "SOC",
        "below": 90,
        "severity": "warning",
        "on_delay": "500 ms",
        "latch": True,
        "hysteresis": 2.5,
    }


def test_a_database_is_brought_used_and_browsed(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    drawing.select("decode")
    drawing.panel.locator("input[type=file]").set_input_files(
        {"name": "rack.dbc", "mimeType": "text/plain", "buffer": DBC.read_bytes()}
    )
    expect(drawing.field("Database")).to_have_value("rack.dbc")
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    drawing.panel.get_by_role("button", name="Browse").click()
    dialog = page.get_by_role("dialog", name="rack.dbc")
    dialog.get_by_role("searchbox").fill("SOC")
    dialog.get_by_role("button", name="State 0x355").click()
    expect(dialog.get_by_role("row", name="SOC % 0 … 100")).to_be_visible()
    bits = dialog.get_by_role("img", name="Which bits of State each signal takes")
    expect(bits.locator("rect:has(title)")).not_to_have_count(0)
    page.keyboard.press("Escape")
    assert saved(drawing, gateway)["decode"]["database"] == "rack.dbc"
    assert (gateway.flows / "rack.dbc").read_bytes() == DBC.read_bytes()


def test_a_damaged_database_is_told_in_words(drawing: EditorPage) -> None:
    drawing.select("decode")
    drawing.panel.locator("input[type=file]").set_input_files(
        {"name": "bad.dbc", "mimeType": "text/plain", "buffer": b"BO_ no database"}
    )
    error = drawing.panel.locator(".field.has-error", has_text="Database").get_by_role("alert")
    expect(error).to_contain_text("bad.dbc")


def test_rows_of_a_table_are_added_filled_and_removed(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    drawing.select("decode")
    page.locator(".palette-entry[title^='modbus/server']").click()
    expect(drawing.wire("decode>server")).to_be_attached()
    drawing.set("Port", str(gateway.port + 1))
    table = drawing.panel.locator(".table-field")
    for _ in range(2):
        table.get_by_role("button", name="Add a row").click()
    table.get_by_label("Address 1").fill("0x10")
    table.get_by_role("button", name="Pick a signal").first.click()
    page.get_by_role("combobox", name="Pick a signal").fill("SOH")
    page.keyboard.press("Enter")
    table.get_by_label("Scale 1").fill("0.1")
    table.get_by_role("button", name="Remove 2").click()
    expect(table.locator("tbody tr")).to_have_count(1)
    assert saved(drawing, gateway)["server"]["registers"] == [
        {"address": "0x10", "signal": "SOH", "scale": 0.1}
    ]


def test_a_secret_is_a_name_and_its_value_is_never_shown(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    page.get_by_role("button", name="publish", exact=True).click()
    drawing.field("Broker").select_option(label="New mqtt/broker …")
    drawing.set_resource("Host", "127.0.0.1")
    drawing.set_resource("Password", "cloud-password")
    expect(drawing.panel.get_by_text("never shown")).to_be_visible()
    page.wait_for_timeout(600)
    kept = drawing.draft("guard")["draft"]["document"]["resources"]["broker"]
    assert kept["password"] == {"secret": "cloud-password"}


def test_a_node_can_be_written_as_json(drawing: EditorPage, gateway: RunningGateway) -> None:
    page = drawing.page
    drawing.select("soc_low")
    drawing.panel.get_by_role("button", name="As JSON").click()
    editor = drawing.panel.get_by_role("textbox", name="As JSON")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.type('{"signal": "SOC", "below": 4')
    expect(drawing.panel.get_by_text("Not taken over")).to_be_visible()
    page.keyboard.type("2}")
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    assert saved(drawing, gateway)["soc_low"] == {
        "type": "logic/threshold",
        "signal": "SOC",
        "below": 42,
    }


def test_help_shows_examples_that_can_be_taken(drawing: EditorPage) -> None:
    drawing.select("soc_low")
    drawing.show("Help")
    example = drawing.panel.locator(".example", has_text="State of charge runs low and recovers")
    expect(example).to_contain_text("SOC is 19, below 20")
    example.get_by_role("button", name="Take these settings").click()
    drawing.show("Settings")
    expect(drawing.field("Below")).to_have_value("20")
