"""From the drawing to the gateway: problems, diff, conflict, revisions, layouts."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def deploy_as_somebody_else(gateway: RunningGateway, **settings: object) -> None:
    """Change settings of soc_low and deploy, as another person would."""
    document, headers = gateway.ask("api/flows/guard")
    document["nodes"]["soc_low"].update(settings)
    gateway.ask("api/flows/guard", "PUT", document, **{"If-Match": headers["ETag"]})
    gateway.ask("api/flows/guard/deploy", "POST", {"author": "somebody"})


def test_a_problem_is_told_at_the_node_and_beside_the_field_and_stops_a_deploy(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.select("soc_low")
    watched.set("Hysteresis", "-2")
    field = watched.panel.locator(".field.has-error", has_text="Hysteresis")
    expect(field.get_by_role("alert")).to_contain_text("-2")
    expect(watched.card("soc_low").locator(".card")).to_contain_class("problem")
    expect(page.get_by_role("button", name="1 problem", exact=True)).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(watched.notice("Deploy waits")).to_be_visible()
    watched.panel.get_by_role("button", name="nodes.soc_low.hysteresis").click()
    watched.set("Hysteresis", "2")
    expect(page.get_by_role("button", name="Check ✓")).to_be_visible()
    assert "hysteresis" not in gateway.read("guard")["nodes"]["soc_low"]


def test_the_diff_tells_logic_and_layout_apart(watched: EditorPage) -> None:
    page = watched.page
    watched.select("soc_low")
    watched.set("Below", "42")
    watched.click_empty()
    expect(watched.card("soc_low").locator(".mark.changed")).to_be_visible()
    watched.select("show")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What will change")
    expect(dialog.get_by_role("heading", name="Logic: 1")).to_be_visible()
    expect(dialog).to_contain_text("nodes.soc_low")
    expect(dialog.locator("del").first).to_have_text("90")
    expect(dialog.locator("ins").first).to_have_text("42")
    layout = dialog.locator("summary", has_text="Layout:")
    layout.click()
    expect(dialog).to_contain_text("position.show")
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_attached()


def test_a_moved_box_is_no_change_of_logic_and_is_found_again(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    revisions = gateway.ask("api/flows/guard/revisions")[0]["revisions"]
    watched.select("soc_low")
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    moved = watched.card("soc_low").evaluate("card => card.style.transform")
    watched.deploy()
    watched.deployed("guard")
    assert gateway.ask("api/flows/guard/revisions")[0]["revisions"] == revisions
    page.reload()
    expect(watched.card("soc_low")).to_be_visible()
    assert watched.card("soc_low").evaluate("card => card.style.transform") == moved
    assert gateway.read("guard.layout")["nodes"]["soc_low"]


def test_a_deploy_tells_its_steps_and_undo_works_after_it(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.select("soc_low")
    watched.set("Below", "42")
    watched.deploy("for winter")
    watched.deployed("guard")
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 42
    watched.show_drawer("Log")
    expect(watched.drawer.get_by_text("runs", exact=False).first).to_be_visible()
    watched.click_empty()
    page.keyboard.press("Control+z")
    expect(page.get_by_role("button", name="Deploy 1 change")).to_be_visible()
    watched.deploy()
    expect(page.get_by_role("dialog")).not_to_be_attached()
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 90


def test_a_conflict_is_shown_and_merged_and_nothing_is_overwritten(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.select("frames")
    watched.field("Ids").fill("0x355")
    watched.field("Ids").press("Enter")
    deploy_as_somebody_else(gateway, below=55)
    expect(watched.notice("deployed by somebody else")).to_be_visible()
    watched.deploy()
    dialog = page.get_by_role("dialog", name="Somebody else changed this flow")
    expect(dialog).to_contain_text("nodes.soc_low")
    expect(dialog).to_contain_text("nodes.frames")
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 55
    dialog.get_by_role("button", name="Merge both").click()
    watched.deploy()
    watched.deployed("guard")
    nodes = gateway.read("guard")["nodes"]
    assert (nodes["soc_low"]["below"], nodes["frames"]["ids"]) == (55, ["0x355"])


def test_a_place_that_both_changed_is_named_and_theirs_can_be_taken(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.select("soc_low")
    watched.set("Below", "42")
    deploy_as_somebody_else(gateway, below=55)
    watched.deploy()
    dialog = page.get_by_role("dialog", name="Somebody else changed this flow")
    expect(dialog).to_contain_text("Both changed nodes.soc_low")
    dialog.get_by_role("button", name="Take theirs").click()
    expect(watched.field("Below")).to_have_value("55")
    page.locator(".canvas").focus()
    watched.click_empty()
    page.keyboard.press("Control+z")
    watched.select("soc_low")
    expect(watched.field("Below")).to_have_value("42")


def test_a_flow_that_nobody_edits_here_follows_somebody_else_s_deploy(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    watched.select("soc_low")
    expect(watched.field("Below")).to_have_value("90")
    deploy_as_somebody_else(gateway, below=55)
    expect(watched.field("Below")).to_have_value("55")


def test_changes_of_another_flow_are_deployed_along(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    flows = page.get_by_role("navigation", name="Flows")
    flows.get_by_role("button", name="simulated-rack", exact=True).click()
    watched.select("rack")
    watched.set("Start SOC", "50")
    flows.get_by_role("button", name="guard", exact=True).click()
    watched.select("soc_low")
    watched.set("Below", "42")
    page.reload()  # both drawings are kept, and both are known again
    expect(flows.get_by_role("img", name="not deployed")).to_have_count(2)
    expect(page.get_by_role("button", name="Deploy 1 change")).to_be_visible()
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What will change")
    dialog.get_by_role("checkbox", name="simulated-rack 1 change").check()
    dialog.get_by_role("button", name="Deploy").click()
    watched.deployed("guard")
    watched.deployed("simulated-rack")
    expect(dialog).not_to_be_attached()
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 42
    assert gateway.read("simulated-rack")["nodes"]["rack"]["start_soc"] == 50


def test_a_problem_in_a_flow_deployed_along_changes_nothing(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    flows = page.get_by_role("navigation", name="Flows")
    flows.get_by_role("button", name="simulated-rack", exact=True).click()
    watched.select("rack")
    watched.set("Start SOC", "500")
    flows.get_by_role("button", name="guard", exact=True).click()
    watched.select("soc_low")
    watched.set("Below", "42")
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="What will change")
    dialog.get_by_role("checkbox", name="simulated-rack 1 change").check()
    dialog.get_by_role("button", name="Deploy").click()
    expect(dialog.get_by_role("alert")).to_contain_text("simulated-rack has 1 problem.")
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 90


def test_who_else_is_here_and_what_they_change_is_shown(
    watched: EditorPage, browser: Browser, gateway: RunningGateway
) -> None:
    context = browser.new_context()
    other = EditorPage(context.new_page(), gateway.url)
    other.open("guard")
    pill = watched.page.locator(".pill", has_text="1 other here")
    expect(pill).to_have_attribute("title", "127.0.0.1 looks at guard")
    other.select("soc_low")
    other.set("Below", "42")
    mark = watched.page.get_by_role("img", name="127.0.0.1 is changing guard")
    expect(mark).to_be_visible()
    pill.click()
    expect(watched.panel.get_by_role("listitem")).to_have_text(["127.0.0.1 is changing guard"])
    context.close()
    expect(pill).not_to_be_attached()
    expect(mark).not_to_be_attached()


def test_an_old_revision_is_compared_and_restored(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    watched.select("soc_low")
    watched.set("Below", "42")
    watched.deploy("for winter")
    watched.deployed("guard")
    watched.show("Revisions")
    rows = watched.panel.locator(".revisions > li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("for winter")
    expect(rows.first).to_contain_text("running")
    rows.nth(1).get_by_role("button", name="Compare").click()
    expect(rows.nth(1)).to_contain_text("below: 90 42")
    rows.nth(1).get_by_role("button", name="Restore").click()
    expect(watched.notice("runs again")).to_be_visible()
    assert gateway.read("guard")["nodes"]["soc_low"]["below"] == 90
    watched.show("Settings")
    watched.select("soc_low")
    expect(watched.field("Below")).to_have_value("90")


def test_a_flow_is_stopped_started_and_deleted_from_its_tab(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    tab = page.get_by_role("navigation", name="Flows").get_by_role(
        "button", name="guard", exact=True
    )
    menu = page.get_by_role("button", name="Menu of guard")
    menu.click()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(tab).to_have_attribute("title", "guard: stopped")
    menu.click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(tab).to_have_attribute("title", "guard: running")
    menu.click()
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Really delete guard").click()
    expect(tab).not_to_be_attached()
    assert not (gateway.flows / "guard.json").exists()


def test_a_flow_is_renamed_with_its_layout_and_runs_on(
    watched: EditorPage, gateway: RunningGateway
) -> None:
    page = watched.page
    watched.click_empty()
    name = watched.panel.get_by_role("textbox", name="Name of the flow")
    name.fill("rack-guard")
    name.press("Enter")
    expect(watched.notice("guard is now called rack-guard")).to_be_visible()
    tab = page.get_by_role("navigation", name="Flows").locator(".tab.active")
    expect(tab.locator(".tab-name")).to_have_attribute("title", "rack-guard: running")
    expect(watched.card("decode").locator(".card-rate")).to_contain_text("/s")
    assert not (gateway.flows / "guard.json").exists()
    assert gateway.read("rack-guard")["name"] == "rack-guard"
    assert gateway.read("rack-guard.layout")["nodes"]["soc_low"]
    assert gateway.ask("api/flows/rack-guard/revisions")[0]["revisions"][0]["running"]
    expect(page.get_by_role("button", name="Deploy", exact=True)).to_be_disabled()
