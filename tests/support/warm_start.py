"""Starts `flowrt run` many times from one process that has its modules in memory already.

Run as `python -m tests.support.warm_start`: each line it reads is a list of arguments, an
environment and a log; it forks, and answers with the process id. The forked process then is a
`flowrt` command like any other, with its own event loop; only the imports are shared.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from flowrt.cli.main import main as flowrt
from flowrt.describe import all_types

__all__ = ["Forked", "WarmStart"]


class Forked:
    """A process that is no child of this one; what is needed of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self._fd = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if select.select([self._fd], [], [], 0)[0] else None

    def send_signal(self, number: int) -> None:
        """Send a signal; nothing where it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._fd, number)

    def wait(self, timeout: float) -> int:
        """Wait for its end; raises TimeoutError."""
        if not select.select([self._fd], [], [], timeout)[0]:
            raise TimeoutError(f"it still runs after {timeout:g} s")
        os.close(self._fd)
        return 0


class WarmStart:
    """That process, seen from a test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __call__(self, arguments: list[str], environment: dict[str, str], log: Path) -> Forked:
        """Start `flowrt` with some arguments."""
        wanted = {"arguments": arguments, "environment": environment, "log": str(log)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))

    def close(self) -> None:
        """End; what was started and still runs is not touched."""
        self._process.communicate()


_HEAVY: Final = ("can", "cantools", "networkx", "numpy", "flowrt.cli.run", "flowrt.web.app")
"""What takes long to import; python-can brings pandas where the mf4 extra is installed."""


def main() -> None:
    """Import, then fork for each line."""
    for module in _HEAVY:
        importlib.import_module(module)
    all_types()  # reads every pack
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the started ones
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        print(child, flush=True)


def _become(wanted: dict[str, Any]) -> None:
    """Be `flowrt` from here on; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(wanted["environment"])
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(log, stream.fileno())
    sys.argv = ["flowrt", *wanted["arguments"]]
    flowrt()
    os._exit(0)


if __name__ == "__main__":
    main()
