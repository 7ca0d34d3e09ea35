"""What goes wrong is told in words, and no edit is lost."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Route, expect

from tests.editor.flows import guard
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "This is not JSON"),
        ("[]", "A flow is a JSON object"),
        ('{"nodes": {}}', 'A flow begins with {"flowrt": 1'),
        ('{"flowrt": 1, "name": "x", "nodes": []}', '"nodes" must be an object'),
        ('{"flowrt": 1, "name": "x", "nodes": {"a": {}}}', 'nodes.a has no "type"'),
        ('{"flowrt": 1, "name": "x", "nodes": {}, "wires": [1]}', '"wires" must be a list'),
    ],
)
def test_a_malformed_import_is_refused_with_its_place(
    drawing: EditorPage, text: str, words: str
) -> None:
    page = drawing.page
    page.keyboard.press("Control+i")
    dialog = page.get_by_role("dialog", name="Import")
    dialog.get_by_role("textbox", name="Flow as JSON").fill(text)
    dialog.get_by_role("button", name="As a new flow").click()
    expect(dialog.get_by_role("alert")).to_contain_text(words)
    page.keyboard.press("Escape")
    expect(drawing.wire("soc_low>show")).to_be_attached()


def test_an_import_under_a_name_that_is_taken_gets_a_free_one(drawing: EditorPage) -> None:
    page = drawing.page
    page.keyboard.press("Control+i")
    dialog = page.get_by_role("dialog", name="Import")
    dialog.locator("input[type=file]").set_input_files(
        {
            "name": "g.json",
            "mimeType": "application/json",
            "buffer": json.dumps(guard(below=11)).encode(),
        }
    )
    expect(dialog).to_contain_text("There is a flow guard already; this one will be called guard-2")
    dialog.get_by_role("button", name="As a new flow").click()
    flows = page.get_by_role("navigation", name="Flows")
    expect(flows.locator(".tab.active")).to_contain_text("guard-2")
    drawing.select("soc_low")
    expect(drawing.field("Below")).to_have_value("11")


def test_an_unknown_type_is_shown_and_told(editor: EditorPage, gateway: RunningGateway) -> None:
    gateway.put({"flowrt": 1, "name": "odd", "nodes": {"a": {"type": "acme/thing", "n": 1}}})
    gateway.start()
    editor.open("odd")
    editor.select("a")
    expect(editor.panel.get_by_text("This gateway has no node type acme/thing.")).to_be_visible()
    expect(editor.panel.get_by_role("textbox", name="As JSON")).to_contain_text('"n": 1')


def test_a_lost_connection_loses_no_edit_and_comes_back_by_itself(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    page.wait_for_timeout(2500)  # by then the charts are fetched
    gateway.stop()
    banner = page.get_by_role("alert").filter(has_text="The gateway does not answer")
    expect(banner).to_be_visible()
    drawing.show("Charts")
    expect(drawing.panel.get_by_role("heading", name="Charts")).to_be_visible()
    drawing.show("Settings")
    drawing.select("soc_low")
    drawing.set("Below", "42")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What will change")
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The gateway does not answer")
    page.keyboard.press("Escape")
    gateway.start()
    expect(banner).not_to_be_attached(timeout=20_000)
    expect(drawing.field("Below")).to_have_value("42")
    drawing.deploy()
    drawing.deployed("guard")
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 42


def test_a_part_that_cannot_be_fetched_is_told(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    gateway.stop()
    drawing.select("soc_low")
    drawing.panel.get_by_role("button", name="As JSON").click()
    expect(drawing.panel.get_by_text("could not be fetched")).to_be_visible()
    expect(drawing.card("soc_low")).to_be_visible()


def test_edits_survive_a_reload_and_are_shown_as_not_deployed(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.select("soc_low")
    drawing.set("Below", "42")
    page.wait_for_timeout(600)
    page.reload()
    expect(drawing.notice("your changes from before are back")).to_be_visible()
    expect(page.get_by_role("button", name="Deploy 1 change")).to_be_visible()
    expect(page.get_by_role("img", name="not deployed")).to_be_visible()
    drawing.select("soc_low")
    expect(drawing.field("Below")).to_have_value("42")


def test_the_page_that_waits_for_a_gateway_begins_when_it_comes(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(guard())
    gateway.start()
    page = editor.page
    page.route("**/api/flows", lambda route: route.abort())
    page.goto(editor.url)
    expect(page.get_by_text("The gateway does not answer")).to_be_visible()
    page.unroute("**/api/flows")
    expect(editor.wire("soc_low>show")).to_be_attached()


def test_two_tabs_of_a_browser_tell_of_each_other_and_both_changes_meet(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    other = EditorPage(drawing.page.context.new_page(), gateway.url)
    other.open("guard")
    other.select("frames")
    other.field("Ids").fill("0x355")
    other.field("Ids").press("Enter")
    expect(drawing.notice("in another tab of this browser")).to_be_visible()
    drawing.select("soc_low")
    drawing.set("Below", "42")
    drawing.deploy()
    drawing.deployed("guard")
    other.deploy()
    dialog = other.page.get_by_role("dialog", name="Somebody else changed this flow")
    dialog.get_by_role("button", name="Merge both").click()
    other.deploy()
    other.deployed("guard")
    nodes = gateway.read("guard")["nodes"]
    assert (nodes["soc_low"]["below"], nodes["frames"]["ids"]) == (42, ["0x355"])


def test_an_expired_login_is_asked_for_again_and_the_edit_goes_on(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    """The gateway has no accounts yet, so its refusal is put between here."""
    page = drawing.page
    logins: list[object] = []
    expired = {"type": "about:blank", "title": "Log in", "status": 401, "detail": "It expired."}

    def refuse(route: Route) -> None:
        if logins:
            route.continue_()
        else:
            route.fulfill(status=401, json=expired)

    def login(route: Route) -> None:
        logins.append(route.request.post_data_json)
        route.fulfill(json={})

    page.route("**/api/flows/guard", refuse)
    page.route("**/api/login", login)
    drawing.select("soc_low")
    drawing.set("Below", "42")
    drawing.deploy()
    dialog = page.get_by_role("dialog", name="Log in")
    expect(dialog).to_contain_text("It expired.")
    expect(dialog).to_contain_text("Your changes are kept")
    dialog.get_by_label("Name").fill("ada")
    dialog.get_by_label("Password").fill("secret")
    dialog.get_by_role("button", name="Log in").click()
    expect(dialog).not_to_be_attached()
    assert logins == [{"user": "ada", "password": "secret"}]
    drawing.deploy()
    drawing.deployed("guard")
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 42


def test_a_locked_flow_is_not_changed_by_accident(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.act("Lock against changes")
    drawing.select("soc_low")
    page.keyboard.press("Delete")
    expect(drawing.notice("This flow is locked")).to_be_visible()
    expect(drawing.card("soc_low")).to_be_visible()
    page.get_by_role("button", name="Menu of guard").click()
    page.get_by_role("button", name="Unlock").click()
    drawing.select("soc_low")
    page.keyboard.press("Delete")
    expect(drawing.card("soc_low")).not_to_be_attached()
