"""Safe mode: why no flow was started stands over the drawing until one is started by hand."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.editor.flows import guard
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def test_safe_mode_tells_its_reason_until_a_flow_is_started(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(guard())
    data = gateway.folder / "data"
    data.mkdir()
    (data / "boots.json").write_text(json.dumps({"crashes": 3, "reason": "out of memory"}))
    gateway.start()
    editor.open("guard")
    banner = editor.page.locator(".banner")
    expect(banner).to_contain_text("Safe mode: no flow was started, as the last 3 starts crashed")
    expect(banner).to_contain_text("out of memory")
    gateway.ask("api/flows/guard/start", "POST")
    expect(banner).to_have_count(0)
