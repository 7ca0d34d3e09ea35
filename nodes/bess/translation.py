"""From a make's readings to the normalised ones, message by message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flowrt.node import Signals, Value
from nodes.bess.profile import Profile, Reading

__all__ = ["Translation"]

_MOST_SOURCES: Final = 1000
"""Sources of which it is remembered what they tell."""
_PAIR: Final = {0: None, 1: 1, 2: 0}
"""SMA's pairs of bits: 0 not supported, 1 raised, 2 well; 3 means nothing."""
_BIT: Final = {0: 0, 1: 1}

_Place = tuple[str, str, Reading]
_Flag = tuple[str, str, int, int]
"""Signal, alarm, level, and bit of the signal; -1 for the whole."""


class Translation:
    """What a profile says, arranged by the message that comes."""

    def __init__(self, profile: Profile) -> None:
        self._readings = [
            (*_split(reading.source), name, reading) for name, reading in profile.readings()
        ]
        self._flags = [
            (*_split(flag.partition("#")[0]), name, level, int(flag.partition("#")[2] or -1))
            for name, alarm in profile.alarms.items()
            for level, flags in ((2, alarm.protection), (1, alarm.warning))
            for flag in flags
        ]
        self._meaning = _PAIR if profile.flags == "pair" else _BIT
        self._power = "PackPower" not in profile.signals
        self._by_source: dict[str, tuple[list[_Place], list[_Flag]]] = {}

    def signals(self) -> list[str]:
        """What it looks at, as patterns of qualified names."""
        every = [
            *((message, signal) for message, signal, *_ in self._readings),
            *((message, signal) for message, signal, *_ in self._flags),
            *((message, r.exponent) for message, _, _, r in self._readings if r.exponent),
            *((message, name) for message, _, _, r in self._readings for name in r.within),
        ]
        return [f"*{message}.{signal}" if message else signal for message, signal in every]

    def __call__(self, message: Signals) -> dict[str, Value]:
        """The normalised readings of a message; those that are not available are None."""
        readings, flags = self._of(message.source)
        given = message.values
        values: dict[str, Value] = {}
        for signal, name, reading in readings:
            if signal in given and values.get(name) is None:
                values[name] = told(given[signal], reading, given)
        for signal, name, level, bit in flags:
            if signal in given:
                flag = given[signal] if bit < 0 else _bit(given[signal], bit)
                values[name] = _worse(values.get(name), self._level(flag, level))
        if self._power:
            _add_power(values)
        return values

    def _level(self, flag: Value, level: int) -> int | None:
        raised = self._meaning.get(flag) if isinstance(flag, int) else None
        return None if raised is None else raised * level

    def _of(self, source: str) -> tuple[list[_Place], list[_Flag]]:
        known = self._by_source.get(source)
        if known is None:
            tail = source.rpartition("/")[2]
            known = (
                [(s, name, reading) for m, s, name, reading in self._readings if m in ("", tail)],
                [(s, name, lv, bit) for m, s, name, lv, bit in self._flags if m in ("", tail)],
            )
            if len(self._by_source) < _MOST_SOURCES:
                self._by_source[source] = known
        return known


def told(value: Value, reading: Reading, given: Mapping[str, Value]) -> Value:
    """A value with the make's quirks taken out; `given` are the others of its message."""
    if value is None or isinstance(value, str):
        return value
    if reading.map is not None:
        return reading.map.get(f"{value:g}")
    if value != value or any(abs(value - code) < 1e-6 for code in reading.invalid):
        return None
    if reading.position:
        return f"{int(value) >> 8}.{int(value) & 0xFF}"
    if reading.within:
        place = [given.get(name) for name in reading.within]
        return None if None in place else ".".join(f"{part:g}" for part in (*place, value))
    if reading.exponent:
        power = given.get(reading.exponent)
        if not isinstance(power, int):
            return None
        value = round(value * 10.0**power, 9)
    if reading.scale != 1 or reading.offset:
        value = round(value * reading.scale + reading.offset, 9)
    return abs(value) if reading.magnitude else value


def _bit(value: Value, bit: int) -> int | None:
    return value >> bit & 1 if isinstance(value, int) else None


def _worse(one: Value, other: int | None) -> Value:
    if other is None:
        return one
    return max(one, other) if isinstance(one, int) else other


def _add_power(values: dict[str, Value]) -> None:
    voltage, current = values.get("PackVoltage"), values.get("PackCurrent")
    if isinstance(voltage, int | float) and isinstance(current, int | float):
        values["PackPower"] = round(voltage * current, 3)
    elif "PackVoltage" in values and "PackCurrent" in values:
        values["PackPower"] = None


def _split(name: str) -> tuple[str, str]:
    message, _, signal = name.rpartition(".")
    return message, signal


def levels_of(values: Mapping[str, Value]) -> dict[str, int]:
    """The alarms among the readings that say how they are."""
    return {
        name: value
        for name, value in values.items()
        if name.startswith("Alarm") and isinstance(value, int)
    }
