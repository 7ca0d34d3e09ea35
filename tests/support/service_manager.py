"""What systemd is to a service: a socket that takes its news, a watchdog, and a restart."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.command import FLOWRT
from tests.support.ports import free_port

__all__ = ["ServiceManager"]


@dataclass
class ServiceManager:
    """Starts `flowrt run` in a folder as a Type=notify unit, and listens."""

    folder: Path
    watchdog: float | None = None
    port: int = field(default_factory=free_port)
    news: list[tuple[float, str]] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.folder / "notify"))

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        """Start the service; its log is in the file `log`."""
        limit = {} if self.watchdog is None else {"WATCHDOG_USEC": f"{self.watchdog * 1e6:.0f}"}
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify"), **limit}
        bind = ("--bind", f"127.0.0.1:{self.port}")
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [FLOWRT, "run", "flows", "--data", "data", "--open", *bind, *options],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
            )

    def listen(self, seconds: float) -> list[str]:
        """What comes within a time."""
        deadline, before = time.monotonic() + seconds, len(self.news)
        while (left := deadline - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                text = self._socket.recv(1000).decode()
            except TimeoutError:
                break
            self.news.append((time.monotonic(), text))
        return [text for _, text in self.news[before:]]

    def await_word(self, word: str, seconds: float = 30) -> None:
        """Return when that has come; fails where it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if word in self.listen(0.1):
                return
        raise AssertionError(f"{word} did not come: {(self.folder / 'log').read_text()}")

    def end(self, signal: int) -> int:
        """Send a signal, and wait for the end; the exit code, negative for a signal."""
        assert self.process is not None
        self.process.send_signal(signal)
        return self.process.wait(30)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._socket.close()
