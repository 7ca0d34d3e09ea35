"""What a flow test expects at a port, and how it says what came instead."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flowrt.setting import parse_duration

__all__ = ["Expectation", "Failure", "matches"]

_CLOSE: Final = 1e-9
"""Relative difference within which two floats are equal: arithmetic noise, no more."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that was not met: the port, what was wanted, what came."""

    port: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class Expectation:
    """One entry of `expect`; `what` is equals, contains, count or nothing.

    `after` and `before` bound the messages that count, in seconds from the test's start.
    """

    port: str
    what: str
    value: Any
    after: float = 0.0
    before: float = math.inf

    @classmethod
    def read(cls, entry: Mapping[str, Any]) -> Expectation:
        """From an entry that the schema has found well formed."""
        what = next(key for key in ("equals", "contains", "count", "nothing") if key in entry)
        return cls(
            entry["port"],
            what,
            entry[what],
            parse_duration(entry.get("after", 0.0)),
            parse_duration(entry["before"]) if "before" in entry else math.inf,
        )

    def judge(self, seen: Sequence[Mapping[str, Any]]) -> Failure | None:
        """Hold the records seen at the port against it."""
        counted = [record for record in seen if self.after <= record["time"] <= self.before]
        if self._met(counted):
            return None
        return Failure(self.port, self._wanted(), _listed(counted))

    def _met(self, records: Sequence[Mapping[str, Any]]) -> bool:
        if self.what == "count":
            return len(records) == int(self.value)
        if self.what == "nothing":
            return not records
        if self.what == "contains":
            return any(matches(self.value, record) for record in records)
        return len(records) == len(self.value) and all(map(matches, self.value, records))

    def _wanted(self) -> str:
        when = ""
        if self.after or self.before < math.inf:
            end = "the end" if self.before == math.inf else f"{self.before:g} s"
            when = f" between {self.after:g} s and {end}"
        match self.what:
            case "count":
                return f"{self.value} messages{when}"
            case "nothing":
                return f"nothing{when}"
            case "contains":
                return f"a message like {_text(self.value)}{when}"
            case _:
                return f"exactly{when}:\n{_listed(self.value)}"


def matches(wanted: Any, got: Any) -> bool:
    """Whether a record has all that is wanted; what is not mentioned does not matter.

    {"approx": 3.3, "tolerance": 0.01} stands for a number near by.
    """
    if isinstance(wanted, Mapping) and "approx" in wanted:
        tolerance = wanted.get("tolerance", 1e-6)
        return isinstance(got, int | float) and abs(got - wanted["approx"]) <= tolerance
    if isinstance(wanted, Mapping):
        return isinstance(got, Mapping) and all(
            key in got and matches(value, got[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(matches, wanted, got))
    if isinstance(wanted, float) and isinstance(got, int | float):
        return math.isclose(wanted, got, rel_tol=_CLOSE)
    return (
        type(wanted) is type(got) and wanted == got if isinstance(wanted, bool) else wanted == got
    )


def _listed(records: Sequence[Any]) -> str:
    return "\n".join(f"  {_text(record)}" for record in records) or "  nothing"


def _text(record: Any) -> str:
    return json.dumps(record, ensure_ascii=False)
