"""Brokers that the tests of this pack share."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mosquitto import Mosquitto, make_certificate, program, running_mosquitto


@pytest.fixture(scope="session")
def shared_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker for tests that use topics of their own and leave it running."""
    with running_mosquitto(tmp_path_factory.mktemp("mosquitto")) as broker:
        yield broker


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker that the test may stop and start."""
    with running_mosquitto(tmp_path) as broker:
        yield broker


@pytest.fixture(scope="session")
def guarded_mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """A broker that takes only the user `gateway` with the password `sesame`."""
    folder = tmp_path_factory.mktemp("guarded")
    users = folder / "users"
    command = [program("mosquitto_passwd"), "-b", "-c", str(users), "gateway", "sesame"]
    subprocess.run(command, check=True, capture_output=True)
    with running_mosquitto(folder, f"password_file {users}") as broker:
        yield broker


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate and its key."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="session")
def tls_mosquitto(
    tmp_path_factory: pytest.TempPathFactory, certificate: tuple[Path, Path]
) -> Iterator[Mosquitto]:
    """A broker that speaks TLS with that certificate."""
    settings = (
        "allow_anonymous true",
        f"certfile {certificate[0]}",
        f"keyfile {certificate[1]}",
    )
    with running_mosquitto(tmp_path_factory.mktemp("tls-broker"), *settings) as broker:
        yield broker
