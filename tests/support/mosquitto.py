"""A real mosquitto for tests: started on a free port, stopped afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port

__all__ = ["Mosquitto", "await_listening", "make_certificate", "running_mosquitto"]

_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def program(name: str) -> str:
    """The path of a program; skips the test where it is not installed."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed; run: sh tests/setup/tools.sh")
    return found


def await_listening(port: int) -> None:
    """Return when somebody listens at a port."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.01)
    raise AssertionError(f"nobody listens at port {port}")


@dataclass
class Mosquitto:
    """A mosquitto with a folder of its own; `stop` and `start` make it go and come back."""

    folder: Path
    port: int
    settings: Sequence[str] = ("allow_anonymous true",)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return when it listens."""
        config = self.folder / f"mosquitto-{self.port}.conf"
        user = ("user root",) if os.geteuid() == 0 else ()  # else it cannot read the test's files
        lines = [*user, f"listener {self.port} 127.0.0.1", *self.settings]
        config.write_text("\n".join(lines) + "\n")
        log = (self.folder / f"mosquitto-{self.port}.log").open("ab")
        with log:
            self.process = subprocess.Popen(
                [program("mosquitto"), "-c", str(config)], stdout=log, stderr=log
            )
        await_listening(self.port)

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def subscriber(self, topic: str, *options: str) -> subprocess.Popen[bytes]:
        """A mosquitto_sub that prints `topic payload` lines."""
        command = [program("mosquitto_sub"), "-p", str(self.port), "-t", topic, "-v", *options]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    def publish(self, topic: str, payload: str, *options: str) -> None:
        """Publish with mosquitto_pub."""
        command = [program("mosquitto_pub"), "-p", str(self.port), "-t", topic, "-m", payload]
        subprocess.run([*command, *options], check=True, timeout=10)


@contextlib.contextmanager
def running_mosquitto(folder: Path, *settings: str, port: int = 0) -> Iterator[Mosquitto]:
    """A mosquitto while it is needed; without settings it takes anybody."""
    broker = Mosquitto(folder, port or free_port(), settings or ("allow_anonymous true",))
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and 127.0.0.1, and its key."""
    certificate, key = folder / "broker.crt", folder / "broker.key"
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    return certificate, key
