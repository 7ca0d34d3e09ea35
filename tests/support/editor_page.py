"""The editor's page as a person uses it: by names and roles, with mouse and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

__all__ = ["EditorPage"]


@dataclass
class EditorPage:
    """What a test does with the page."""

    page: Page
    url: str

    def open(self, flow: str = "") -> None:
        """Load the page, perhaps with a flow shown."""
        self.page.goto(self.url + (f"#{flow}" if flow else ""))
        expect(self.page.get_by_role("navigation", name="Node types")).to_be_visible()

    # --- the drawing

    def card(self, id: str) -> Locator:
        """A node on the canvas."""
        return self.page.locator(f'.react-flow__node[data-id="{id}"]')

    def port(self, id: str, port: str) -> Locator:
        """A port of a node."""
        return self.card(id).locator(f'.react-flow__handle[data-handleid="{port}"]')

    def wire(self, key: str) -> Locator:
        """A wire, by `from>to`."""
        return self.page.locator(f'.react-flow__edge[data-id="{key}"]')

    def select(self, id: str) -> None:
        """Click a node."""
        self.card(id).locator("strong").click()
        expect(self.card(id)).to_contain_class("selected")

    def select_wire(self, key: str) -> None:
        """Click a wire where it is drawn."""
        x, y = self.middle_of_wire(key)
        self.page.mouse.click(x, y)

    def middle_of_wire(self, key: str) -> tuple[float, float]:
        """The point of the page halfway along a wire."""
        found: list[float] = self.wire(key).evaluate(
            """edge => {
              const path = edge.querySelector("path.react-flow__edge-path");
              const at = path.getPointAtLength(path.getTotalLength() / 2);
              const spot = at.matrixTransform(path.getScreenCTM());
              return [spot.x, spot.y];
            }"""
        )
        return found[0], found[1]

    def drag_wire(self, source: str, output: str, target: str, input: str) -> None:
        """Draw a wire from port to port."""
        self.drag(self.port(source, output), self.port(target, input))

    def drag(self, source: Locator, target: Locator) -> None:
        """Press on one thing, let go on another."""
        self.page.mouse.move(*centre(source))
        self.page.mouse.down()
        x, y = centre(target)
        self.page.mouse.move(x - 20, y - 5, steps=4)
        self.page.mouse.move(x, y, steps=4)
        self.page.mouse.up()

    def empty_spot(self) -> tuple[float, float]:
        """A point of the canvas where nothing is drawn."""
        box = self.page.locator(".canvas").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + 24

    def click_empty(self) -> None:
        """Click where nothing is drawn."""
        self.page.mouse.click(*self.empty_spot())

    # --- forms

    def field(self, label: str, of: str = "nodes") -> Locator:
        """A field of the node's form, by its label; of its resources' forms with `of`."""
        own = self.page.locator(f'[id^="{of}-"]')
        return self.panel.get_by_label(label, exact=True).and_(own)

    def set(self, label: str, value: str) -> None:
        """Type into a field of the node's form."""
        self.field(label).fill(value)

    def set_resource(self, label: str, value: str) -> None:
        """Type into a field of the form of the node's resource."""
        self.field(label, of="resources").fill(value)

    def pick_signal(self, search: str, label: str = "Signal") -> None:
        """Open the list of signals, search, and take the first that is known."""
        box = self.search_signal(search, label)
        known = self.page.get_by_role("option").filter(has_not_text="as typed")
        expect(known.first).to_contain_text(search)
        box.press("Enter")

    def search_signal(self, search: str, label: str = "Signal") -> Locator:
        """Open the list of signals and type into its search field, which is given back."""
        self.field(label).click()
        box = self.page.get_by_role("combobox", name="Pick a signal")
        box.fill(search)
        return box

    @property
    def panel(self) -> Locator:
        """The right panel."""
        return self.page.locator(".side")

    @property
    def drawer(self) -> Locator:
        """The lower drawer."""
        return self.page.locator(".drawer")

    def show(self, panel: str) -> None:
        """Open a panel."""
        self.panel.get_by_role("tab", name=panel).click()

    def show_drawer(self, name: str) -> None:
        """Open a part of the drawer."""
        self.drawer.get_by_role("tab", name=name).click()

    # --- actions

    def quick_add(self, text: str) -> None:
        """Type the name of a node on the canvas, and take the first."""
        self.page.keyboard.press(text[0])
        box = self.page.get_by_role("combobox", name="Add a node")
        expect(box).to_be_focused()
        box.press_sequentially(text[1:])
        box.press("Enter")
        expect(box).not_to_be_attached()
        self.page.wait_for_timeout(200)  # a new card is measured, and brought into view

    def act(self, name: str) -> None:
        """Run an action by its name."""
        self.page.keyboard.press("Control+k")
        box = self.page.get_by_role("combobox", name="Find an action")
        box.fill(name)
        box.press("Enter")

    def deploy(self, note: str = "") -> None:
        """Deploy what is drawn."""
        self.page.keyboard.press("Control+Enter")
        dialog = self.page.get_by_role("dialog", name="What will change")
        expect(dialog).to_be_visible()
        if note:
            dialog.get_by_label("Note for the revision").fill(note)
        dialog.get_by_role("button", name="Deploy").click()

    def deployed(self, name: str) -> None:
        """Wait until a deploy is done."""
        expect(self.page.get_by_text(f"{name} is deployed.")).to_be_visible(timeout=15_000)

    def notice(self, text: str) -> Locator:
        """A notice in the corner."""
        return self.page.locator(".notice", has_text=text)

    def draft(self, name: str) -> Any:
        """The unsaved drawing that the browser keeps; None where there is none."""
        return self.page.evaluate(
            "name => JSON.parse(localStorage.getItem(`flowrt.draft.${name}`))", name
        )


def centre(thing: Locator) -> tuple[float, float]:
    """The middle of an element on the page."""
    box = thing.bounding_box()
    assert box is not None, thing
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
