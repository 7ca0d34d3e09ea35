"""`flowrt user` on a data folder, and with a gateway that runs on it."""

from __future__ import annotations

import json
import subprocess
import urllib.error
from pathlib import Path

import pytest

from flowrt.accounts.accounts import Accounts
from tests.support.command import FLOWRT, flowrt
from tests.support.running_gateway import RunningGateway

WORDS = "blue tram over nine hills"


def user(folder: Path, *arguments: str, code: int = 0) -> str:
    done = flowrt("user", *arguments, "--data", folder)
    assert done.returncode == code, done.stderr
    return done.stdout if code == 0 else done.stderr


def test_a_user_is_made_changed_listed_and_removed(tmp_path: Path) -> None:
    user(tmp_path, "add", "root", "--role", "administrator")
    assert "/#invite=" in user(tmp_path, "add", "ana", "--url", "https://rack7:8420/")
    assert user(tmp_path, "role", "ana", "operator") == "ana is operator\n"
    assert user(tmp_path, "list").splitlines()[1].split()[:2] == ["ana", "operator"]
    assert json.loads(user(tmp_path, "list", "--json"))["users"][1] == {
        "name": "ana",
        "role": "operator",
        "has_password": False,
    }
    user(tmp_path, "remove", "ana")
    assert "no administrator" in user(tmp_path, "remove", "root", code=1)


def test_a_password_comes_by_a_pipe(tmp_path: Path) -> None:
    user(tmp_path, "add", "ana")
    command = [str(FLOWRT), "user", "passwd", "ana", "--data", str(tmp_path)]
    done = subprocess.run(command, input=WORDS + "\n", text=True, capture_output=True, check=True)
    assert "has a new password" in done.stdout
    assert Accounts.of(tmp_path).verify("ana", WORDS)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("remove", "bob"), 1),
        (("add", "Bob"), 1),
        (("add", "bob", "--role", "root"), 2),
        (("revoke", "ci"), 1),
        (("token", "ci", "--days", "0"), 2),
    ],
)
def test_what_cannot_be_done_is_told(arguments: tuple[str, ...], code: int, tmp_path: Path) -> None:
    assert user(tmp_path, *arguments, code=code)


def test_a_running_gateway_sees_each_change(tmp_path: Path) -> None:
    gateway = RunningGateway(tmp_path, is_open=False)
    gateway.start()
    data = tmp_path / "data"
    try:
        assert "/#invite=" in (tmp_path / "log").read_text()
        token = user(data, "token", "ci", "--role", "viewer", "--days", "1").strip()
        header = {"Authorization": f"Bearer {token}"}
        assert gateway.ask("api/session", **header)[0]["user"] == "ci"
        user(data, "revoke", "ci")
        with pytest.raises(urllib.error.HTTPError, match="401"):
            gateway.ask("api/session", **header)
    finally:
        gateway.stop()
