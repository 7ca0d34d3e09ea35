"""The profiles that ship, as a page of the documentation: `flowrt docs` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nodes.bess.profile import Profile, Reading, load_profile
from nodes.bess.quantities import ALARMS, QUANTITIES

__all__ = ["page"]

_GROUPS = {
    "voltage, current, power": ("PackVoltage", "PackCurrent", "PackPower"),
    "SOC, SOH": ("SOC", "SOH"),
    "cells, with position": ("CellVoltageMin", "CellOfVoltageMin"),
    "cell temperatures": ("CellTemperatureMin",),
    "limits": ("ChargeCurrentLimit",),
    "contactor": ("ContactorClosed",),
}


def page() -> str:
    """Timeouts, keep-alives and quirks of every profile, and what each tells."""
    files = sorted((Path(__file__).parent / "profiles").glob("*.json"))
    profiles = {file.stem: load_profile(file) for file in files}
    return "\n".join([*_head(), *_silence(profiles), *_told(profiles), *_quirks(profiles), ""])


def _head() -> Iterator[str]:
    yield from ("# Battery profiles", "", "Printed from the profiles by `make docs`.", "")


def _silence(profiles: dict[str, Profile]) -> Iterator[str]:
    yield "| profile | battery | lost after | without | wants to hear |"
    yield "|---|---|---|---|---|"
    for name, profile in profiles.items():
        without = f"{profile.timeout:g} s | {', '.join(profile.core) or 'any reading'}"
        yield f"| `{name}` | {profile.title} | {without} | {_hears(profile)} |"
    yield ""


def _hears(profile: Profile) -> str:
    if profile.keep_alive is None:
        return "nothing known" if profile.database else "polls"
    frames = ", ".join(f"`{frame}`" for frame in profile.keep_alive.frames)
    return f"{frames} each {profile.keep_alive.every:g} s"


def _told(profiles: dict[str, Profile]) -> Iterator[str]:
    yield from ("## What each tells", "")
    yield f"| profile | {' | '.join(_GROUPS)} | readings | alarms |"
    yield "|---" * (len(_GROUPS) + 3) + "|"
    for name, profile in profiles.items():
        known = set(profile.signals)
        if {"PackVoltage", "PackCurrent"} <= known:
            known.add("PackPower")  # their product
        groups = [_share(known, group) for group in _GROUPS.values()]
        counts = f"{len(known)} of {len(QUANTITIES) - 1} | {len(profile.alarms)} of {len(ALARMS)}"
        yield f"| `{name}` | {' | '.join(groups)} | {counts} |"
    yield from (
        "",
        "What is missing is not in the sources that a profile names, or not sure there.",
        "",
    )


def _share(known: set[str], group: tuple[str, ...]) -> str:
    found = sum(name in known for name in group)
    return "yes" if found == len(group) else "in part" if found else "no"


def _quirks(profiles: dict[str, Profile]) -> Iterator[str]:
    yield from ("## Quirks, dialects and sources", "")
    for name, profile in profiles.items():
        yield from (f"### {name}", "")
        if profile.flags == "pair":
            yield "- An alarm is a pair of bits: 1 raised, 2 well, 0 not supported."
        yield from (f"- {quirk}" for quirk in map(_quirk, *_columns(profile)) if quirk)
        yield from (f"- Dialect `{key}`: {one.title}." for key, one in profile.dialects.items())
        yield from (f"- {fact}." for fact in profile.facts)
        yield ""


def _columns(profile: Profile) -> tuple[list[str], list[Reading]]:
    pairs = list(profile.readings())
    return [name for name, _ in pairs], [reading for _, reading in pairs]


def _quirk(name: str, reading: Reading) -> str:
    """What is changed of a reading, in words."""
    parts = []
    if reading.scale < 0:
        parts.append("the sign is turned")
    if abs(reading.scale) != 1:
        parts.append(f"times {abs(reading.scale):g}")
    if reading.offset:
        parts.append(f"{reading.offset:+g} is added")
    if reading.magnitude:
        parts.append("its size, without the sign")
    if reading.invalid:
        codes = ", ".join(f"{code:g}" for code in reading.invalid)
        parts.append(f"{codes} is not available")
    if reading.map is not None:
        parts.append(", ".join(f"{key} means {value:g}" for key, value in reading.map.items()))
    if reading.exponent:
        parts.append(f"times ten to the power of {reading.exponent}")
    if reading.within:
        parts.append("string, module and cell")
    if reading.position:
        parts.append("module and cell, a byte each")
    return f"{name}: {'; '.join(parts)}." if parts else ""
