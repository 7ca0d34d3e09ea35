"""How one make of battery tells what every battery tells: a table in a JSON file."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from flowrt.node import NodeFault
from nodes.bess.quantities import ALARMS, QUANTITIES

__all__ = ["Alarm", "Dialect", "KeepAlive", "Profile", "Reading", "load_profile"]

_FRAME = re.compile(r"^([0-9A-F]{3}|[0-9A-F]{8})#((?:[0-9A-F]{2}){0,8})$")


class Reading(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"source": "from"}):
    """Where a reading comes from, `Message.Signal` or `Signal` of any message, and its quirks.

    Reading = value x `scale` + `offset`, without its sign where `magnitude` says so; the values
    in `invalid` mean not available; `map` turns codes into readings, and others into None.
    `exponent` is the signal of the same message that has the power of ten (SunSpec's scale
    factors); `position` reads a number as module and cell, one byte each: 518 is "2.6"; `within`
    are signals of the same message that say in which string and module it lies: "0.2.6".
    """

    source: str
    scale: float = 1.0
    offset: float = 0.0
    magnitude: bool = False
    invalid: tuple[float, ...] = ()
    map: dict[str, float] | None = None
    exponent: str = ""
    position: bool = False
    within: tuple[str, ...] = ()


class Alarm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The flags of one alarm: those by which the battery protects itself, those that warn.

    `Message.Signal` is a flag by itself, `Message.Signal#3` the bit 3 of a signal.
    """

    protection: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()


class KeepAlive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the battery wants to hear: frames as candump writes them, each `every` seconds."""

    every: float
    frames: tuple[str, ...]

    def parts(self) -> list[tuple[int, bool, bytes]]:
        """Id, whether it is a 29-bit one, and data of each frame; raises ValueError."""
        found = [(text, _FRAME.match(text)) for text in self.frames]
        for text, match in found:
            if match is None:
                raise ValueError(f'"{text}" is no frame; write it like 305#0000000000000000')
        return [
            (int(match[1], 16), len(match[1]) == 8, bytes.fromhex(match[2]))
            for _, match in found
            if match is not None
        ]


Sources: TypeAlias = str | Reading | list[str | Reading]
"""One place where a reading may be, or several, of which the first that is there counts."""


class Dialect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In what a variant differs from the profile; a reading of null is not told."""

    title: str
    database: str | None = None
    core: tuple[str, ...] | None = None
    signals: dict[str, Sources | None] = {}
    alarms: dict[str, Alarm | None] = {}


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A make of battery.

    `facts` says where the layout is known from, `timeout` after how many seconds without one of
    the `core` messages (any, where it names none) it is lost, `flags` whether an alarm is a bit
    or SMA's pair of bits.
    """

    title: str
    facts: tuple[str, ...]
    timeout: float
    signals: dict[str, Sources]
    core: tuple[str, ...] = ()
    database: str | None = None
    registers: str | None = None
    alarms: dict[str, Alarm] = {}
    flags: Literal["bit", "pair"] = "bit"
    keep_alive: KeepAlive | None = None
    dialects: dict[str, Dialect] = {}

    def spoken(self, dialect: str) -> Profile:
        """The profile with a dialect's changes; raises KeyError."""
        if not dialect:
            return self
        chosen = self.dialects[dialect]
        signals = {**self.signals, **chosen.signals}
        alarms = {**self.alarms, **chosen.alarms}
        return msgspec.structs.replace(
            self,
            database=chosen.database or self.database,
            core=self.core if chosen.core is None else chosen.core,
            signals={name: told for name, told in signals.items() if told is not None},
            alarms={name: alarm for name, alarm in alarms.items() if alarm is not None},
        )

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Each normalised reading with each place where it may be, in order of preference."""
        for name, told in self.signals.items():
            for place in told if isinstance(told, list) else [told]:
                yield name, Reading(place) if isinstance(place, str) else place

    def mistakes(self) -> Iterator[str]:
        """What the file's schema cannot say is wrong."""
        parts: list[Profile | Dialect] = [self, *self.dialects.values()]
        for part in parts:
            yield from _unknown(part.signals, QUANTITIES, "reading")
            yield from _unknown(part.alarms, ALARMS, "alarm")
        if self.timeout <= 0:
            yield f"timeout must be more than 0, not {self.timeout:g}."
        if self.keep_alive is not None:
            try:
                self.keep_alive.parts()
            except ValueError as error:
                yield f"keep_alive: {error}."


def _unknown(names: Iterable[str], known: dict[str, str], what: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            yield f'"{name}" is no {what} that batteries tell.{hint}'


def load_profile(path: Path) -> Profile:
    """The profile of a file; raises NodeFault with file, place and remedy."""
    try:
        return _load(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise NodeFault(f"{path} cannot be read: {error.strerror}. Is the path right?") from error


@functools.lru_cache(maxsize=64)
def _load(path: Path, _modified: int) -> Profile:
    try:
        profile = msgspec.json.decode(path.read_bytes(), type=Profile)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NodeFault(
            f"{path} is no battery profile: {error}. Compare it with profiles/pylontech-lv.json."
        ) from error
    if mistakes := list(profile.mistakes()):
        raise NodeFault(f"{path}: {' '.join(mistakes)}")
    return profile
