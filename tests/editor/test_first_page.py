"""The README's first page, followed word by word on the flows of `make run`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.editor_page import EditorPage
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port
from tests.support.running_gateway import RunningGateway

HOUSE = Path(__file__).parents[2]


@pytest.mark.timeout(120)
def test_a_newcomer_draws_can_decode_threshold_mqtt(
    editor: EditorPage, gateway: RunningGateway, tmp_path: Path
) -> None:
    readme = (HOUSE / "README.md").read_text()
    for flow in (HOUSE / "flows").glob("*.json"):
        shutil.copy(flow, gateway.flows)
    broker = Mosquitto(tmp_path, free_port())  # the demonstration's embedded one; only its port
    gateway.environment = {"MQTT_PORT": str(broker.port), "MODBUS_PORT": str(free_port())}
    gateway.start()
    editor.open()
    page = editor.page

    page.get_by_role("button", name="New flow").click()
    editor.quick_add("receive")
    editor.field("Bus").select_option(label="New can/bus …")
    editor.set_resource("Interface", "virtual")
    editor.set_resource("Channel", "rack")
    page.get_by_role("button", name="decode", exact=True).click()
    editor.panel.get_by_role("button", name="dbc/pylontech-lv.dbc").click()
    page.get_by_role("button", name="threshold", exact=True).click()
    editor.pick_signal("SOC")
    editor.set("Below", "90")
    page.get_by_role("button", name="publish", exact=True).click()
    editor.field("Broker").select_option(label="New mqtt/broker …")
    editor.set_resource("Host", "127.0.0.1")
    editor.set_resource("Port", str(broker.port))
    editor.set("Topic", "my/{source}")
    editor.drag_wire("decode", "out", "publish", "in")
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    editor.deploy()
    editor.deployed("flow")

    expect(editor.drawer.locator("tr", has_text="below 90 %")).to_be_visible()
    for word in ("New can/bus …", "New mqtt/broker …", "virtual", "rack", "18830", "my/{source}"):
        assert f"`{word}`" in readme, word
    with broker.subscriber("my/#", "-C", "1", "-W", "30") as listening:
        assert listening.communicate()[0].startswith(b"my/")
