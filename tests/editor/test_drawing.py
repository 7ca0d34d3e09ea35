"""Drawing with mouse and keys: wires, splicing, healing, undo, copies, groups and notes."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.editor.flows import guard
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway


def wires(editor: EditorPage) -> list[str]:
    """The wires that are drawn, by key."""
    return sorted(
        editor.page.locator(".react-flow__edge").evaluate_all("all => all.map(e => e.dataset.id)")
    )


def selected(editor: EditorPage) -> set[str]:
    """The ids of the selected nodes."""
    return set(
        editor.page.locator(".react-flow__node.selected").evaluate_all(
            "all => all.map(n => n.dataset.id)"
        )
    )


def test_a_wire_of_the_wrong_kind_is_refused_and_mended(drawing: EditorPage) -> None:
    drawing.drag_wire("frames", "out", "soc_low", "in")
    refused = drawing.page.get_by_role("alert").filter(has_text="carries frame")
    expect(refused).to_contain_text("logic/threshold takes signals. Put can/decode between.")
    assert "frames>soc_low" not in wires(drawing)
    refused.get_by_role("button", name="Put can/decode between").click()
    expect(drawing.wire("frames>decode_2")).to_be_attached()
    expect(drawing.wire("decode_2>soc_low")).to_be_attached()


def test_a_wire_let_go_on_nothing_asks_what_comes_next(drawing: EditorPage) -> None:
    page = drawing.page
    x, y = drawing.empty_spot()
    port = drawing.port("decode", "out").bounding_box()
    assert port
    page.mouse.move(port["x"] + 6, port["y"] + 6)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=6)
    page.mouse.up()
    box = page.get_by_role("combobox", name="Add a node")
    box.fill("deadband")
    box.press("Enter")
    expect(drawing.wire("decode>deadband")).to_be_attached()
    expect(drawing.card("deadband")).to_contain_class("selected")


def test_wires_can_be_drawn_backwards(drawing: EditorPage) -> None:
    drawing.quick_add("debug")
    drawing.page.keyboard.press("Control+l")
    drawing.page.wait_for_timeout(400)
    drawing.drag_wire("debug", "in", "decode", "out")
    expect(drawing.wire("decode>debug")).to_be_attached()


def test_a_node_dropped_on_a_wire_is_put_into_it_and_undo_takes_it_out(drawing: EditorPage) -> None:
    page = drawing.page
    x, y = drawing.middle_of_wire("decode>soc_low")
    entry = page.get_by_role("button", name="deadband", exact=True)
    box = entry.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(x - 30, y - 10, steps=4)
    page.mouse.move(x, y, steps=3)
    page.mouse.up()
    expect(drawing.wire("decode>deadband")).to_be_attached()
    expect(drawing.wire("deadband>soc_low")).to_be_attached()
    expect(drawing.wire("decode>soc_low")).not_to_be_attached()
    drawing.select("deadband")
    page.keyboard.press("Control+z")
    expect(drawing.wire("decode>soc_low")).to_be_attached()
    expect(drawing.card("deadband")).not_to_be_attached()
    page.keyboard.press("Control+y")
    expect(drawing.wire("deadband>soc_low")).to_be_attached()


def test_delete_and_heal_joins_what_was_before_to_what_comes_after(drawing: EditorPage) -> None:
    drawing.quick_add("deadband")
    drawing.page.keyboard.press("Control+l")
    drawing.page.wait_for_timeout(400)
    drawing.drag_wire("decode", "out", "deadband", "in")
    drawing.drag_wire("deadband", "out", "show", "in")
    drawing.select("deadband")
    drawing.page.keyboard.press("Control+Delete")
    expect(drawing.wire("decode>show")).to_be_attached()
    expect(drawing.card("deadband")).not_to_be_attached()
    drawing.select("soc_low")
    drawing.page.keyboard.press("Delete")
    expect(drawing.card("soc_low")).not_to_be_attached()
    assert wires(drawing) == ["decode>show", "frames>decode"]


def test_a_line_with_alt_held_cuts_wires(drawing: EditorPage) -> None:
    x, y = drawing.middle_of_wire("decode>soc_low")
    page = drawing.page
    page.keyboard.down("Alt")
    page.mouse.move(x, y - 60)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=3)
    page.mouse.up()
    page.keyboard.up("Alt")
    expect(drawing.wire("decode>soc_low")).not_to_be_attached()
    assert wires(drawing) == ["frames>decode", "soc_low>show"]


def test_nodes_are_copied_to_another_flow_as_json(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.click_empty()
    page.keyboard.press("Control+a")
    expect(drawing.panel.get_by_role("heading", name="4 nodes")).to_be_visible()
    page.keyboard.press("Control+c")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert sorted(copied["nodes"]) == ["decode", "frames", "show", "soc_low"]
    assert list(copied["resources"]) == ["bus"]
    page.get_by_role("button", name="New flow").click()
    drawing.click_empty()
    page.keyboard.press("Control+v")
    expect(drawing.wire("decode>soc_low")).to_be_attached()
    page.keyboard.press("Control+v")
    expect(drawing.wire("decode_2>soc_low_2")).to_be_attached()
    drawing.show("Resources")
    expect(drawing.panel.locator(".resource-box h3")).to_have_text(["bus can/bus"])


def test_groups_move_their_nodes_and_notes_keep_their_words(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.select("frames")
    page.keyboard.down("Shift")
    drawing.card("decode").locator("strong").click()
    page.keyboard.up("Shift")
    page.keyboard.press("Control+g")
    title = page.get_by_role("textbox", name="Title of the group")
    title.fill("Battery")
    before = drawing.card("decode").bounding_box()
    group = page.locator(".react-flow__node-group").bounding_box()
    assert before
    assert group
    page.mouse.move(group["x"] + group["width"] - 30, group["y"] + 8)
    page.mouse.down()
    page.mouse.move(group["x"] + group["width"] - 30, group["y"] + 108, steps=5)
    page.mouse.up()
    after = drawing.card("decode").bounding_box()
    moved = page.locator(".react-flow__node-group").bounding_box()
    assert after
    assert moved
    assert moved["y"] - group["y"] > 50
    assert after["y"] - before["y"] == pytest.approx(moved["y"] - group["y"], abs=1)

    drawing.click_empty()
    page.keyboard.press("Shift+N")
    page.get_by_role("textbox", name="Note, in Markdown").fill("**Rack 1** only")
    drawing.click_empty()
    expect(page.locator(".note strong")).to_have_text("Rack 1")
    page.wait_for_timeout(500)
    kept = drawing.draft("guard")["draft"]["layout"]
    assert [group["title"] for group in kept["groups"]] == ["Battery"]
    assert [note["text"] for note in kept["notes"]] == ["**Rack 1** only"]


def test_nodes_are_aligned_spread_and_laid_out(drawing: EditorPage) -> None:
    page = drawing.page
    tops = "all => all.map(card => card.getBoundingClientRect().top)"
    cards = page.locator(".react-flow__node-card")
    drawing.select("decode")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    assert len(set(cards.evaluate_all(tops))) == 2
    drawing.click_empty()
    page.keyboard.press("Control+a")
    drawing.panel.get_by_role("button", name="Align top").click()
    page.wait_for_timeout(100)
    assert len(set(cards.evaluate_all(tops))) == 1
    drawing.act("Undo")
    page.wait_for_timeout(100)
    assert len(set(cards.evaluate_all(tops))) == 2
    drawing.act("Lay out")
    page.wait_for_timeout(400)
    assert len(set(cards.evaluate_all(tops))) == 1


def test_a_flow_is_exported_and_tabs_are_put_into_another_order(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.put(guard())
    gateway.put({**guard(), "name": "other"})
    gateway.start()
    editor.open("guard")
    page = editor.page
    with page.expect_download() as download:
        page.keyboard.press("Control+e")
    assert download.value.suggested_filename == "guard.json"
    assert json.loads(download.value.path().read_text()) == gateway.read("guard")
    tabs = page.get_by_role("navigation", name="Flows").locator(".tab-name")
    expect(tabs).to_have_text(["guard", "other"])
    tabs.nth(1).drag_to(tabs.first)
    expect(tabs).to_have_text(["other", "guard"])
    page.reload()
    expect(tabs).to_have_text(["other", "guard"])


def test_a_node_is_disabled_and_shown_so(drawing: EditorPage, gateway: RunningGateway) -> None:
    drawing.select("show")
    drawing.page.keyboard.press("e")
    expect(drawing.card("show").locator(".card")).to_contain_class("off")
    expect(drawing.card("show")).to_contain_text("disabled")
    drawing.deploy()
    drawing.deployed("guard")
    assert gateway.read("guard")["nodes"]["show"]["enabled"] is False


def test_nodes_are_found_by_words_and_filters(drawing: EditorPage) -> None:
    page = drawing.page
    page.keyboard.press("Control+f")
    box = page.get_by_role("textbox", name="Find nodes")
    for query, found in (
        ("type:threshold", {"soc_low"}),
        ("uses:soc", {"soc_low"}),
        ("pylontech", {"decode"}),
        ("is:problem", set()),
        ("is:unused", set()),
    ):
        box.fill(query)
        expect(page.get_by_role("search").get_by_role("status")).to_have_text(f"{len(found)} found")
        assert selected(drawing) == found, query
    page.keyboard.press("Escape")
    expect(box).not_to_be_attached()


def test_problems_loose_nodes_and_disabled_ones_are_found(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.select("soc_low")
    drawing.set("Hysteresis", "-1")
    drawing.select("show")
    page.keyboard.press("e")
    drawing.click_empty()
    drawing.quick_add("deadband")
    expect(page.get_by_role("button", name="problem")).not_to_have_count(0)
    page.keyboard.press("Control+f")
    box = page.get_by_role("textbox", name="Find nodes")
    for query, found in (
        ("is:problem type:threshold", {"soc_low"}),
        ("is:unused", {"deadband"}),
        ("is:off", {"show"}),
        ("is:changed type:logic", {"soc_low", "deadband"}),
    ):
        box.fill(query)
        status = page.get_by_role("search").get_by_role("status")
        expect(status).to_have_text(f"{len(found)} found")
        assert selected(drawing) == found, query


def test_what_is_upstream_or_downstream_is_selected_and_spread(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.select("decode")
    page.keyboard.press("Shift+D")
    expect(drawing.card("show")).to_contain_class("selected")
    assert selected(drawing) == {"decode", "soc_low", "show"}
    drawing.click_empty()
    drawing.select("soc_low")
    page.keyboard.press("Shift+U")
    expect(drawing.card("frames")).to_contain_class("selected")
    assert selected(drawing) == {"frames", "decode", "soc_low"}
    drawing.click_empty()
    drawing.select("decode")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    lefts = "all => all.map(card => card.getBoundingClientRect().left).sort((a, b) => a - b)"
    cards = page.locator(".react-flow__node-card")

    def gaps() -> set[int]:
        at = cards.evaluate_all(lefts)
        return {round(b - a) for a, b in itertools.pairwise(at)}

    assert len(gaps()) > 1
    drawing.click_empty()
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+h")
    page.wait_for_timeout(200)
    assert max(gaps()) - min(gaps()) <= 8  # the grid's step


def test_nodes_are_cut_and_pasted_and_duplicated(drawing: EditorPage) -> None:
    page = drawing.page
    drawing.select("soc_low")
    page.keyboard.press("Control+x")
    expect(drawing.card("soc_low")).not_to_be_attached()
    page.keyboard.press("Control+v")
    expect(drawing.card("soc_low")).to_be_visible()
    page.keyboard.press("Control+d")
    expect(drawing.card("soc_low_2")).to_be_visible()
    assert wires(drawing) == ["frames>decode"]


def test_a_new_flow_is_named_and_told_where_a_name_is_taken(
    drawing: EditorPage, gateway: RunningGateway
) -> None:
    page = drawing.page
    page.get_by_role("button", name="New flow").click()
    name = drawing.panel.get_by_role("textbox", name="Name of the flow")
    name.fill("guard")
    expect(drawing.panel.get_by_text("no other flow has it")).to_be_visible()
    name.fill("rack-2")
    name.press("Enter")
    tab = page.get_by_role("navigation", name="Flows").locator(".tab.active")
    expect(tab).to_contain_text("rack-2")
    drawing.quick_add("catch")
    page.get_by_role("button", name="debug", exact=True).click()
    expect(drawing.wire("catch>debug")).to_be_attached()
    drawing.deploy()
    drawing.deployed("rack-2")
    assert gateway.read("rack-2")["name"] == "rack-2"


def test_a_type_whose_library_is_missing_is_greyed_and_says_what_to_install(
    editor: EditorPage, gateway: RunningGateway, tmp_path: Path
) -> None:
    """A pack of somebody else's, installed without what it imports."""
    for name, text in {
        "others/__init__.py": "",
        "others/acme/__init__.py": "",
        "others/acme/thing.py": 'import acme_sdk\n\n@node("acme/thing")\nclass Thing: ...\n',
        "others-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: others\nVersion: 1\n",
        "others-1.dist-info/entry_points.txt": "[flowrt.packs]\nothers = others\n",
    }.items():
        file = tmp_path / "packs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    gateway.warm = None
    gateway.environment = {"PYTHONPATH": str(tmp_path / "packs")}
    gateway.put(guard())
    gateway.start()
    editor.open("guard")
    entry = editor.page.get_by_role("button", name="thing")
    expect(entry).to_be_disabled()
    expect(entry).to_contain_text("pip install acme_sdk")
    entry.click(force=True)
    expect(editor.card("thing")).not_to_be_attached()
    expect(editor.page.get_by_role("button", name="threshold", exact=True)).to_be_enabled()


def test_the_whole_flow_can_be_drawn_by_keyboard(
    editor: EditorPage, gateway: RunningGateway
) -> None:
    gateway.start()
    editor.open()
    page = editor.page
    page.get_by_role("button", name="New flow").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    page.keyboard.type("inject")
    page.keyboard.press("Enter")
    expect(editor.card("inject")).to_contain_class("selected")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.keyboard.type("debug")
    page.keyboard.press("Enter")
    expect(editor.wire("inject>debug")).to_be_attached()
    editor.card("inject").focus()
    page.keyboard.press("Enter")
    before = editor.card("inject").bounding_box()
    page.keyboard.press("ArrowDown")
    after = editor.card("inject").bounding_box()
    assert before
    assert after
    assert after["y"] > before["y"]
    page.keyboard.press("Tab")
    expect(editor.card("debug")).to_contain_class("selected")
