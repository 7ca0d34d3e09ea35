"""A real nats-server with a JetStream for tests: started on a free port, stopped afterwards."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.mosquitto import await_listening, program
from tests.support.ports import free_port

__all__ = ["NatsServer", "running_nats"]


@dataclass
class NatsServer:
    """A server with a folder of its own; `stop` and `start` make it go and come back."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and return when it listens."""
        at = ("-a", "127.0.0.1", "-p", str(self.port), "-js", "-sd", str(self.folder / "stream"))
        with (self.folder / "nats.log").open("ab") as log:
            self.process = subprocess.Popen([program("nats-server"), *at], stdout=log, stderr=log)
        await_listening(self.port)

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def running_nats(folder: Path) -> Iterator[NatsServer]:
    """A server while it is needed."""
    server = NatsServer(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
