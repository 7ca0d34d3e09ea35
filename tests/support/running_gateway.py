"""A gateway as a user starts it: `flowrt run` as a process of its own, stopped and started."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.command import FLOWRT
from tests.support.ports import free_port
from tests.support.warm_start import Forked, WarmStart

__all__ = ["RunningGateway"]


@dataclass
class RunningGateway:
    """`flowrt run FOLDER/flows`; `url` stays the same when it is started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    is_open: bool = True
    """Whether anybody may do everything, so that a test need not log in."""
    tls: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    warm: WarmStart | None = None
    """Starts it at once, without reading the packs anew."""
    process: subprocess.Popen[bytes] | Forked | None = None

    def __post_init__(self) -> None:
        self.flows.mkdir(parents=True, exist_ok=True)

    @property
    def flows(self) -> Path:
        """The folder of its flows."""
        return self.folder / "flows"

    @property
    def url(self) -> str:
        """Where the editor is."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}/"

    @property
    def certificate(self) -> Path:
        """The certificate that it makes for itself with `tls`."""
        return self.folder / "data" / "tls" / "certificate.pem"

    def put(self, document: Mapping[str, Any]) -> None:
        """Write a flow into its folder."""
        (self.flows / f"{document['name']}.json").write_text(json.dumps(document, indent=2))

    def read(self, name: str) -> Any:
        """A flow's file, as it is on disk."""
        return json.loads((self.flows / f"{name}.json").read_text())

    def start(self) -> None:
        """Start, and return when it answers."""
        where = ("--bind", f"127.0.0.1:{self.port}", "--data", str(self.folder / "data"))
        arguments = ["run", str(self.flows), *where, *self.options]
        arguments += ["--open"] if self.is_open else []
        arguments += ["--tls"] if self.tls else []
        self.process = self._run(arguments, self.folder / "log")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError((self.folder / "log").read_text())
            try:
                self.ask("healthz")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
            else:
                return
        raise AssertionError(f"no answer at {self.url}: {(self.folder / 'log').read_text()}")

    def _run(self, arguments: list[str], log: Path) -> subprocess.Popen[bytes] | Forked:
        if self.warm is not None:
            return self.warm(arguments, self.environment, log)
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(FLOWRT), *arguments],
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
            )

    def kill(self) -> None:
        """End at once, where nobody looks any more."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(timeout=20)
            self.process = None

    def stop(self) -> None:
        """Stop as systemd does; the flows drain."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self.process = None

    def ask(
        self, path: str, method: str = "GET", body: Any = None, **headers: str
    ) -> tuple[Any, Mapping[str, str]]:
        """One request of the API, as another client would make it: the answer and its headers."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path,
            data=data,
            method=method,
            headers={"Content-Type": "application/json", **headers},
        )
        with urllib.request.urlopen(request, timeout=20, context=self._trust()) as answer:
            text = answer.read()
            found = text.decode() if not text.startswith((b"{", b"[")) else json.loads(text)
            return found, answer.headers

    def _trust(self) -> ssl.SSLContext | None:
        known = self.tls and self.certificate.exists()
        return ssl.create_default_context(cafile=str(self.certificate)) if known else None
