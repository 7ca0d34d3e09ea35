"""The editor's one job: from a bus and a DBC to a deployed, watched flow, drawn from nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editor.flows import simulated_rack
from tests.support.editor_page import EditorPage
from tests.support.mosquitto import running_mosquitto
from tests.support.running_gateway import RunningGateway


@pytest.mark.timeout(120)
def test_a_flow_of_five_nodes_is_drawn_checked_deployed_and_watched(
    editor: EditorPage, gateway: RunningGateway, tmp_path: Path
) -> None:
    gateway.put(simulated_rack())
    with running_mosquitto(tmp_path) as broker:
        gateway.start()
        editor.open()
        page = editor.page
        page.get_by_role("button", name="New flow").click()
        expect(page.get_by_role("heading", name="Draw a flow")).to_be_visible()

        # From the palette, by search and Enter; the bus is made in place.
        page.keyboard.press("/")
        page.keyboard.type("receive")
        page.keyboard.press("Enter")
        expect(editor.card("receive")).to_be_visible()
        editor.field("Bus").select_option(label="New can/bus …")
        editor.set_resource("Interface", "virtual")
        editor.set_resource("Channel", "rack")

        # Each next node is placed behind the selected one, and wired to it.
        page.get_by_role("button", name="decode", exact=True).click()
        expect(editor.wire("receive>decode")).to_be_attached()
        editor.panel.get_by_role("button", name="dbc/pylontech-lv.dbc").click()
        page.get_by_role("button", name="threshold", exact=True).click()
        editor.pick_signal("SOC")  # from the list, before the node could be made
        expect(editor.field("Signal")).to_contain_text("% 0 … 100")
        editor.set("Below", "90")

        # Type on the canvas, then draw wires by hand.
        editor.click_empty()
        editor.quick_add("aggregate")
        editor.drag_wire("decode", "out", "aggregate", "in")
        expect(editor.wire("decode>aggregate")).to_be_attached()
        editor.pick_signal("PackVoltage", "Signals")
        editor.set("Every", "1 s")
        page.get_by_role("button", name="publish", exact=True).click()
        editor.field("Broker").select_option(label="New mqtt/broker …")
        editor.set_resource("Host", "127.0.0.1")
        editor.set_resource("Port", str(broker.port))
        editor.set("Topic", "site/{source}")
        editor.drag_wire("threshold", "alarm", "publish", "in")
        expect(editor.wire("threshold>publish")).to_be_attached()

        expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
        editor.deploy("drawn from nothing")
        editor.deployed("flow")

        # It runs: a rate on the node, a live value at the signal, an alarm in the drawer.
        expect(editor.card("decode").locator(".card-rate")).to_contain_text("/s")
        editor.select("threshold")
        expect(editor.panel.locator(".live")).to_contain_text("live")
        expect(editor.drawer.get_by_text("threshold")).to_be_visible()
        with broker.subscriber("site/#", "-C", "1", "-W", "20") as listening:
            assert listening.communicate()[0].startswith(b"site/")

    stored = gateway.read("flow")
    assert list(stored["nodes"]) == ["receive", "decode", "threshold", "aggregate", "publish"]
    assert stored["nodes"]["threshold"] == {"type": "logic/threshold", "signal": "SOC", "below": 90}
    assert len(stored["wires"]) == 5
