"""Secrets sealed on disk: opened by their key and name, and by nothing else."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from flowrt.errors import SecretMissing
from flowrt.secret_store.find import secret_value
from flowrt.secret_store.sealed import new_key, opened, sealed
from tests.support.command import FLOWRT, flowrt
from tests.support.running_gateway import RunningGateway

VALUE = "hunter2-is-not-shown"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return made_key(tmp_path / "key")


def made_key(file: Path) -> Path:
    file.write_bytes(new_key())
    file.chmod(0o600)
    return file


def test_what_was_sealed_is_opened_and_is_not_in_the_file(key: Path) -> None:
    data = sealed("cloud", VALUE, key)
    assert opened("cloud", data, key) == VALUE
    assert VALUE.encode() not in data
    assert sealed("cloud", VALUE, key) != data


def test_another_key_another_name_or_damage_opens_nothing(key: Path, tmp_path: Path) -> None:
    data = sealed("cloud", VALUE, key)
    other = made_key(tmp_path / "other")
    damaged = data[:-6] + (b"AAAA" if data[-6:-2] != b"AAAA" else b"BBBB") + data[-2:]
    for name, wrong, by in (
        ("cloud", data, other),
        ("other", data, key),
        ("cloud", damaged, key),
        ("cloud", b"", key),
    ):
        with pytest.raises(SecretMissing, match="cannot be opened by the key"):
            opened(name, wrong, by)


def test_a_key_that_is_missing_open_to_others_or_too_short_is_told(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing, match="flowrt secret key"):
        sealed("cloud", VALUE, tmp_path / "none")
    shared = made_key(tmp_path / "shared")
    shared.chmod(0o644)
    with pytest.raises(SecretMissing, match="chmod 600"):
        sealed("cloud", VALUE, shared)
    short = tmp_path / "short"
    short.write_text("YWJj")
    short.chmod(0o600)
    with pytest.raises(SecretMissing, match="holds 3 bytes, a key has 32"):
        sealed("cloud", VALUE, short)


def test_the_key_may_be_a_credential_and_sealed_comes_before_plain(tmp_path: Path) -> None:
    credentials, folder = tmp_path / "credentials", tmp_path / "secrets"
    credentials.mkdir()
    folder.mkdir()
    key = made_key(credentials / "flowrt-key")
    (folder / "cloud.sealed").write_bytes(sealed("cloud", VALUE, key))
    (folder / "cloud").write_text("plain")
    environment = {"CREDENTIALS_DIRECTORY": str(credentials), "FLOWRT_SECRETS": str(folder)}
    assert secret_value("cloud", environment) == VALUE


def test_the_shell_makes_a_key_and_seals(tmp_path: Path) -> None:
    place: dict[str, Any] = {
        "FLOWRT_KEY_FILE": str(tmp_path / "key"),
        "FLOWRT_SECRETS": str(tmp_path / "secrets"),
    }
    assert flowrt("secret", "key", **place).returncode == 0
    assert "is there already" in flowrt("secret", "key", **place).stderr
    done = subprocess.run(
        [str(FLOWRT), "secret", "set", "cloud"],
        input=VALUE + "\n",
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), **place},
        capture_output=True,
        text=True,
        check=True,
    )
    assert VALUE not in done.stdout
    assert flowrt("secret", "list", **place).stdout.split() == ["cloud", "sealed"]
    assert secret_value("cloud", place) == VALUE
    assert flowrt("secret", "remove", "cloud", **place).returncode == 0
    assert "there is no secret" in flowrt("secret", "remove", "cloud", **place).stderr
    assert flowrt("secret", "set", "../x", **place).returncode == 1


def test_a_secret_is_in_no_answer_log_or_file_of_a_running_gateway(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    key = made_key(tmp_path / "key")
    (folder / "cloud.sealed").write_bytes(sealed("cloud", VALUE, key))
    broker = {"type": "mqtt/broker", "host": "127.0.0.1", "port": 1, "username": "rack"}
    flow: dict[str, Any] = {
        "flowrt": 1,
        "name": "rack",
        "resources": {"cloud": {**broker, "password": {"secret": "cloud"}}},
        "nodes": {
            "inject": {"type": "core/inject", "values": {"SOC": 50}},
            "publish": {"type": "mqtt/publish", "broker": "cloud", "topic": "t"},
        },
        "wires": [{"from": "inject", "to": "publish"}],
    }
    environment = {"FLOWRT_SECRETS": str(folder), "FLOWRT_KEY_FILE": str(key)}
    gateway = RunningGateway(tmp_path, environment=environment)
    gateway.put(flow)
    gateway.start()
    try:
        time.sleep(1)
        asked = ("state", "flows", "flows/rack", "flows/rack/check", "logs?level=debug", "audit")
        answers = {path: gateway.ask(f"api/{path}")[0] for path in asked}
        answers["deploy"] = gateway.ask("api/flows/rack/deploy", "POST", {})[0]
        answers["metrics"] = gateway.ask("metrics")[0]
    finally:
        gateway.stop()
    assert "rack" in answers["state"]["flows"]
    assert [path for path, said in answers.items() if VALUE in json.dumps(said)] == []
    written = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in written if VALUE.encode() in file.read_bytes()] == []
