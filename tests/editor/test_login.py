"""Logging in: the first link, wrong passwords, what a role may not, and a session that ends."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.role import Role
from tests.editor.flows import guard, simulated_rack
from tests.support.editor_page import EditorPage
from tests.support.running_gateway import RunningGateway

WORDS = "blue tram over nine hills"
OTHER = "seven quiet lamps in rain"


@pytest.fixture
def guarded(gateway: RunningGateway) -> RunningGateway:
    """The guard on a gateway that asks who is there, where admin's password is WORDS."""
    gateway.is_open = False
    accounts = Accounts.of(gateway.folder / "data")
    accounts.accept(accounts.first() or "", WORDS)
    gateway.put(guard())
    gateway.put(simulated_rack())
    gateway.start()
    return gateway


def first_link(log: Path) -> str:
    """The link that the gateway prints when its flows run."""
    deadline = time.monotonic() + 20
    while "#invite=" not in (text := log.read_text()):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return next(word for word in text.split() if "#invite=" in word)


def user(gateway: RunningGateway, name: str, role: str) -> None:
    accounts = Accounts.of(gateway.folder / "data")
    accounts.accept(accounts.add(name, Role.named(role)), WORDS)


def log_in(editor: EditorPage, name: str, password: str = WORDS) -> None:
    page = editor.page
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in").click()


def enter(editor: EditorPage, name: str) -> None:
    editor.page.goto(editor.url + "#guard")
    log_in(editor, name)
    expect(editor.card("soc_low")).to_be_visible()


def test_the_first_link_sets_the_password_and_lets_in(
    editor: EditorPage, gateway: RunningGateway, tmp_path: Path
) -> None:
    gateway.is_open = False
    gateway.put(guard())
    gateway.start()
    page = editor.page
    page.goto(first_link(tmp_path / "log"))
    dialog = page.get_by_role("dialog", name="Welcome: set your password")
    expect(dialog).to_be_visible()
    assert "invite" not in page.url
    dialog.get_by_label("New password").fill("short")
    dialog.get_by_label("The same again").fill("short")
    dialog.get_by_role("button", name="Set password").click()
    expect(dialog.get_by_role("alert")).to_contain_text("12 to 256 characters")
    dialog.get_by_label("New password").fill(WORDS)
    dialog.get_by_role("button", name="Set password").click()
    expect(dialog.get_by_role("alert")).to_have_text("The two passwords differ.")
    dialog.get_by_label("The same again").fill(WORDS)
    dialog.get_by_role("button", name="Set password").click()
    expect(editor.card("soc_low")).to_be_visible()
    expect(page.get_by_role("button", name="admin, administrator")).to_be_visible()
    page.reload()
    expect(editor.card("soc_low")).to_be_visible()


def test_a_wrong_password_is_told_and_the_right_one_goes_on(
    editor: EditorPage, guarded: RunningGateway
) -> None:
    page = editor.page
    page.goto(editor.url + "#guard")
    log_in(editor, "admin", OTHER)
    dialog = page.get_by_role("dialog", name="Log in")
    expect(dialog.get_by_role("alert")).to_have_text("name or password is wrong.")
    log_in(editor, "admin")
    expect(dialog).not_to_be_attached()
    expect(editor.card("soc_low")).to_be_visible()


def test_a_viewer_sees_everything_and_is_told_why_it_cannot_deploy(
    editor: EditorPage, guarded: RunningGateway
) -> None:
    user(guarded, "vera", "viewer")
    enter(editor, "vera")
    page = editor.page
    reason = "This needs the role integrator; yours is viewer."
    deploy = page.get_by_role("button", name=re.compile("^Deploy"))
    expect(deploy).to_be_disabled()
    expect(deploy).to_have_attribute("title", reason)
    editor.select("soc_low")
    editor.set("Below", "55")
    expect(deploy).to_be_disabled()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(reason)).to_be_visible()
    expect(editor.card("decode").locator(".card-rate")).to_contain_text("/s")
    assert guarded.read("guard") == guard()


def test_an_operator_may_acknowledge_and_not_deploy(
    editor: EditorPage, guarded: RunningGateway
) -> None:
    user(guarded, "otto", "operator")
    enter(editor, "otto")
    page = editor.page
    page.get_by_role("button", name="Acknowledge").first.click()
    expect(page.get_by_text("acknowledged by otto")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Deploy"))).to_be_disabled()


def test_a_session_that_ends_in_the_middle_of_an_edit_keeps_the_edit(
    editor: EditorPage, guarded: RunningGateway
) -> None:
    enter(editor, "admin")
    page = editor.page
    editor.select("soc_low")
    editor.set("Below", "55")
    # A new password from the shell ends every session, also the open page's.
    Accounts.of(guarded.folder / "data").set_password("admin", OTHER)
    dialog = page.get_by_role("dialog", name="Log in")
    expect(dialog).to_contain_text("Your changes are kept")
    log_in(editor, "admin", OTHER)
    expect(dialog).not_to_be_attached()
    expect(editor.field("Below")).to_have_value("55")
    page.get_by_role("button", name="Deploy 1 change").click()
    page.get_by_role("dialog").get_by_role("button", name="Deploy").click()
    expect(page.get_by_role("dialog")).not_to_be_attached()
    assert guarded.read("guard")["nodes"]["soc_low"]["below"] == 55


def test_one_logs_out_and_changes_ones_password(
    editor: EditorPage, guarded: RunningGateway
) -> None:
    enter(editor, "admin")
    page = editor.page
    account = page.get_by_role("button", name="admin, administrator")
    account.click()
    page.get_by_role("button", name="Change password").click()
    page.get_by_label("Present password").fill(WORDS)
    page.get_by_label("New password").fill(OTHER)
    page.get_by_label("The same again").fill(OTHER)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_text("The password is changed")).to_be_visible()
    account.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("dialog", name="Log in")).to_be_visible()
    log_in(editor, "admin", OTHER)
    expect(page.get_by_role("dialog")).not_to_be_attached()
    expect(account).to_be_visible()


def test_open_doors_are_marked(editor: EditorPage, gateway: RunningGateway) -> None:
    gateway.put(guard())
    gateway.start()
    editor.open("guard")
    expect(editor.page.get_by_text("open: no login")).to_be_visible()
