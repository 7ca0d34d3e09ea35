"""What became of the last starts, so that flows which end the process again and again are left out.

    DATA/boots.json    how many starts in a row crashed, and why the last one did
    DATA/crash.log     where every thread was when a fatal signal came, the watchdog's among them

A start counts as crashed where it neither ended in order nor lasted a minute before it was gone.
A machine that lost its power crashes nothing.
"""

from __future__ import annotations

import faulthandler
import fcntl
import logging
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Final

import msgspec

from flowrt.files.store import write_atomically

__all__ = ["CRASHES", "HEALTHY_SECONDS", "Boots", "Past", "clear_safe_mode", "past_of", "why_safe"]

_log = logging.getLogger("flowrt.service")
CRASHES: Final = 3
"""Starts in a row that may crash; the next one is in safe mode."""
HEALTHY_SECONDS: Final = 60.0
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_UNKNOWN: Final = "it was killed without a word: out of memory, or kill -9"


@dataclass(frozen=True, slots=True)
class Past:
    """What the file holds; times are POSIX seconds, of a clock that may have been wrong."""

    crashes: int = 0
    running: bool = False
    machine: str = ""
    """The boot id of the machine at the last start."""
    started: float = 0.0
    reason: str = ""
    """Why the last crash came, kept until the next."""
    crashed: float = 0.0
    """When the start that crashed last was made."""


def past_of(data: Path) -> Past:
    """What is known of the last starts; nothing where the file is missing or damaged."""
    try:
        return msgspec.json.decode((data / "boots.json").read_bytes(), type=Past)
    except FileNotFoundError:
        return Past()
    except (OSError, msgspec.DecodeError) as error:
        _log.warning("%s: is left out: %s", data / "boots.json", error)
        return Past()


class Boots:
    """This start: `begin`, then `alive` from time to time, then `end`."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._past = Past()
        self._begun = 0.0
        self._files: list[IO[str]] = []
        self._is_ours = False
        self._is_proved = False

    def begin(self) -> str:
        """Take note of the start; says why it should be in safe mode, if it should."""
        self._begun = time.monotonic()
        try:
            self._is_ours = self._lock()
            if not self._is_ours:
                text = "another flowrt run keeps its data in %s: crashes are not counted"
                _log.warning(text, self._data)
                return ""
            self._past = _judged(past_of(self._data), self._crash_log())
            self._write(running=True, machine=_machine(), started=time.time())
            self._listen()
        except OSError as error:
            _log.error("%s: starts are not counted: %s", self._data, error)
            self._is_ours = False
        return why_safe(self._past)

    def alive(self) -> None:
        """The engine runs its flows; once it did so for a minute, the crashes are forgotten."""
        if self._is_proved or time.monotonic() - self._begun < HEALTHY_SECONDS:
            return
        self._is_proved = True
        self._keep(crashes=0)

    def restarted(self) -> None:
        """Nothing runs in safe mode: the minute begins when it is left."""
        self._begun = time.monotonic()

    def end(self) -> None:
        """The process ends in order."""
        self._keep(running=False)
        if self._files and faulthandler.is_enabled():
            faulthandler.disable()
        for file in self._files:
            file.close()
        self._files.clear()
        self._is_ours = False

    # --- on disk

    def _lock(self) -> bool:
        """Whether nobody else counts starts here; held until the process is gone."""
        self._data.mkdir(parents=True, exist_ok=True)
        file = (self._data / "boots.lock").open("w", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._files.append(file)
        return True

    def _crash_log(self) -> str:
        try:
            return (self._data / "crash.log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""

    def _listen(self) -> None:
        """Let a fatal signal write where the threads are; the file stays open for it."""
        file = (self._data / "crash.log").open("w", encoding="utf-8")
        self._files.append(file)
        faulthandler.enable(file, all_threads=True)

    def _keep(self, *, crashes: int | None = None, running: bool | None = None) -> None:
        if not self._is_ours:
            return
        known = self._past
        try:
            self._write(
                crashes=known.crashes if crashes is None else crashes,
                running=known.running if running is None else running,
            )
        except OSError as error:
            _log.error("%s: starts are not counted: %s", self._data, error)

    def _write(self, **changes: object) -> None:
        self._past = replace(self._past, **changes)  # type: ignore[arg-type]
        write_atomically(self._data / "boots.json", msgspec.json.encode(asdict(self._past)))


def clear_safe_mode(data: Path) -> bool:
    """Forget the crashes, so that the next start runs its flows; says whether there were any."""
    past = past_of(data)
    if past.crashes:
        cleared = replace(past, crashes=0)
        write_atomically(data / "boots.json", msgspec.json.encode(asdict(cleared)))
    return bool(past.crashes)


def _judged(past: Past, crash_log: str) -> Past:
    """The past with its last start among the crashes, if it was one."""
    same_machine_boot = past.machine == _machine()
    if not past.running or not same_machine_boot:
        return replace(past, running=False)
    reason = _told_by(crash_log) or _UNKNOWN
    return replace(past, crashes=past.crashes + 1, reason=reason, crashed=past.started)


def _told_by(crash_log: str) -> str:
    """`Fatal Python error: Aborted, in File "x.py", line 12 in on_message`."""
    lines = [line.strip() for line in crash_log.splitlines()]
    what = next((line for line in lines if line.startswith("Fatal")), "")
    current = next((i for i, line in enumerate(lines) if line.startswith("Current thread")), None)
    places = [line for line in lines[current or 0 :] if line.startswith("File ")]
    return f"{what}, in {places[0]}" if what and places else what


def why_safe(past: Past) -> str:
    """Why the next start should run no flow; empty where it may."""
    if past.crashes < CRASHES:
        return ""
    return f"the last {past.crashes} starts crashed; the last one: {past.reason}"


def _machine() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return f"since {os.uname().nodename}"
